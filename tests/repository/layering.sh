#!/bin/bash
exec tools/layering
