#!/usr/bin/env python3
"""What does a full database cost? Listing and invoking with 100 tenants, 10,000 actions and 1,000,000
activations, against a system that is empty but for the action that is invoked.

  api [--rounds N] [--backend auto|sgx|emulator] [--quick] [--results DIR]
"""
import argparse
import base64
import csv
import http.client
import json
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
RECLAVE = os.path.join(BUILD, "bin", "reclave")
GUEST = os.path.join(BUILD, "guests", "ow_quiet.wasm")

arguments = argparse.ArgumentParser()
arguments.add_argument("--rounds", type=int, default=5)
arguments.add_argument("--backend", default="auto")
arguments.add_argument("--quick", action="store_true")
arguments.add_argument("--results", default=None)
options = arguments.parse_args()

TENANTS, ACTIONS, ACTIVATIONS = (10, 200, 5000) if options.quick else (100, 10000, 1000000)
CALLS = 20 if options.quick else 300
ROUNDS = 1 if options.quick else options.rounds
scratch = tempfile.mkdtemp(prefix="reclave-bench-api-")


class Daemon:
    def __init__(self, name):
        self.state = os.path.join(scratch, name)
        os.mkdir(self.state)
        self.key = subprocess.run([RECLAVE, "user", "add", "guest", "--state-dir", self.state], check=True,
                                  capture_output=True, text=True).stdout.strip()
        self.child = self.connection = None

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.child = subprocess.Popen([RECLAVE, "serve", "--state-dir", self.state, "--listen", f"127.0.0.1:{self.port}",
                                       "--admin-listen", "none", "--wow-listen", "none", "--workers", "1",
                                       "--keep-count", "0", "--backend", options.backend, "--log-level", "error"])
        while True:
            assert self.child.poll() is None
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def stop(self):
        self.connection.close()
        self.child.terminate()
        self.child.wait()

    def ask(self, method, path, body=None):
        headers = {"Authorization": "Basic " + base64.b64encode(self.key.encode()).decode(),
                   "Content-Type": "application/json"}
        self.connection.request(method, "/api/v1/namespaces/_/" + path, body and json.dumps(body), headers)
        response = self.connection.getresponse()
        data = response.read()
        assert response.status == 200, (response.status, data[:300])
        return data

    def add_action(self):
        with open(GUEST, "rb") as file:
            code = base64.b64encode(file.read()).decode()
        self.ask("PUT", "actions/invoked", {"exec": {"kind": "wasm:1", "code": code}})


def fill(state):
    """Rows as the daemon writes them: copies of its own, by the thousand."""
    database = sqlite3.connect(os.path.join(state, "reclave.db"), isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    entity = database.execute("SELECT kind, package, link, summary, parameters, code FROM entities LIMIT 1").fetchone()
    activation = database.execute("SELECT summary, response, logs FROM activations LIMIT 1").fetchone()
    now = int(time.time() * 1000) - 10 * ACTIVATIONS
    database.execute("BEGIN")
    for tenant in range(2, TENANTS + 1):
        database.execute("INSERT INTO namespaces (id, name, created) VALUES (?, ?, 0)", (tenant, f"tenant{tenant}"))
    database.executemany(
        "INSERT INTO entities (namespace, name, updated, kind, package, link, summary, parameters, code) "
        "VALUES (?,?,?,?,?,?,?,?,?)",
        ((n % TENANTS + 1, f"action{n}", now + n, *entity) for n in range(ACTIONS)))
    # in the order of time, as they come: tenants take turns
    database.executemany(
        "INSERT INTO activations (id, namespace, name, start, summary, response, logs) VALUES (?,?,?,?,?,?,?)",
        (("%012x%020x" % (now + 10 * n, n), n % TENANTS + 1, f"action{n * 7 % ACTIONS}", now + 10 * n, *activation)
         for n in range(ACTIVATIONS)))
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


QUESTIONS = [
    ("invoke, blocking", lambda d: d.ask("POST", "actions/invoked?blocking=true", {"a": 1})),
    ("list of actions", lambda d: d.ask("GET", "actions?limit=30")),
    ("list of activations", lambda d: d.ask("GET", "activations?limit=30")),
    ("list of activations by name", lambda d: d.ask("GET", "activations?name=invoked&limit=30")),
    ("get of an action", lambda d: d.ask("GET", "actions/invoked?code=false")),
]


def measure(daemon, question):
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        question(daemon)
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def main():
    empty, full = Daemon("empty"), Daemon("full")
    for daemon in (empty, full):
        daemon.start()
        daemon.add_action()
        daemon.ask("POST", "actions/invoked?blocking=true", {"a": 1})
    full.stop()
    began = time.time()
    fill(full.state)
    print(f"# {TENANTS} tenants, {ACTIONS} actions, {ACTIVATIONS} activations: "
          f"{os.path.getsize(os.path.join(full.state, 'reclave.db')) >> 20} MiB, filled in {time.time() - began:.0f} s")
    full.start()
    rows = []
    for name, question in QUESTIONS:
        both = [(measure(empty, question), measure(full, question)) for _ in range(ROUNDS)]  # in turns
        a, b = (statistics.median(values) for values in zip(*both))
        rows.append((name, a, b, b / a))
    print(f"{'p50 in us':32} {'empty':>10} {'full':>10} {'ratio':>7}")
    for name, a, b, ratio in rows:
        print(f"{name:32} {a:10.0f} {b:10.0f} {ratio:7.2f}")
    if options.results:
        with open(os.path.join(options.results, "api.csv"), "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["question", "empty_us", "full_us", "ratio"])
            writer.writerows((name, f"{a:.0f}", f"{b:.0f}", f"{ratio:.2f}") for name, a, b, ratio in rows)
    for daemon in (empty, full):
        daemon.stop()
    return 0 if options.quick or all(ratio <= 2 for *_, ratio in rows) else 1


try:
    sys.exit(main())
finally:
    shutil.rmtree(scratch, ignore_errors=True)
