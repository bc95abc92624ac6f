#!/usr/bin/env python3
"""kill -9 in the middle of mixed requests, again and again: what was acknowledged is there, once."""
import random
import sqlite3
import threading

from client import *

REQUESTS = int(os.environ.get("RECLAVE_KILL_REQUESTS", "400"))
CLIENTS = 6
QUIET = b64(module("ow_quiet"))


class Tenant(threading.Thread):
    """Sends requests until the daemon is gone. What it knows: acknowledged and unknown outcomes."""

    def __init__(self, number, api, key, books, budget):
        super().__init__()
        self.number, self.books, self.budget = number, books, budget
        self.client = Client(api.api, key)
        self.random = random.Random(number * 1000003 + len(books["n"]))
        self.error = None

    def unique(self):
        with self.books["lock"]:
            self.books["n"].append(self.number)
            return len(self.books["n"])

    def put(self):
        name = f"t{self.number}-{self.random.randrange(20)}"
        value = self.unique()
        self.books["doubtful"][name] = value
        status, body = self.client("PUT", f"triggers/{name}?overwrite=true",
                                   {"parameters": [{"key": "n", "value": value}]})
        equal(status, 200)
        self.books["triggers"][name] = value
        del self.books["doubtful"][name]

    def delete(self):
        if not self.books["triggers"]:
            return
        mine = [name for name in list(self.books["triggers"]) if name.startswith(f"t{self.number}-")
                and self.books["triggers"][name]]
        if not mine:
            return
        name = self.random.choice(mine)
        self.books["doubtful"][name] = None
        status, _ = self.client("DELETE", f"triggers/{name}")
        equal(status, 200)
        self.books["triggers"][name] = None
        del self.books["doubtful"][name]

    def invoke(self, query):
        n = self.unique()
        status, body = self.client("POST", "actions/q" + query, {"n": n})
        assert status in (200, 202), (status, body)
        if status == 200:
            equal(body["response"]["result"], {"n": n})
        self.books["activations"][body["activationId"]] = (n, status)

    def fire(self):
        n = self.unique()
        status, body = self.client("POST", "triggers/fires", {"n": n})
        equal(status, 202)
        self.books["fired"][body["activationId"]] = n

    def run(self):
        kinds = [self.put, self.delete, lambda: self.invoke("?blocking=true"), lambda: self.invoke(""),
                 lambda: self.invoke(""), self.fire]
        while True:
            with self.books["lock"]:
                if self.budget[0] <= 0:
                    return
                self.budget[0] -= 1
            try:
                self.random.choice(kinds)()
                self.books["acknowledged"].append(1)
            except AssertionError as error:
                self.error = error
                return
            except (OSError, http.client.HTTPException):
                return  # it was killed meanwhile: this one's outcome is not known


def look(api, key, books):
    """After a restart: is all there that was acknowledged?"""
    client = Client(api.api, key)
    for name, value in books["triggers"].items():
        status, body = client("GET", f"triggers/{name}")
        found = body["parameters"][0]["value"] if status == 200 else None
        assert found == value or (name in books["doubtful"] and found == books["doubtful"][name]), \
            (name, found, value, books["doubtful"].get(name, "-"))
        books["triggers"][name] = found
    books["doubtful"].clear()
    for identity, (n, status) in books["activations"].items():
        record = wait_for(client, identity)
        result = record["response"]["result"]
        if record["response"]["success"]:
            equal(result, {"n": n})
        else:  # begun and interrupted: it says so, and only of what was not waited for
            assert status == 202 and "interrupted" in result["error"], record
            books["interrupted"].add(identity)
    for identity in books["fired"]:
        line = json.loads(wait_for(client, identity)["logs"][0])
        wait_for(client, line["activationId"])


def wait_for(client, identity):
    answer = []

    def ended():
        answer[:] = client("GET", f"activations/{identity}")
        return answer[0] == 200

    eventually(ended)
    return answer[1]


def count_runs(api, key):
    """How often each n ended in an activation of the action."""
    client, runs, skip = Client(api.api, key), {}, 0
    while True:
        rows = client("GET", f"activations?docs=true&limit=200&skip={skip}&name=q")[1]
        for row in rows:
            n = row["response"]["result"].get("n")
            if n is not None:
                runs[n] = runs.get(n, 0) + 1
        skip += len(rows)
        if not rows:
            return runs


