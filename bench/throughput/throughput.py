#!/usr/bin/env python3
"""
Throughput of `reclave serve`: requests over HTTP (the wasm executor's listener). bench/README.md says what the tables mean.

    throughput [--results FOLDER] [--rounds N] [--backend B] [--quick]
"""
import argparse
import csv
import os
import re
import statistics
import sys

os.environ.pop("RECLAVE_EMULATE", None)
sys.path.insert(0, os.path.join(os.getcwd(), "tests", "serve"))
import sealing  # noqa: E402
import harness  # noqa: E402
from harness import *  # noqa: E402,F403

PARAMETERS = {"name": "Ada Lovelace", "tags": ["engine", "notes", "numbers"] * 20,
              "address": {"street": "St James's Square", "city": "London"}, "text": "x" * 300}
CLIENTS = (1, 2, 4, 16, 64)
PARTS = (0.3, 0.5, 0.7, 0.9)  # of the closed loop's rate
WATCHED, UNWATCHED = "watch=1", "watch=64"  # of exits: see docs/serving.md

options = argparse.ArgumentParser()
options.add_argument("--results")
options.add_argument("--rounds", type=int, default=5)
options.add_argument("--backend", default="auto")
options.add_argument("--quick", action="store_true")
options = options.parse_args()
seconds = 0.1 if options.quick else 2
rounds = 1 if options.quick else options.rounds
LOAD, PLOT, PER_PROCESS = (os.path.join(BUILD, "bench", "throughput-" + name) for name in ("load", "plot", "per-process"))
NODE = ["node", os.path.join("bench", "throughput", "node_runtime.js"), "PORT"]
UNSAFE = os.path.join(BUILD, "bench-unsafe", "bin", "reclave")


def bundle_path(name):
    return os.path.join(BUILD, "bench", f"throughput-{name}.rcl")


def code(name):
    with open(bundle_path(name), "rb") as file:
        return file.read()


# What is asked: function and parameters. Another kind of request (encrypted ones, say) is one entry more.
CASES = {"noop": {}, "transform": PARAMETERS, "spin": {}}


# ---- tables and plots ----

