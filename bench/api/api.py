#!/usr/bin/env python3
"""What does a full database cost? Listing and invoking with 100 tenants, 10,000 actions and 1,000,000
activations, against a system of one tenant that has a page (30) of each, and against one that has nothing
but the action that is invoked: its lists are shorter, so that is not only the database's doing.

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


def fill(state, tenants, actions, activations):
    """Rows as the daemon writes them: copies of its own, by the thousand."""
    database = sqlite3.connect(os.path.join(state, "reclave.db"), isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    entity = database.execute("SELECT kind, package, link, row, summary, parameters, code FROM entities LIMIT 1").fetchone()
    activation = database.execute("SELECT summary, response, logs FROM activations LIMIT 1").fetchone()
    now = int(time.time() * 1000) - 10 * activations
    database.execute("BEGIN")
    for tenant in range(2, tenants + 1):
        database.execute("INSERT INTO namespaces (id, name, created) VALUES (?, ?, 0)", (tenant, f"tenant{tenant}"))
    database.executemany(
        "INSERT INTO entities (namespace, name, updated, kind, package, link, row, summary, parameters, code) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        ((n % tenants + 1, f"action{n}", now + n, *entity) for n in range(actions)))
    # in the order of time, as they come: tenants take turns
    database.executemany(
        "INSERT INTO activations (id, namespace, name, start, summary, response, logs) VALUES (?,?,?,?,?,?,?)",
        (("%012x%020x" % (now + 10 * n, n), n % tenants + 1, f"action{n * 7 % actions}", now + 10 * n, *activation)
         for n in range(activations)))
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
    daemon.connection.close()  # idle ones are cut off by the daemon
    question(daemon)
    for _ in range(CALLS):
        began = time.perf_counter()
        question(daemon)
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def main():
    empty, page, full = Daemon("empty"), Daemon("page"), Daemon("full")
    for daemon in (empty, page, full):
        daemon.start()
        daemon.add_action()
        daemon.ask("POST", "actions/invoked?blocking=true", {"a": 1})
    for daemon, sizes in ((page, (1, 30, 30)), (full, (TENANTS, ACTIONS, ACTIVATIONS))):
        daemon.stop()
        fill(daemon.state, *sizes)
        daemon.start()
        daemon.ask("POST", "actions/invoked?blocking=true", {"a": 1})
    print(f"{TENANTS} tenants, {ACTIONS} actions, {ACTIVATIONS} activations: "
          f"{os.path.getsize(os.path.join(full.state, 'reclave.db')) >> 20} MiB")
    rows = []
    for name, question in QUESTIONS:
        times = [[measure(daemon, question) for daemon in (empty, page, full)] for _ in range(ROUNDS)]  # in turns
        a, b, c = (statistics.median(values) for values in zip(*times))
        rows.append((name, f"{a:.0f}", f"{b:.0f}", f"{c:.0f}", f"{c / b:.2f}", f"{c / a:.2f}"))
    columns = ("p50 in us", "empty", "one page", "full", "full/page", "full/empty")
    for row in (columns, *rows):
        print(f"{row[0]:30}" + "".join(f"{cell:>12}" for cell in row[1:]))
    if options.results:
        with open(os.path.join(options.results, "api.csv"), "w", newline="") as file:
            csv.writer(file).writerows((columns, *rows))
    for daemon in (empty, page, full):
        daemon.stop()
    return 0 if options.quick or all(float(row[4]) <= 2 for row in rows) else 1


try:
    sys.exit(main())
finally:
    shutil.rmtree(scratch, ignore_errors=True)
