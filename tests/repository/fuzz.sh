#!/bin/bash
exec tools/fuzz