@test(f"kill -9 within {REQUESTS} mixed requests: nothing acknowledged is lost, nothing doubled")
def _():
    seed = random.Random(7)
    state = tempfile.mkdtemp(dir=scratch)
    key = add_user(state, "guest")
    books = {"lock": threading.Lock(), "n": [], "triggers": {}, "doubtful": {}, "activations": {}, "fired": {},
             "interrupted": set(), "acknowledged": []}
    budget, kills = [REQUESTS], 0
    while budget[0] > 0:
        with Api("--log-level", "warning", "--keep-count", "0", state=state) as api:
            client = Client(api.api, key)
            if kills == 0:
                client.action("q", QUIET)
                client.put("triggers/fires", {})
                client.put("rules/r", {"trigger": "/_/fires", "action": "/_/q"})
            look(api, key, books)
            tenants = [Tenant(number, api, key, books, budget) for number in range(CLIENTS)]
            wanted = len(books["acknowledged"]) + seed.randrange(5, 60)
            for tenant in tenants:
                tenant.start()
            # after so many answers, however long they take, and somewhere in the next ones
            while len(books["acknowledged"]) < wanted and any(tenant.is_alive() for tenant in tenants):
                time.sleep(0.001)
            time.sleep(seed.uniform(0, 0.005))
            api.child.send_signal(signal.SIGKILL)
            api.child.wait()
            kills += 1
            for tenant in tenants:
                tenant.join()
                if tenant.error:
                    raise tenant.error
        with sqlite3.connect(os.path.join(state, "reclave.db")) as database:
            equal(database.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        database.close()
    with Api("--keep-count", "0", state=state) as api:
        look(api, key, books)
        runs = count_runs(api, key)
    doubled = {n: times for n, times in runs.items() if times > 1}
    equal(doubled, {})
    for identity, (n, _) in books["activations"].items():
        equal(runs.get(n, 0), 0 if identity in books["interrupted"] else 1)
    print(f"# {kills} kills, {len(books['acknowledged'])} acknowledged, {len(books['activations'])} activations, "
          f"{len(books['interrupted'])} interrupted")
    assert len(books["acknowledged"]) > REQUESTS / 3 and kills >= 3


@test("a disk that is full is refused with advice, and what was there stays")
def _():
    # RLIMIT_FSIZE: writing beyond it fails as on a full disk (EFBIG; SIGXFSZ is ignored)
    state = tempfile.mkdtemp(dir=scratch)
    with Api(state=None) as api:
        client = api.client()
        client.action("q", QUIET)
        identity = client("POST", "actions/q?blocking=true", {})[1]["activationId"]
        limit = os.path.getsize(os.path.join(api.state, "reclave.db-wal")) + 100000
        subprocess.run(["prlimit", f"--fsize={limit}:", "--pid", str(api.child.pid)], check=True)
        answers = [client("PUT", f"triggers/t{n}", {"parameters": [{"key": "x", "value": "y" * 60000}]})
                   for n in range(6)]
        good = [n for n, (status, _) in enumerate(answers) if status == 200]
        bad = [body for status, body in answers if status != 200]
        assert good and bad, answers
        for body in bad:
            assert "nothing was changed" in body["error"], body
        equal(client("GET", f"activations/{identity}")[0], 200)
        refused(client("POST", "actions/q", {"x": "y" * 90000}), 503, "nothing was changed")
        subprocess.run(["prlimit", "--fsize=unlimited:", "--pid", str(api.child.pid)], check=True)
        client.put("triggers/after", {})
        for n in range(6):
            equal(client("GET", f"triggers/t{n}")[0], 200 if n in good else 404)
        del state


@test("a damaged database is refused with advice, and left as it is")
def _():
    with Api() as api:
        client = api.client()
        client.action("q", QUIET)
        for n in range(40):
            client.put(f"triggers/t{n}", {"parameters": [{"key": "x", "value": "y" * 3000}]})
    file = os.path.join(api.state, "reclave.db")
    with open(file, "rb") as handle:
        good = handle.read()
    for damage in (b"not a database at all" * 300, good[:4096] + os.urandom(len(good) - 4096), good[:len(good) // 2],
                   good[:100] + b"\xff" * 4000 + good[4100:]):
        with open(file, "wb") as handle:
            handle.write(damage)
        done = subprocess.run([RECLAVE, "serve", "--state-dir", api.state, "--listen", "127.0.0.1:0", "--admin-listen",
                               "none", "--wow-listen", "none", "--backend", "emulator", "--workers", "1"],
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 1 and "backup" in done.stderr and "reclave.db" in done.stderr, done
        with open(file, "rb") as handle:
            equal(handle.read() == damage, True)
    with open(file, "wb") as handle:
        handle.write(good)
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 9999")
    database.commit()
    database.close()
    code, _, err = user(api.state, "list")
    assert code == 1 and "newer version" in err, err


@test("a backup while the daemon runs, and a start from it")
def _():
    with Api() as api:
        client = api.client()
        client.action("q", QUIET)
        stop = threading.Event()

        def busy():
            own = Client(api.api, api.keys["guest"])
            while not stop.is_set():
                own("POST", "actions/q?blocking=true", {})

        thread = threading.Thread(target=busy)
        thread.start()
        first = client("POST", "actions/q?blocking=true", {"n": 1})[1]["activationId"]
        copy = os.path.join(scratch, "copy.db")
        command = [RECLAVE, "backup", copy, "--state-dir", api.state]
        subprocess.run(command, check=True)
        again = subprocess.run(command, capture_output=True, text=True)
        stop.set()
        thread.join()
        assert again.returncode == 1 and "exists already" in again.stderr
    for arguments, code in ((["backup"], 2), (["backup", "a", "b"], 2),
                            (["backup", copy + "2", "--state-dir", scratch + "/none"], 1),
                            (["backup", scratch + "/none/x", "--state-dir", api.state], 1)):
        equal(subprocess.run([RECLAVE, *arguments], capture_output=True).returncode, code)
    state = tempfile.mkdtemp(dir=scratch)
    shutil.copy(copy, os.path.join(state, "reclave.db"))
    with Api(state=state) as restored:
        client = Client(restored.api, api.keys["guest"])
        equal(client("GET", f"activations/{first}")[1]["response"]["result"], {"n": 1})
        equal(client("POST", "actions/q?blocking=true&result=true", {"n": 2}), (200, {"n": 2}))


if __name__ == "__main__":
    run_tests()
