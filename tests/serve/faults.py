#!/usr/bin/env python3
"""
Load and faults. RECLAVE_SERVE_REQUESTS: how many requests each (1500); `make torture` takes many.
"""
import random
import threading

from harness import *

REQUESTS = int(os.environ.get("RECLAVE_SERVE_REQUESTS", "1500"))
CLIENTS = 8
KILLS_MIN = 10


def init(code):
    return {"value": {"name": "f", "main": "main", "binary": True, "code": code}}


def ask_all(ask, enough=lambda: True):
    """`ask(client, number)` for REQUESTS numbers, and more until it is enough, from CLIENTS threads; exceptions
    are passed on."""
    problems = []
    numbers = iter(range(1 << 30))
    lock = threading.Lock()

    def client(index):
        while not problems:
            with lock:
                number = next(numbers)
            if number >= REQUESTS and enough():
                return
            try:
                ask(index, number)
            except Exception:
                problems.append(traceback.format_exc())

    threads = [threading.Thread(target=client, args=[i]) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    return threads, problems


@test("kill -9 of workers under load: no wrong answer, no second one, the service recovers")
def _():
    with Serve("--workers", "2") as serve:
        for name in ("a", "b"):
            equal(serve.container("init", init(b64(bundle("ow_quiet" if name == "a" else "ow_echo"))), name)["status"],
                  200)
        counts = {"good": 0, "lost": 0}
        lock = threading.Lock()

        def ask(_, number):
            value = {"n": number, "pad": "x" * (number * 37 % 3000)}
            answer = serve.container("run", {"value": value}, "ab"[number % 2])
            with lock:
                if answer["status"] == 200:
                    equal(answer["body"], value)
                    counts["good"] += 1
                else:
                    assert "lost" in answer["body"]["error"], answer
                    counts["lost"] += 1

        killer, kills, due = random.Random(1), 0, 0
        threads, problems = ask_all(ask, lambda: kills >= KILLS_MIN)
        while any(thread.is_alive() for thread in threads):
            # a kill for every so many good answers, however long they take
            pids = serve.pids() if counts["good"] >= due else []
            if len(pids) == 2:
                try:
                    os.kill(killer.choice(pids), signal.SIGKILL)
                    kills += 1
                    due = counts["good"] + killer.randrange(10, 60)
                except ProcessLookupError:
                    pass  # the last one's end is not noticed yet
            time.sleep(killer.uniform(0, 0.01))
        equal(problems, [])
        assert counts["good"] + counts["lost"] >= REQUESTS and kills >= KILLS_MIN, (kills, counts)
        # one kill loses at most what ran in that worker's slots
        assert 0 < counts["lost"] <= kills * 3, (kills, counts)
        equal(serve.container("run", {"value": {"still": "here"}}, "a")["body"], {"still": "here"})
        print(f"# {kills} kills, {counts['lost']} of {counts['good'] + counts['lost']} requests lost")


@test("slow, half-open and garbage clients do not keep others waiting")
def _():
    with Serve("--workers", "1", "--connections", "64") as serve, Proxy("--node", serve.node) as proxy:
        equal(proxy.init(b64(bundle("ow_quiet"))), (200, {"ok": True}))
        bad = []
        for number in range(40):
            client = socket.create_connection(("127.0.0.1", (serve.wow, serve.api, proxy.port)[number % 3]))
            client.sendall((b"POST /run HTTP/1.1\r\nContent-Length: 100\r\n\r\n{", b"GET /", b"\x16\x03\x01\0\0",
                            b"\0" * 100, b"")[number % 5])
            bad.append(client)
        for number in range(50):
            equal(proxy.run({"n": number}), (200, {"n": number}))
        for client in bad:
            client.close()


@test("a mebibyte of parameters, in and out, many at a time")
def _():
    with Serve("--workers", "1") as serve:
        serve.container("init", init(b64(bundle("ow_quiet"))))

        def ask(_, number):
            if number < 24:
                value = {"data": chr(97 + number) * 1048550}
                equal(serve.container("run", {"value": value})["body"], value)

        threads, problems = ask_all(ask)
        for thread in threads:
            thread.join()
        equal(problems, [])


run_tests()