def table(name, title, columns, rows):
    widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]
    print(title)
    for row in [columns, *rows]:
        print("  " + "  ".join(str(cell).rjust(width) for cell, width in zip(row, widths)))
    print(flush=True)
    if options.results:
        with open(os.path.join(options.results, f"throughput-{name}.csv"), "w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])


def plot(name, title, subtitle, x_title, lines):
    """lines: {name: [(x, values in ms)]}"""
    if not options.results:
        return
    text = ""
    for line, points in lines.items():
        spreads = ((x, *(value * 1e3 for value in spread(values))) for x, values in points)
        text += line + "\t" + " ".join("%g %g %g %g" % point for point in spreads) + "\n"
    subprocess.run([PLOT, options.results, name, title, subtitle, x_title], input=text, text=True, check=True)


def spread(values):
    if len(values) < 2:
        return values * 3
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high


def short(value):
    return round(value, 3 if value < 10 else 1 if value < 1000 else None)


def medians(results):
    """Of several [rate, p50, p90, p99]."""
    return [statistics.median(column) for column in zip(*results)]


def ratios(above, below):
    """Rate by rate, of neighbours in time: median (quartiles)."""
    low, median, high = spread([a[0] / b[0] for a, b in zip(above, below)])
    return f"{median:.2f} ({low:.2f}-{high:.2f})"


# ---- load ----

def ask(port, paths, parameters, clients, rate=0):
    """[requests per second, p50, p90, p99 in ms]; rate 0: closed loop."""
    body = os.path.join(scratch, "body")
    with open(body, "w") as file:
        json.dump({"value": parameters}, file, separators=(",", ":"))
    done = subprocess.run([LOAD, str(port), body, str(clients), str(seconds), str(rate), *paths],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"throughput: {done.stderr}")
    return [float(word) for word in done.stdout.split()]


def cpu_seconds(pid):
    """User and system time of a process, of its children that are there and of those that were (proc_pid_stat(5))."""
    ticks, children = {}, {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        ticks[int(entry)] = sum(map(int, fields[11:15]))
        children.setdefault(int(fields[1]), []).append(int(entry))

    def of(process):
        return ticks[process] + sum(map(of, children.get(process, [])))
    return of(pid) / os.sysconf("SC_CLK_TCK")


def ask_and_count(pid, *arguments):
    """The same, and the server's CPU time for each request in us: what other programs on this machine do hardly matters to it."""
    before = cpu_seconds(pid)
    result = ask(*arguments)
    return result + [(cpu_seconds(pid) - before) / (result[0] * seconds) * 1e6]


def in_turns(subjects, asking):
    """{name: [results]}: each round asks all of them, each round begins with another one."""
    results = {name: [] for name in subjects}
    names = list(subjects)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(asking(subjects[name]))
    return results


def upload(serve, name, bundle_bytes):
    status, body, _ = request(serve.wow, "POST", f"/{name}/init", {"value": {"code": b64(bundle_bytes), "binary": True}})
    assert status == 200, body


def serving(program=RECLAVE, emulate=UNWATCHED):
    """A daemon that has the three functions."""
    harness.RECLAVE = program
    serve = Serve("--backend", options.backend, "--emulate", emulate, "--queue-limit", "1000")
    harness.RECLAVE = RECLAVE
    for name in CASES:
        upload(serve, name, code(name))
    return serve


# ---- questions ----

def closed_loop(serve):
    rows, lines = [], {}
    for name, parameters in CASES.items():
        for clients in CLIENTS:
            results = [ask(serve.wow, [f"/{name}/run"], parameters, clients) for _ in range(rounds)]
            rate, p50, _, p99 = medians(results)
            rows.append([name, clients, *map(short, (rate, p50, p99))])
            for part, at in (("p50", 1), ("p99", 3)):
                lines.setdefault(f"{name}, {part}", []).append((clients, [result[at] for result in results]))
    table("closed", "Closed loop: each client asks again when it has its answer",
          ["function", "clients", "per s", "p50 ms", "p99 ms"], rows)
    plot("throughput", "Latency under a closed loop", "reclave serve, load generator on the same CPUs", "clients", lines)


def open_row(name, results):
    rate, p50, p90, p99 = medians(results)
    return [name, *map(short, (rate, p50, p90, p99, statistics.median(result[3] / result[1] for result in results),
                               min(result[3] / result[1] for result in results)))]


def at_part(port, path, part):
    """At a part of the closed loop's rate, as that is just now."""
    best = ask(port, [path], PARAMETERS, 16)[0]
    return ask(port, [path], PARAMETERS, 64, best * part)


def open_loop(serve):
    parts = {part: [] for part in PARTS}
    node = []
    for _ in range(rounds):
        for part in PARTS:
            parts[part].append(at_part(serve.wow, "/transform/run", part))
        if shutil.which("node"):
            with Listening(NODE) as other:
                node.append(at_part(other.port, "/run", 0.7))
    rows = [open_row(f"{part:.0%}", results) for part, results in parts.items()]
    if node:
        rows.append(open_row("Node.js, 70% of its own", node))
    table("open", "A fixed rate (transform): parts of the closed loop's with 16 clients a moment before; latencies from when a request was due",
          ["rate", "per s", "p50 ms", "p90 ms", "p99 ms", "p99/p50", "least"], rows)
    plot("throughput-open", "Latency at a fixed rate", "1 KiB JSON transform; from when a request was due", "% of the closed loop's rate",
         {name: [(part * 100, [result[at] for result in results]) for part, results in parts.items()]
          for name, at in (("p50", 1), ("p90", 2), ("p99", 3))})


def alternating(serve):
    count = 10 if options.quick else 100
    for number in range(count):  # the transform under other names: as many functions
        upload(serve, f"f{number}", code("transform").replace(b"transform-000", b"transform-%03d" % number))
    rows = []
    for many in sorted({1, 10, count}):
        for clients in (1, 16):
            results = [ask(serve.wow, [f"/f{number}/run" for number in range(many)], PARAMETERS, clients) for _ in range(rounds)]
            rate, p50, _, p99 = medians(results)
            rows.append([many, clients, *map(short, (rate, p50, p99))])
    table("functions", "Alternating among functions (3 slots for each worker): what does not fit is loaded again",
          ["functions", "clients", "per s", "p50 ms", "p99 ms"], rows)


def metric_means(serve, names, asking):
    """Means in us over what `asking` did, from the daemon's histograms."""
    before, _, after = request(serve.admin, "GET", "/metrics")[1], asking(), request(serve.admin, "GET", "/metrics")[1]

    def change(name):
        a, b = (float(re.search(rf"^{name} (\S+)$", text, re.M).group(1)) for text in (before, after))
        return b - a
    return [change(name + "_sum") / change(name + "_count") * 1e6 for name in names]


def sealed():
    """In the clear and encrypted, with and without evidence, in one enclave."""
    path = bundle_path("transform")
    with sealing.Node("--backend", options.backend, "--emulate", UNWATCHED, "--queue-limit", "1000", "--workers", "1") as node:
        node.put("transform", path)
        envelope = sealing.recorded(node, "transform", path, json.dumps(PARAMETERS))[0]
        upload(node, "transform", code("transform"))
        calls = {"in the clear": PARAMETERS,
                 "in the clear, with evidence": {**PARAMETERS, "reclave_nonce": "00" * 16},
                 "encrypted": {"reclave_envelope": envelope},
                 "encrypted, with evidence": {"reclave_envelope": envelope, "reclave_evidence": True}}
        rows = []
        for clients in (1, 16):
            results = in_turns(calls, lambda call: ask(node.wow, ["/transform/run"], call, clients))
            for name, result in results.items():
                rate, p50, _, p99 = medians(result)
                rows.append([name, clients, *map(short, (rate, p50, p99)), ratios(result, results["in the clear"])])
    table("sealed", "Encrypted against plain (transform, single requests, one worker)",
          ["calls", "clients", "per s", "p50 ms", "p99 ms", "of plain"], rows)


def rewinding(serve):
    rows = []
    with serving(UNSAFE) as unsafe:
        for name in ("noop", "transform"):
            for clients in (1, 16):
                results = in_turns({"safe": serve, "unsafe": unsafe},
                                   lambda subject: ask_and_count(subject.child.pid, subject.wow, [f"/{name}/run"], CASES[name], clients))
                safe, without = (medians(results[key]) for key in ("safe", "unsafe"))
                rows.append([name, clients, short(safe[0]), short(without[0]), ratios(results["safe"], results["unsafe"]),
                             short(safe[4]), short(without[4])])
    table("rewind", "Rewinding, against an UNSAFE build that does not (bench/throughput/without_rewind)",
          ["function", "clients", "per s", "unsafe, per s", "ratio", "CPU us", "unsafe, CPU us"], rows)
    run, rewind = metric_means(serve, ["reclave_run_seconds", "reclave_rewind_seconds"],
                               lambda: ask(serve.wow, ["/transform/run"], PARAMETERS, 16))
    table("slot", "A slot's time (transform, 16 clients), means: a run as the daemon sees it, the rewind after it",
          ["run us", "rewind us"], [[short(run), short(rewind)]])


class Listening:
    """A process that serves POST /run on a port."""

    def __init__(self, command):
        self.port = free_port()
        self.process = subprocess.Popen([str(self.port) if word == "PORT" else word for word in command])

    def __enter__(self):
        eventually(lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def others(serve):
    native = Listening([PER_PROCESS, "PORT", os.path.join(BUILD, "bench", "throughput-transform-native")])
    enclave = Listening([PER_PROCESS, "PORT", RECLAVE, "run", "--backend", options.backend, "--emulate", UNWATCHED,
                         bundle_path("transform")])

    def ask_daemon(daemon):
        return ask_and_count(daemon.child.pid, daemon.wow, ["/transform/run"], PARAMETERS, 16)

    def ask_other(other):
        return ask_and_count(other.process.pid, other.port, ["/run"], PARAMETERS, 16)

    subjects = {"reclave serve": lambda: ask_daemon(serve),
                "a native process per request": lambda: ask_other(native),
                "a process and an enclave per request": lambda: ask_other(enclave)}
    with serving(emulate=WATCHED) as watched, native, enclave:
        subjects["reclave serve, the host watched at every exit"] = lambda: ask_daemon(watched)
        if shutil.which("node"):
            with Listening(NODE) as node:
                subjects["a Node.js action runtime"] = lambda: ask_other(node)
                results = in_turns(subjects, lambda asking: asking())
        else:
            print("Node.js is not installed: its row is missing")
            results = in_turns(subjects, lambda asking: asking())
    ours = results["reclave serve"]
    table("others", "The same transform elsewhere, all over HTTP with 16 clients", ["what", "per s", "p50 ms", "p99 ms", "CPU us", "ours / theirs"],
          [[name, *map(short, (medians(result)[at] for at in (0, 1, 3, 4))), ratios(ours, result)] for name, result in results.items()])


def cold(serve):
    """Uploaded, but not loaded: more functions than slots, in turns, one request at a time."""
    results = [ask(serve.wow, [f"/f{number}/run" for number in range(10)], PARAMETERS, 1) for _ in range(rounds)]
    _, p50, _, p99 = medians(results)
    table("cold", "A function that is uploaded but not loaded answers after", ["p50 ms", "p99 ms"], [[short(p50), short(p99)]])


def cpu_name():
    with open("/proc/cpuinfo") as file:
        return re.search(r"model name\s*: (.*)", file.read()).group(1)


try:
    print(f"backend {options.backend}, {os.cpu_count()} CPUs, {cpu_name()}; the load generator runs on the same CPUs")
    print("emulator: the host is watched at one exit in 64, unless a row says otherwise" if options.backend != "sgx" else "")
    if options.quick:
        print("a quick run: the numbers mean nothing")
    with serving() as serve:
        closed_loop(serve)
        open_loop(serve)
        rewinding(serve)
        others(serve)
        alternating(serve)
        cold(serve)
    sealed()
finally:
    shutil.rmtree(scratch, ignore_errors=True)
