#!/usr/bin/env python3
"""
Tenants whose functions hunt for each other's data (tests/guests/ow_hunter.c), over many invocations.
RECLAVE_SERVE_REQUESTS: how many, for each tenancy (1500); `make torture` takes 100,000.
RECLAVE_HUNT=found: on an enclave whose rewind was taken out (hunt_control.sh). They must find data: a hunt that
finds nothing there would prove nothing anywhere.
"""
import collections
import threading

from harness import *

REQUESTS = int(os.environ.get("RECLAVE_SERVE_REQUESTS", "1500"))
MUST_FIND = os.environ.get("RECLAVE_HUNT") == "found"
CLIENTS = 8
TENANTS = 9
USUAL = 3  # ask nine times out of ten; the others make slots change hands, of which there are six


def tenant_of(number):
    return number % USUAL if number % 10 else USUAL + number // 10 % (TENANTS - USUAL)


class Hunt:
    """All clients' numbers, and what came of them."""

    def __init__(self, serve):
        self.serve, self.lock = serve, threading.Lock()
        self.next, self.answered, self.found = 0, collections.Counter(), 0
        self.problems = []
        self.began = time.monotonic()

    def take(self):
        with self.lock:
            number, self.next = self.next, self.next + 1
        return number if number < REQUESTS and not self.problems else None

    def note(self, number, found):
        with self.lock:
            self.answered[tenant_of(number)] += 1
            self.found += found
            done = sum(self.answered.values())
        if done % 10000 == 0:
            print(f"# {done} of {REQUESTS}: {done / (time.monotonic() - self.began):.0f} a second, found {self.found}",
                  flush=True)

    def ask(self, connection, number):
        grows = "+" if number % 2 and not MUST_FIND else "-"
        secret = f"HUNT{number:011d}{grows}"
        connection.request("POST", f"/containers/t{tenant_of(number)}/run", json.dumps({"value": {"secret": secret}}),
                           {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        assert answer["status"] == 200 and sorted(answer["body"]) == ["found", "secret"], answer
        equal(answer["body"]["secret"], secret)  # it belongs to its question
        assert MUST_FIND or answer["body"]["found"] == 0, answer
        self.note(number, answer["body"]["found"])

    def client(self):
        connection = UnixConnection(self.serve.node, PATIENCE)
        try:
            while (number := self.take()) is not None:
                self.ask(connection, number)
        except Exception:
            self.problems.append(traceback.format_exc())
        finally:
            connection.close()

    def run(self):
        threads = [threading.Thread(target=self.client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self.problems, self.problems[0]
        equal(sum(self.answered.values()), REQUESTS)
        equal(len(self.answered), min(TENANTS, len({tenant_of(number) for number in range(REQUESTS)})))


def codes():
    for number in range(TENANTS):
        key = os.path.join(scratch, f"owner-{number}.pem")
        subprocess.run([RECLAVE, "key", "new", key], check=True, capture_output=True)
        yield b64(bundle("ow_hunter", "--sign", key))


@test("tenants hunt for each other's data and " + ("find it, since nothing is rewound" if MUST_FIND else
                                                   "find nothing; answers belong to their questions"))
def _():
    hunters = list(codes())
    for tenancy in ("shared", "sequential"):
        with Serve("--workers", "2", "--tenancy", tenancy) as serve:
            for number, code in enumerate(hunters):
                equal(serve.container("init", {"value": {"name": "f", "main": "main", "binary": True, "code": code}},
                                      f"t{number}")["status"], 200)
            hunt = Hunt(serve)
            hunt.run()
            pool = serve.pool()
            print(f"# {tenancy}: {REQUESTS} invocations of {TENANTS} tenants, {pool['switch']} switches, "
                  f"found {hunt.found}", flush=True)
            assert pool["switch"] > 0 or REQUESTS < 200, pool  # slots did change hands
            assert hunt.found > 0 or not MUST_FIND, "the hunters are blind"


run_tests()
