"""Runs programs in wasmtime for bench/sfi, one request a line:

    open PATH          -> "ok"
    call SCALE         -> "<CPU nanoseconds of the call> <checksum>"

The first line of output names the version. Compiled with wasmtime's defaults: Cranelift,
optimised for speed, for the CPU that this runs on.
"""
import importlib.metadata
import sys
import time

import wasmtime

LOW_64_BITS = (1 << 64) - 1


def load(engine, path):
    store = wasmtime.Store(engine)
    module = wasmtime.Module.from_file(engine, path)
    instance = wasmtime.Instance(store, module, [])
    run = instance.exports(store)["run"]
    return lambda scale: run(store, scale)


def main():
    engine = wasmtime.Engine()
    run = None
    print(importlib.metadata.version("wasmtime"), flush=True)
    for line in sys.stdin:
        what, argument = line.rstrip("\n").split(" ", 1)
        if what == "open":
            run = load(engine, argument)
            print("ok", flush=True)
        else:
            scale = int(argument)
            start = time.thread_time_ns()
            checksum = run(scale)
            print(time.thread_time_ns() - start, checksum & LOW_64_BITS, flush=True)


main()
