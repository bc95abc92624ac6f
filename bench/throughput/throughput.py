#!/usr/bin/env python3
"""
Throughput of `reclave serve`: requests over HTTP (the wasm executor's listener), load by wrk (closed loop) and
hey (a fixed rate). bench/README.md says what the tables mean.

    throughput [--results FOLDER] [--rounds N] [--backend B] [--quick]
"""
import argparse
import csv
import os
import re
import statistics
import sys
import threading

sys.path.insert(0, os.path.join(os.getcwd(), "tests", "serve"))
from sealing import *

PARAMETERS = {"name": "Ada Lovelace", "tags": ["engine", "notes", "numbers"] * 20,
              "address": {"street": "St James's Square", "city": "London"}, "text": "x" * 300}

options = argparse.ArgumentParser()
options.add_argument("--results")
options.add_argument("--rounds", type=int, default=3)
options.add_argument("--backend", default="auto")
options.add_argument("--quick", action="store_true")
options = options.parse_args()
seconds = 1 if options.quick else 4
rounds = 1 if options.quick else options.rounds


def table(name, title, columns, rows):
    widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]
    print(title)
    for row in [columns, *rows]:
        print("  " + "  ".join(str(cell).rjust(width) for cell, width in zip(row, widths)))
    print(flush=True)
    if options.results:
        with open(os.path.join(options.results, f"throughput-{name}.csv"), "w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])


def guest(name):
    path = os.path.join(BUILD, "bench", name + ".rcl")
    with open(path, "rb") as file:
        return file.read()


NOOP, TRANSFORM, SPIN = guest("throughput-noop"), guest("throughput-transform"), guest("throughput-spin")


def wrk(port, paths, body, clients):
    """Requests per second, p50 and p99 in ms of the median round; fails if an answer was no 200."""
    script = os.path.join(scratch, "load.lua")
    with open(script, "w") as file:
        file.write(f"""
local paths, at = {{{",".join(f'"{path}"' for path in paths)}}}, 0
wrk.method, wrk.body = "POST", [==[{json.dumps(body)}]==]
wrk.headers["Content-Type"] = "application/json"
function request() at = at % #paths + 1; return wrk.format(nil, paths[at]) end
function done(summary, latency)
    local e = summary.errors
    io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        e.status + e.read + e.write + e.timeout + e.connect))
end""")
    results = []
    for _ in range(rounds):
        out = subprocess.run(["wrk", "-t1", "--timeout", "30s", f"-c{clients}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}"],
                             capture_output=True, text=True, check=True).stdout
        rate, p50, p99, errors = map(float, re.search(r"RESULT (\S+) (\S+) (\S+) (\S+)", out).groups())
        assert errors == 0, out
        results.append((rate, p50, p99))
    return sorted(results)[len(results) // 2]


def hey(port, path, body, rate):
    """p50 and p99 in ms at a fixed rate."""
    file = os.path.join(scratch, "body")
    with open(file, "w") as out:
        json.dump(body, out)
    clients = 8
    out = subprocess.run(["hey", "-z", f"{seconds}s", "-c", str(clients), "-q", str(max(1, int(rate / clients))), "-m",
                          "POST", "-T", "application/json", "-D", file, "-o", "csv", f"http://127.0.0.1:{port}{path}"],
                         capture_output=True, text=True, check=True).stdout
    rows = list(csv.DictReader(out.splitlines()))
    assert rows and all(row["status-code"] == "200" for row in rows)
    times = sorted(float(row["response-time"]) * 1e3 for row in rows)
    return len(times) / seconds, times[len(times) // 2], times[int(len(times) * 0.99)]


def round_all(values):
    return [round(value, 3 if value < 10 else 1 if value < 1000 else None) for value in values]


def functions(count):
    """The transform under other names: as many functions."""
    return [TRANSFORM.replace(b"transform-000", b"transform-%03d" % number) for number in range(count)]


def serving(*more):
    serve = Serve("--backend", options.backend, "--queue-limit", "1000", *more)
    for name, code in (("noop", NOOP), ("transform", TRANSFORM), ("spin", SPIN)):
        status, body, _ = request(serve.wow, "POST", f"/{name}/init", {"value": {"code": b64(code), "binary": True}})
        assert status == 200, body
    return serve


def closed_loop(serve):
    rows = []
    for name, body in (("noop", {}), ("transform", PARAMETERS), ("spin", {})):
        for clients in (1, 2, 4, 16, 64):
            rows.append([name, clients, *round_all(wrk(serve.wow, [f"/{name}/run"], {"value": body}, clients))])
    table("closed", "Closed loop: each client asks again when it has its answer",
          ["function", "clients", "per s", "p50 ms", "p99 ms"], rows)
    return {(row[0], row[1]): row[2] for row in rows}


def open_loop(serve, best):
    rows = []
    for part in (0.3, 0.5, 0.7, 0.9):
        got, p50, p99 = hey(serve.wow, "/transform/run", {"value": PARAMETERS}, best * part)
        rows.append([f"{part:.0%}", *round_all([got, p50, p99, p99 / p50])])
    table("open", "A fixed rate (transform): parts of the best of the closed loop",
          ["rate", "per s", "p50 ms", "p99 ms", "p99/p50"], rows)


def alternating(serve):
    count = 10 if options.quick else 100
    for number, code in enumerate(functions(count)):
        status, body, _ = request(serve.wow, "POST", f"/f{number}/init", {"value": {"code": b64(code), "binary": True}})
        assert status == 200, body
    rows = []
    for many in sorted({1, 10, count}):
        paths = [f"/f{number}/run" for number in range(many)]
        for clients in (1, 16):
            rows.append([many, clients, *round_all(wrk(serve.wow, paths, {"value": PARAMETERS}, clients))])
    table("functions", "Alternating among functions (3 slots for each worker): what does not fit is loaded again",
          ["functions", "clients", "per s", "p50 ms", "p99 ms"], rows)


def rewind_share(serve):
    """What the slots were busy with, from the daemon's own histograms."""
    before = request(serve.admin, "GET", "/metrics")[1]
    wrk(serve.wow, ["/transform/run"], {"value": PARAMETERS}, 16)
    after = request(serve.admin, "GET", "/metrics")[1]

    def mean_us(name):
        total, number = (float(re.search(rf"^{name}_{what} (\S+)$", after, re.M).group(1)) -
                         float(re.search(rf"^{name}_{what} (\S+)$", before, re.M).group(1)) for what in ("sum", "count"))
        return total / number * 1e6

    run, rewind = mean_us("reclave_run_seconds"), mean_us("reclave_rewind_seconds")
    table("rewind", "Rewinding (transform, 16 clients): means, and the part of a slot's time if it were never idle",
          ["run us", "rewind us", "rewind part"], [[round(run, 1), round(rewind, 1), f"{rewind / (run + rewind):.1%}"]])


def sealed(path):
    """The transform in the clear and encrypted, with and without evidence, in one enclave. Encrypted: the same request
    again and again, which an enclave answers each time (SECURITY.md); what the caller does is not in it."""
    with Node("--backend", options.backend, "--queue-limit", "1000", "--workers", "1") as node:
        node.put("transform", path)
        envelope = recorded(node, "transform", path, json.dumps(PARAMETERS))[0]
        request(node.wow, "POST", "/transform/init", {"value": {"code": b64(TRANSFORM), "binary": True}})
        rows, plain = [], {}
        for name, body in (("in the clear", PARAMETERS),
                           ("... with evidence", {**PARAMETERS, "reclave_nonce": "00" * 16}),
                           ("encrypted", {"reclave_envelope": envelope}),
                           ("... with evidence", {"reclave_envelope": envelope, "reclave_evidence": True})):
            for clients in (1, 16):
                rate, p50, p99 = wrk(node.wow, ["/transform/run"], {"value": body}, clients)
                plain.setdefault(clients, rate)
                rows.append([name, clients, *round_all([rate, p50, p99]), f"{rate / plain[clients]:.2f}"])
        table("sealed", "Encrypted against plain (transform, single requests, one worker)",
              ["calls", "clients", "per s", "p50 ms", "p99 ms", "of plain"], rows)


def per_process(command, text):
    """Requests per second of a process for each, two at a time."""
    deadline, counts = time.monotonic() + seconds, [0, 0]

    def loop(index):
        while time.monotonic() < deadline:
            done = subprocess.run(command, input=text, capture_output=True)
            assert done.returncode == 0, done.stderr
            counts[index] += 1

    threads = [threading.Thread(target=loop, args=[index]) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def others(ours):
    text = json.dumps(PARAMETERS).encode()
    rows = [["reclave serve, 16 clients", round(ours), "1"]]
    enclave = per_process([RECLAVE, "run", "--backend", options.backend,
                           os.path.join(BUILD, "bench", "throughput-transform.rcl")], text)
    rows.append(["a process and an enclave per request", round(enclave, 1), f"{ours / enclave:.1f}"])
    native = per_process([os.path.join(BUILD, "bench", "throughput-transform-native")], text)
    rows.append(["a process per request, native, no enclave", round(native), f"{ours / native:.2f}"])
    if shutil.which("node"):
        port = free_port()
        node = subprocess.Popen(["node", os.path.join("bench", "throughput", "node_runtime.js"), str(port)])
        try:
            eventually(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            rate = wrk(port, ["/run"], {"value": PARAMETERS}, 16)[0]
            rows.append(["a Node.js action runtime, 16 clients", round(rate), f"{ours / rate:.2f}"])
        finally:
            node.kill()
            node.wait()
    else:
        print("Node.js is not installed: its row is missing")
    table("others", "The same transform elsewhere", ["what", "per s", "ours / theirs"], rows)


try:
    with serving() as serve:
        best = closed_loop(serve)
        open_loop(serve, max(best[("transform", clients)] for clients in (1, 2, 4, 16, 64)))
        rewind_share(serve)
        alternating(serve)
    sealed(os.path.join(BUILD, "bench", "throughput-transform.rcl"))
    others(best[("transform", 16)])
    print("Not measured: a build without rewinds (the monitor has no such mode), sessions (bench/attest).")
finally:
    shutil.rmtree(scratch, ignore_errors=True)
