#!/usr/bin/env python3
"""The wall clock jumps, back and forth, while the daemon serves (wall_clock.c): what is counted in time goes on."""
import struct
import threading

from client import *

QUIET = b64(module("ow_quiet"))
LOOP = b64(module("endless_loop"))
DAY, YEAR = 86400, 365 * 86400


class Jumping(Api):
    """A daemon whose wall clock is ours."""

    def __init__(self, *options):
        self.file = os.path.join(scratch, f"clock-{free_port()}")
        self.ahead = 0
        self.jump(0)
        super().__init__(*options, env={"LD_PRELOAD": os.path.abspath(os.path.join(BUILD, "tests", "wall-clock.so")),
                                        "RECLAVE_WALL_CLOCK": self.file})

    def jump(self, seconds):
        self.ahead += seconds
        with open(self.file, "r+b" if os.path.exists(self.file) else "wb") as file:
            file.write(struct.pack("=q", self.ahead))


@test("the clock that the daemon sees does jump")
def _():
    with Jumping() as api:
        client = api.client()
        for seconds in (0, YEAR, -2 * YEAR):
            api.jump(seconds)
            before = time.time() + api.ahead
            updated = client.put("triggers/t?overwrite=true", {})["updated"] / 1000
            assert before - 1 <= updated <= time.time() + api.ahead + 1, (updated - before)


@test("rates: a jump neither opens nor closes a minute")
def _():
    def within_a_minute(jumps):
        """None: it took longer than that, which proves nothing."""
        with Jumping("--rate", "4") as api:
            client = api.client()
            client.action("q", QUIET)
            began = time.monotonic()
            statuses = []
            for jump in jumps:
                api.jump(jump)
                statuses.append(client("POST", "actions/q", {})[0])
            return statuses if time.monotonic() - began < 59 else None

    for jumps in ([0, 61, -3600, YEAR, 3600, -2 * YEAR], [0, -61, -DAY, -YEAR, 61, 3 * YEAR]):
        while (statuses := within_a_minute(jumps)) is None:
            pass
        equal(statuses, [202] * 4 + [429] * 2)


@test("time limits: a jump neither ends what runs nor lets it run on")
def _():
    with Jumping("--grace", "0") as api:
        client = api.client()
        client.action("q", QUIET)
        client.action("long", LOOP, limits={"timeout": 300000})
        client.action("short", LOOP, limits={"timeout": 200})
        promised = client("POST", "actions/long", {})[1]["activationId"]
        eventually(lambda: any(s["state"] == "busy" for s in api.pool()["workers"][0]["slots"]))
        for jump in (YEAR, -2 * YEAR, DAY):
            api.jump(jump)
            status, record = client("POST", "actions/short?blocking=true", {})
            equal((status, value_of(record["annotations"], "timeout")), (502, True))
            assert 0 <= record["duration"] == record["end"] - record["start"], record
            status, record = client("POST", "actions/q?blocking=true", {"n": jump})
            equal((status, record["response"]["result"]), (200, {"n": jump}))
            assert 0 <= value_of(record["annotations"], "waitTime") < 3600000, record
            equal(client("GET", f"activations/{promised}")[0], 404)  # it still runs


@test("waiting: a jump in the middle neither ends it nor makes it endless")
def _():
    for jump in (YEAR, -YEAR):
        with Jumping("--grace", "0") as api:
            client = api.client()
            client.action("long", LOOP, limits={"timeout": 300000})
            answers = []
            thread = threading.Thread(target=lambda: answers.append(
                api.client()("POST", "actions/long?blocking=true&timeout=2000", {})))
            began = time.monotonic()
            thread.start()
            eventually(lambda: any(s["state"] == "busy" for s in api.pool()["workers"][0]["slots"]))
            api.jump(jump)
            thread.join()
            assert time.monotonic() - began >= 2
            equal((answers[0][0], list(answers[0][1])), (202, ["activationId"]))


@test("retention: a clock that jumps ahead makes nothing old")
def _():
    with Jumping("--keep-days", "1", "--keep-count", "3", "--log-level", "debug") as api:
        client = api.client()
        client.action("q", QUIET)

        def passes(count):
            wanted = len(api.events("retention")) + count
            eventually(lambda: len(api.events("retention")) >= wanted)

        def stored():
            return client("GET", "activations?count=true")[1]["activations"]

        for _ in range(5):
            equal(client("POST", "actions/q?blocking=true", {})[0], 200)
        api.jump(10 * DAY)
        passes(2)  # the first may have begun before
        equal(stored(), 3)
        api.jump(-20 * DAY)
        passes(1)
        equal(stored(), 3)


if __name__ == "__main__":
    run_tests()
