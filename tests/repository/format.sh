#!/bin/bash
exec tools/format --check
