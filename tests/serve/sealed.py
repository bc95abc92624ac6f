#!/usr/bin/env python3
"""Encrypted calls and evidence through `reclave serve` and `reclave proxy`, by those who rely on them: the CLI
verifies, encrypts and checks; what lies between sees ciphertext."""
import hashlib
import secrets
import struct

from sealing import *

SECRET = "Heron-" + secrets.token_hex(12)  # no JSON, no base64 of ours contains it by accident
ECHO = os.path.join(scratch, "echo.rcl")
OWNER = os.path.join(scratch, "owner.pem")

good(reclave("key", "new", OWNER))
good(reclave("build", os.path.join(BUILD, "guests", "echo.wasm"), "-o", ECHO))


def everywhere(node, traffic=b""):
    """All that the daemon has written or been told."""
    data = traffic + node.text("out").encode() + node.text("err").encode()
    for folder, _, names in os.walk(node.state):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    data += file.read()
    return data


def finds(data, text):
    """In the clear, or in base64 at any of its three offsets."""
    raw = text.encode()
    coded = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0:-4] for shift in range(3)]
    return raw in data or any(part in data for part in coded)


# ---- encrypted ----

@test("an encrypted call is verified, executed and read by its caller alone; its evidence holds for others")
def _():
    with Node("--workers", "1") as node:
        node.put("echo", ECHO)
        evidence = os.path.join(scratch, "evidence")
        done = node.invoke("echo", ECHO, "--evidence", evidence, "--json", text=SECRET)
        equal((done.returncode, done.stdout), (0, SECRET))
        equal(json.loads(done.stderr)["outcome"], "ok")
        with open(evidence + ".in", "w") as file:
            file.write(SECRET)
        check = ["verify", "--quote", evidence + ".quote", "--collateral", evidence + ".collateral.json", "--policy",
                 POLICY, "--root", node.root, "--evidence", evidence]
        good(reclave(*check, "--input", evidence + ".in"))
        with open(evidence + ".in", "a") as file:
            file.write("!")
        equal(reclave(*check, "--input", evidence + ".in").returncode, 1)
        activation = node.ask("GET", "namespaces/_/activations?limit=1&docs=true")[1][0]
        result = activation["response"]["result"]
        equal(sorted(result), ["reclave_envelope", "reclave_evidence"])
        stored = {pair["key"]: pair["value"] for pair in activation["annotations"]}
        equal(stored["reclave_evidence"], result["reclave_evidence"])
        equal(stored["bundle"], sha256(ECHO))
        node.put("a%20name", ECHO)
        equal(good(node.invoke("a name", ECHO, text=SECRET)), SECRET)
        done = node.invoke("n" * 2000, ECHO, text=SECRET)
        assert done.returncode == 1 and "too long" in done.stderr, done


@test("a call that is not waited for: the stored activation has answer and evidence")
def _():
    with Node("--workers", "1") as node:
        node.put("echo", ECHO)
        envelope = recorded(node, "echo", ECHO, SECRET)[0]
        status, body = node.post("echo", {"reclave_envelope": envelope, "reclave_evidence": True}, "blocking=false")
        equal(status, 202)
        path = f"namespaces/_/activations/{body['activationId']}"
        eventually(lambda: node.ask("GET", path)[0] == 200)
        activation = node.ask("GET", path)[1]
        result = activation["response"]["result"]
        equal(base64.b64decode(result["reclave_envelope"])[:8], b"RCLVENVL")
        assert {"key": "reclave_evidence", "value": result["reclave_evidence"]} in activation["annotations"]


@test("a request goes to the enclave that it is encrypted to")
def _():
    with Node("--workers", "3") as node:
        node.put("echo", ECHO)
        equal([worker["worker"] for worker in node.quotes()], [0, 1, 2])
        for enclave in (2, 0, 1, 2, 1, 0):
            equal(node.invoke("echo", ECHO, "--enclave", str(enclave), text=SECRET).stdout, SECRET)
        done = node.invoke("echo", ECHO, "--enclave", "3", text=SECRET)
        assert done.returncode == 1 and "No enclave" in done.stderr, done


@test("what the host changes, replays or sends elsewhere is refused, by number")
def _():
    with Node("--workers", "1") as node:
        node.put("echo", ECHO)
        node.put("other", build("ow_quiet"))
        envelope, answer, _ = recorded(node, "echo", ECHO, SECRET)

        def refused(text, action="echo", **more):
            status, body = node.post(action, {"reclave_envelope": text, **more}, "blocking=true&result=true")
            equal(status, 502)
            assert body["error"] and SECRET not in str(body), body
            return body.get("reclave_status")

        raw = bytearray(base64.b64decode(envelope))
        equal(refused(envelope, "other"), 404)                              # another function
        changed = raw.copy()
        changed[-1] ^= 1
        equal(refused(b64(changed)), 406)                                   # does not authenticate
        changed = raw.copy()
        changed[24 + 8 + 64] ^= 1
        equal(refused(b64(changed)), 403)                                   # a key of nobody here
        equal(refused(b64(raw[:100])), 400)
        equal(refused(b64(b"no envelope at all, but long enough")), 400)
        equal(refused(answer), 400)                                         # an answer is no request
        equal(refused("not base64!"), None)
        equal(refused(envelope, reclave_nonce="00" * 16), None)             # its nonce is inside
        # the same request twice is executed twice (SECURITY.md), under fresh keys each time
        again = node.post("echo", {"reclave_envelope": envelope}, "blocking=true&result=true")
        equal(again[0], 200)
        assert again[1]["reclave_envelope"] != answer
        equal(node.pool()["restarts"], 0)


@test("sessions stay in their slot, take each request once, and end with their enclave")
def _():
    with Node("--workers", "2") as node:
        node.put("echo", ECHO)
        done = node.invoke("echo", ECHO, "--session", "--input-lines", text="one\ntwo\nthree\n")
        equal((done.returncode, done.stdout), (0, "one\ntwo\nthree\n"))
        recorder = Recorder(node.api)
        good(reclave("invoke", ECHO, "--node", f"http://127.0.0.1:{recorder.port}", "--action", "echo", "--auth",
                     node.auth, "--encrypt", "--session", "--verify", POLICY, "--root", node.root, "--enclave", "1",
                     input=SECRET))
        body = re.findall(rb'\{"reclave_envelope":"([^"]+)","reclave_session":"([^"]+)"\}', recorder.bytes)
        sent = [(envelope, where) for envelope, where in body if base64.b64decode(envelope)[10] == 5]
        equal(len(sent), 1)
        envelope, where = sent[0][0].decode(), sent[0][1].decode()

        def refused(**more):
            status, answer = node.post("echo", {"reclave_envelope": envelope, **more}, "blocking=true&result=true")
            equal(status, 502)
            return answer["reclave_status"]

        equal(refused(reclave_session=where), 407)  # replayed
        equal(refused(), 409)                       # where?
        for nonsense in ("", "1.0", "9.9.9", "-1.0.1", where + ".", where + "0", "1.31.1"):
            equal(refused(reclave_session=nonsense), 409)
        worker = [one for one in node.pool()["workers"] if one["worker"] == 1][0]
        os.kill(worker["pid"], signal.SIGKILL)
        eventually(lambda: worker["pid"] not in node.pids() and len(node.pids()) == 2)
        equal(refused(reclave_session=where), 409)
        equal(node.invoke("echo", ECHO, "--enclave", "1", text=SECRET).stdout, SECRET)  # a fresh quote, a new enclave


@test("a worker is killed while it works on an encrypted call: an error, and no second attempt")
def _():
    with Node("--workers", "2") as node:
        loop = build("endless_loop")
        node.put("loop", loop)
        done = []
        thread = threading.Thread(target=lambda: done.append(node.invoke("loop", loop, "--enclave", "1", text=SECRET)))
        thread.start()

        def busy():
            return [w for w in node.pool()["workers"] if any(s["state"] == "busy" and s["function"] for s in w["slots"])]

        eventually(busy)
        (worker,) = busy()
        equal(worker["worker"], 1)
        os.kill(worker["pid"], signal.SIGKILL)
        thread.join(60)
        equal(done[0].returncode, 1)
        # lost with its enclave; or, just before it was handed over, nobody else can read it
        assert "lost" in done[0].stderr or "does not hold" in done[0].stderr, done
        eventually(lambda: len(node.pids()) == 2 and worker["pid"] not in node.pids())
        equal(sum(slot["invocations"] for w in node.pool()["workers"] for slot in w["slots"]), 0)


@test("calls for one enclave do not hold back those that any other can serve")
def _():
    with Node("--workers", "2", "--queue-timeout", "300000") as node:
        loop = build("endless_loop")
        node.put("loop", loop, limits={"timeout": 300000})
        node.put("echo", ECHO)
        threads = [threading.Thread(target=node.invoke, args=["loop", loop, "--enclave", "1"]) for _ in range(4)]
        for thread in threads:
            thread.start()
        # slots of worker 1 are busy for good, and another call waits for one of them
        eventually(lambda: node.pool()["queue"] == 1 and
                   all(s["state"] == "busy" for s in node.pool()["workers"][1]["slots"]))
        for number in range(3):
            equal(node.post("echo", {"a": number}, "blocking=true&result=true"), (200, {"a": number}))
        equal(node.pool()["queue"], 1)
        os.kill(node.pool()["workers"][1]["pid"], signal.SIGKILL)
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()


@test("an encrypted call that takes too long has an answer that says so, to its caller")
def _():
    with Node("--workers", "1") as node:
        loop = build("endless_loop")
        node.put("loop", loop, limits={"timeout": 100})
        done = node.invoke("loop", loop, text=SECRET)
        equal((done.returncode, done.stdout), (1, ""))
        assert "aborted-by-host" in done.stderr, done
        activation = node.ask("GET", "namespaces/_/activations?limit=1&docs=true")[1][0]
        assert {"key": "timeout", "value": True} in activation["annotations"], activation
        equal(list(activation["response"]["result"]), ["reclave_envelope"])
        node.put("echo", ECHO)
        equal(node.invoke("echo", ECHO, text=SECRET).stdout, SECRET)
        equal(node.pool()["restarts"], 0)


@test("functions that take encrypted input only refuse the rest, and so does a node that is told to")
def _():
    private = build("echo", "--sign", OWNER, "--encrypted-input")
    with Node("--workers", "1") as node:
        node.put("private", private)
        status, body = node.post("private", {"a": 1}, "blocking=true&result=true")
        equal((status, body["reclave_status"]), (502, 440))
        assert "encrypted" in body["error"], body
        activation = node.ask("GET", "namespaces/_/activations?limit=1&docs=true")[1][0]
        equal(activation["response"]["status"], "action developer error")
        equal(node.invoke("private", private, text=SECRET).stdout, SECRET)
        equal(node.pool()["restarts"], 0)
    with Node("--workers", "1", "--encrypted-only") as node:
        node.put("echo", ECHO)
        equal(node.post("echo", {"a": 1}, "blocking=true&result=true")[1]["reclave_status"], 440)
        equal(node.invoke("echo", ECHO, text=SECRET).stdout, SECRET)


@test("logs of encrypted calls: in the answer, nowhere, or in the activation, as the function's owner has it")
def _():
    with Node("--workers", "1") as node:
        for policy, to_caller, to_host in (("encrypted", True, False), ("none", False, False), ("clear", False, True)):
            path = build("log_echo", "--sign", OWNER, "--logs", policy)
            node.put("logs-" + policy, path)
            done = node.invoke("logs-" + policy, path, text=SECRET)
            equal(done.returncode, 0)
            equal(SECRET in done.stderr, to_caller)
            logs = node.ask("GET", "namespaces/_/activations?limit=1&docs=true")[1][0]["logs"]
            equal(any(SECRET in line for line in logs), to_host)


# ---- what the host sees ----

@test("neither traffic nor log nor database nor any file of the daemon has the plaintext; of a plain call they do")
def _():
    with Node("--workers", "1", "--log-level", "debug") as node:
        node.put("echo", ECHO)
        traffic = recorded(node, "echo", ECHO, SECRET)[2]
        envelope = recorded(node, "echo", ECHO, SECRET)[0]
        equal(node.post("echo", {"reclave_envelope": envelope}, "blocking=false")[0], 202)
        eventually(lambda: len(node.ask("GET", "namespaces/_/activations")[1]) == 3)
        assert not finds(everywhere(node, traffic), SECRET)
        assert finds(b"." + base64.b64encode(b"xy" + SECRET.encode()), SECRET)  # the search itself
        recorder = Recorder(node.api)
        plain = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=60)
        plain.request("POST", "/api/v1/namespaces/_/actions/echo?blocking=true", json.dumps({"s": SECRET}),
                      {"Authorization": "Basic " + base64.b64encode(node.auth.encode()).decode()})
        equal(plain.getresponse().status, 200)
        assert finds(recorder.bytes, SECRET)
        assert finds(everywhere(node), SECRET)


# ---- confidential code ----

@test("sealed code runs where its key is, after others' too, and nowhere else; what nobody can read any more is listed")
def _():
    one = build("ow_quiet", "--sign", OWNER)
    with Node("--workers", "2") as node:
        node.put("sealed", node.seal(one, "--enclave", "1"))
        node.put("sealed-too", node.seal(build("echo", "--sign", OWNER), "--enclave", "1"))
        node.put("echo", ECHO)
        for number in range(3):
            equal(node.post("sealed", {"n": number}, "blocking=true&result=true"), (200, {"n": number}))
            equal(node.post("sealed-too", {"n": number}, "blocking=true&result=true"), (200, {"n": number}))
            equal(node.post("echo", {"n": number}, "blocking=true&result=true"), (200, {"n": number}))
        equal(node.invoke("sealed", one, "--enclave", "1", text=SECRET).stdout, SECRET)
        done = node.invoke("sealed", one, "--enclave", "0", text=SECRET)
        assert done.returncode == 1 and "another enclave" in done.stderr, done
        activation = node.post("sealed", {})[1]
        assert {"key": "bundle", "value": sha256(one)} in activation["annotations"]
        # of the same owner: one enclave holds both
        slots = [s["function"] for s in node.pool()["workers"][1]["slots"] if s["function"]]
        assert len(slots) >= 2, node.pool()
        os.kill([w for w in node.pool()["workers"] if w["worker"] == 1][0]["pid"], signal.SIGKILL)
        eventually(lambda: node.pool()["restarts"] == 1 and len(node.pids()) == 2)
        status, body = node.post("sealed", {}, "blocking=true&result=true")
        equal((status, body["reclave_status"]), (502, 422))
        equal(node.pool()["restarts"], 1)  # a bundle that cannot be read is not the worker's fault
        state = node.state
    with Node("--workers", "2", state=state) as node:
        eventually(lambda: len(node.events("function-unusable")) == 2)
        assert all("seal it again" in event["why"] for event in node.events("function-unusable"))


@test("sealed code that was changed is refused, and costs no worker")
def _():
    with Node("--workers", "1") as node:
        sealed = node.seal(build("echo"))
        data = bytearray(open(sealed, "rb").read())
        data[-1] ^= 1
        open(sealed, "wb").write(data)
        node.put("changed", sealed)
        status, body = node.post("changed", {}, "blocking=true&result=true")
        equal((status, body["reclave_status"]), (502, 423))
        equal(node.pool()["restarts"], 0)
        short = {"exec": {"kind": "wasm:1", "code": b64(data[:150])}}
        equal(node.ask("PUT", "namespaces/_/actions/short", short)[0], 400)


# ---- with a keeper ----

class KeeperWire:
    """A keeper's socket, and what passes: which requests it answered well (docs/keeper.md, "The socket")."""

    def __init__(self, path, keeper):
        self.path, self.keeper, self.answered = path, keeper, []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.relay, args=[self.server.accept()[0]], daemon=True).start()

    def relay(self, worker):
        keeper = socket.socket(socket.AF_UNIX)
        keeper.connect(self.keeper)
        while self.pass_on(worker, keeper) and self.pass_on(keeper, worker):
            pass
        worker.close()
        keeper.close()

    def pass_on(self, source, target):
        prefix = self.exactly(source, 16)
        if not prefix:
            return False
        kind, status, size, _ = struct.unpack("<4I", prefix)
        target.sendall(prefix + self.exactly(source, size))
        if kind > 256 and status == 0:
            self.answered.append(kind - 256)
        return True

    def admissions(self):
        """A challenge, then the command that answers it with a grant."""
        pairs = zip(self.answered, self.answered[1:])
        return sum(pair == (2, 3) for pair in pairs)

    @staticmethod
    def exactly(source, count):
        data = b""
        while len(data) < count and (more := source.recv(count - len(data))):
            data += more
        return data


class Keeper(Process):
    """A keeper on a platform of its own, whose state and root a daemon's workers share."""

    def __init__(self):
        self.state = tempfile.mkdtemp(dir=scratch)
        env = {**os.environ, "RECLAVE_STATE_DIR": self.state}
        quote, policy, self.socket = (os.path.join(self.state, name) for name in ("q", "fleet.policy", "k.sock"))
        self.root = quote + ".root.pem"
        good(reclave("attest", "--backend", "emulator", "-o", quote, env=env))
        good(reclave("keeper", "policy", "--quote", quote, "--collateral", quote + ".collateral.json", "--root",
                     self.root, "--key", OWNER, "--last-epoch", "1000", "-o", policy))
        super().__init__(["keeper", "--socket", self.socket, "--state", os.path.join(self.state, "k.state"), "--policy",
                          policy, "--backend", "emulator"], env)
        eventually(lambda: os.path.exists(self.socket) or self.child.poll() is not None)

    def describe(self):
        """What callers have of it: the description, and a policy that names its owner and image."""
        self.description = os.path.join(self.state, "fleet.json")
        good(reclave("keeper", "describe", "--keeper", self.socket, "--root", self.root, "--verify", POLICY, "-o",
                     self.description))
        with open(self.description) as file:
            told = json.load(file)
        self.mrenclave = told["mrenclave"]
        self.policy = os.path.join(self.state, "callers.json")
        with open(self.policy, "w") as file:
            json.dump({"keeper_owner": hashlib.sha256(bytes.fromhex(told["owner"])).hexdigest(),
                       "mrenclave": self.mrenclave, "max_epoch_seconds": 3600}, file)
        self.trust = ["--root", self.root, "--verify", self.policy]

    def call(self, node, name, path, *more, text="", url=None):
        return reclave("invoke", path, "--node", url or node.url, "--action", name, "--auth", node.auth, "--keeper",
                       self.description, *self.trust, *more, input=text)


class Forger(Recorder):
    """Gives callers another certificate of the same length than the worker's."""

    def pump(self, source, target):
        class Wire:
            shutdown = target.shutdown

            @staticmethod
            def sendall(data):
                target.sendall(re.sub(rb'("reclave_certificate": ?"[0-9a-f]{100})(.)',
                                      lambda found: found[1] + (b"0" if found[2] != b"0" else b"1"), data))
        super().pump(source, Wire)


@test("a caller verifies the keeper once; any worker of the service answers with the keeper's word for it, and evidence holds")
def _():
    with Keeper() as keeper, Node("--workers", "2", "--keeper", keeper.socket, state=keeper.state) as node:
        keeper.describe()
        node.put("echo", ECHO)
        evidence, given = os.path.join(scratch, "fleet"), os.path.join(scratch, "fleet.in")
        with open(given, "w") as file:
            file.write(SECRET)
        done = keeper.call(node, "echo", ECHO, "--nonce", "0123456789abcdef", "--evidence", evidence, text=SECRET)
        equal((done.returncode, done.stdout), (0, SECRET))
        assert os.path.getsize(evidence + ".certificate") and not os.path.exists(evidence + ".quote")
        check = ["verify", "--keeper", evidence + ".keeper.json", "--certificate", evidence + ".certificate", "--root",
                 keeper.root, "--policy", keeper.policy, "--evidence", evidence, "--output", given]
        good(reclave(*check, "--input", given, "--nonce", "0123456789abcdef"))
        for wrong, step in ((["--input", POLICY], "evidence_input"), (["--nonce", "00" * 8], "evidence_nonce")):
            verdict = reclave(*check, *wrong, "--json")
            equal((verdict.returncode, json.loads(verdict.stdout)["failed_step"]), (1, step))
        done = keeper.call(node, "echo", ECHO, "--session", "--input-lines", text="one\ntwo\n")
        equal((done.returncode, done.stdout), (0, "one\ntwo\n"))
        # the description names no worker: one that goes is not missed
        for pid in node.pids():
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: node.pool()["restarts"] == 2 and all(w["state"] == "up" for w in node.pool()["workers"]))
        equal(keeper.call(node, "echo", ECHO, text=SECRET).stdout, SECRET)
        forger = Forger(node.api)
        done = keeper.call(node, "echo", ECHO, text=SECRET, url=f"http://127.0.0.1:{forger.port}")
        assert done.returncode == 1 and SECRET not in done.stdout and "worker_certificate" in done.stderr, done
        assert not finds(everywhere(node, forger.bytes), SECRET)
        done = keeper.call(node, "echo", ECHO, "--enclave", "1")
        assert done.returncode == 2 and "any can serve" in done.stderr, done
        done = keeper.call(node, "echo", ECHO, "--encrypted-only", text=SECRET)  # as these workers were not started
        assert done.returncode == 1 and SECRET not in done.stdout, done


@test("workers of no keeper cannot answer for its fleet")
def _():
    with Keeper() as keeper, Node("--workers", "1") as node:
        keeper.describe()
        node.put("echo", ECHO)
        done = keeper.call(node, "echo", ECHO, text=SECRET)
        assert done.returncode == 1 and "a key that this enclave does not hold" in done.stderr, done


@test("sealed code runs as an action as soon as the keeper has released its function key")
def _():
    tenant, key, about, sealed = (os.path.join(scratch, name) for name in ("tenant.pem", "f.key", "f.json", "f.sealed"))
    good(reclave("key", "new", tenant))
    one = build("ow_quiet", "--sign", tenant)
    with open(key, "w") as file:
        file.write("07" * 32)
    with Keeper() as keeper, Node("--workers", "2", "--keeper", keeper.socket, state=keeper.state) as node:
        keeper.describe()
        with open(about, "w") as file:
            json.dump({"serial": 1, "mrenclave": [keeper.mrenclave]}, file)
        good(reclave("seal", one, "--function-key", key, "-o", sealed))
        node.put("sealed", sealed)
        status, body = node.post("sealed", {"a": 1}, "blocking=true&result=true")
        equal((status, body["reclave_status"]), (502, 482))
        good(reclave("keeper", "release", "--to", keeper.socket, "--function-key", key, "--policy", about, "--key", tenant,
                     *keeper.trust))
        eventually(lambda: node.post("sealed", {"a": 1}, "blocking=true&result=true") == (200, {"a": 1}))
        equal(node.pool()["restarts"], 0)  # a key that is not there yet is not the worker's fault
        done = keeper.call(node, "sealed", one, text=json.dumps({"b": SECRET}))
        equal((done.returncode, json.loads(done.stdout)), (0, {"b": SECRET}))
        equal(keeper.call(node, "sealed", sealed, text='{"c": 1}').returncode, 0)
        changed = build("ow_quiet", "--sign", OWNER)  # of another owner: the key is not for it
        good(reclave("seal", changed, "--function-key", key, "-o", sealed))
        node.put("changed", sealed)
        status, body = node.post("changed", {"a": 1}, "blocking=true&result=true")
        equal((status, body["reclave_status"]), (502, 483))


@test("confined workers of a service take a keeper's keys, and new ones as it has them")
def _():
    with Keeper() as keeper:
        state, sock = keeper.state, keeper.socket
        wire = KeeperWire(os.path.join(state, "wire.sock"), sock)
        with Node("--workers", "1", "--keeper", wire.path, state=state) as node:
            equal(wire.admissions(), 1)
            (pid,) = node.pids()
            assert "Seccomp:\t2" in open(f"/proc/{pid}/status").read()
            node.put("echo", ECHO)
            equal(node.invoke("echo", ECHO, text=SECRET).stdout, SECRET)
            good(reclave("keeper", "rotate", "--keeper", sock))
            eventually(lambda: wire.admissions() == 2)
            equal(node.invoke("echo", ECHO, text=SECRET).stdout, SECRET)
            equal((node.pids(), node.pool()["restarts"]), ([pid], 0))
            assert "no new keys" not in node.text("err"), node.text("err")
        with Process(["serve", "--state-dir", state, "--listen", "127.0.0.1:0", "--admin-listen", "none", "--wow-listen",
                      "none", "--backend", "emulator", "--keeper", os.path.join(state, "nobody")]) as serve:
            equal(serve.child.wait(timeout=60), 1)
            assert "nobody" in serve.text("err"), serve.text("err")


# ---- in the clear ----

@test("a plain call can ask for evidence with a nonce")
def _():
    quiet = build("ow_quiet")
    with Node("--workers", "1") as node:
        node.put("quiet", quiet)
        nonce = secrets.token_hex(16)
        activation = node.post("quiet", {"b": [1, "❄"], "a": 1.5, "reclave_nonce": nonce})[1]
        result = activation["response"]["result"]
        equal([result["b"], result["a"]], [[1, "❄"], 1.5])
        assert "reclave_nonce" not in result
        files = {}
        for name in ("evidence", "input", "output"):
            files[name] = os.path.join(node.state, name)
            with open(files[name], "wb") as file:
                file.write(base64.b64decode(result["reclave_" + name]))
        assert json.load(open(files["input"])) == {"b": [1, "❄"], "a": 1.5}
        quote = node.quotes()[0]
        for name in ("quote", "collateral"):
            files[name] = os.path.join(node.state, name)
            with open(files[name], "wb") as file:
                file.write(base64.b64decode(quote[name]))
        check = ["verify", "--quote", files["quote"], "--collateral", files["collateral"], "--policy", POLICY, "--root",
                 node.root, "--evidence", files["evidence"], "--output", files["output"], "--name", "quiet", "--nonce"]
        good(reclave(*check, nonce, "--input", files["input"]))
        equal(reclave(*check, "00" * 16, "--input", files["input"]).returncode, 1)
        equal(reclave(*check, nonce, "--input", POLICY).returncode, 1)
        assert {"key": "reclave_evidence", "value": result["reclave_evidence"]} in activation["annotations"]
        result = node.post("quiet", {"reclave_evidence": True}, "blocking=true&result=true")[1]
        equal(sorted(result), ["reclave_evidence", "reclave_input", "reclave_output"])
        # a result's evidence is data for the next action, and no wish
        equal(node.post("quiet", {"reclave_evidence": "x"}, "blocking=true&result=true")[1], {"reclave_evidence": "x"})
        for bad in ("", "12", "zz" * 8, 7, "00" * 65, "0" * 17):
            status, body = node.post("quiet", {"reclave_nonce": bad}, "blocking=true&result=true")
            assert status == 502 and "reclave_nonce" in body["error"], body
        node.put("traps", build("traps"))
        status, trap = node.post("traps", {"reclave_nonce": nonce})
        equal((status, trap["response"]["status"]), (502, "action developer error"))
        assert any(pair["key"] == "reclave_evidence" for pair in trap["annotations"]), trap


@test("quotes answer their challenge, and only to those who may ask")
def _():
    with Node("--workers", "2") as node:
        challenge = secrets.token_hex(32)
        for worker in node.quotes(challenge):
            assert bytes.fromhex(challenge) in base64.b64decode(worker["quote"])
            equal(len(base64.b64decode(worker["identity"])), 145)
        for bad in ("challenge=00", "challenge=" + "g" * 64, "challenge=" + "0" * 65, "challenge=", "worker=", "worker=-1",
                    "worker=x", "worker=100"):
            equal(node.ask("GET", "reclave/attestation?" + bad)[0], 400)
        (worker,) = node.ask("GET", "reclave/attestation?worker=1")[1]["workers"]
        equal(worker["worker"], 1)
        equal(node.ask("GET", "reclave/attestation?worker=2")[0], 503)
        equal(request(node.api, "GET", "/api/v1/reclave/attestation")[0], 401)
        quote = os.path.join(node.state, "written")
        done = reclave("attest", "--node", node.url, "--auth", node.auth, "--enclave", "1", "--nonce", challenge, "-o",
                       quote, "--json")
        equal(json.loads(good(done))["role"], "worker")
        good(reclave("verify", "--quote", quote, "--collateral", quote + ".collateral.json", "--policy", POLICY, "--root",
                     node.root, "--nonce", challenge))
        done = reclave("invoke", ECHO, "--node", node.url, "--action", "echo", "--encrypt", "--verify", POLICY,
                       "--auth", node.auth, input=SECRET)
        assert done.returncode == 1 and "trusted_root" in done.stderr, done
        for arguments, words in ((["--node", "h:1"], "http://"), (["--node", node.url], "--action"),
                                 (["--worker", "w", "--enclave", "0"], "--node URL is missing"),
                                 (["--node", node.url, "--worker", "w", "--action", "a"], "either")):
            done = reclave("invoke", ECHO, *arguments, "--encrypt", "--verify", POLICY)
            assert done.returncode == 2 and words in done.stderr, done


# ---- as a runtime of a cluster ----

def through_proxy(run, init, envelope_of):
    equal(init(b64(open(ECHO, "rb").read()))[0], 200)
    envelope = envelope_of()
    status, body = run({"reclave_envelope": envelope, "reclave_evidence": True})
    equal((status, sorted(body)), (200, ["reclave_envelope", "reclave_evidence"]))
    equal(base64.b64decode(body["reclave_envelope"])[10], 2)
    data = bytearray(base64.b64decode(envelope))
    data[-1] ^= 1
    status, body = run({"reclave_envelope": b64(data)})
    equal((status, body["reclave_status"]), (502, 406))
    return envelope


@test("a proxy that relays, and the executor protocol, carry encrypted calls")
def _():
    with Node("--workers", "1") as node, Proxy("--node", node.node) as proxy:
        node.put("echo", ECHO)
        envelope = through_proxy(proxy.run, proxy.init, lambda: recorded(node, "echo", ECHO, SECRET)[0])
        equal(request(proxy.port, "GET", "/attestation")[0], 404)
        equal(len(request(node.node, "GET", "/attestation")[1]["workers"]), 1)
        code = {"value": {"code": b64(open(ECHO, "rb").read()), "binary": True}}
        equal(request(node.wow, "POST", "/e/init", code)[0], 200)
        status, body, _ = request(node.wow, "POST", "/e/run", {"value": {"reclave_envelope": envelope}})
        equal((status, body["success"]), (200, True))
        equal(base64.b64decode(body["result"]["reclave_envelope"])[10], 2)
        assert SECRET not in proxy.text("out") + proxy.text("err")


@test("a proxy of its own gives a quote; who verified it can encrypt to its enclave")
def _():
    with Proxy(env={"RECLAVE_STATE_DIR": os.path.join(scratch, "platform")}) as proxy:
        answer = request(proxy.port, "GET", "/attestation?challenge=" + "5a" * 32)
        equal(answer[0], 200)
        (worker,) = answer[1]["workers"]
        quote = os.path.join(scratch, "proxy.quote")
        for name, suffix in (("quote", ""), ("identity", ".identity"), ("collateral", ".collateral.json"),
                             ("root", ".root.pem")):
            with open(quote + suffix, "wb") as file:
                file.write(base64.b64decode(worker[name]))
        equal(request(proxy.port, "GET", "/attestation?challenge=5a")[0], 400)
        sealed = os.path.join(scratch, "proxy.sealed")
        good(reclave("seal", build("ow_quiet"), "--to", quote, "--verify", POLICY, "--root", quote + ".root.pem", "-o",
                     sealed))
        equal(proxy.init(b64(open(sealed, "rb").read())), (200, {"ok": True}))
        equal(proxy.run({"a": 1}), (200, {"a": 1}))
        status, body = proxy.run({"a": 1, "reclave_nonce": "ab" * 8})
        equal((status, sorted(body)), (200, ["a", "reclave_evidence", "reclave_input", "reclave_output"]))


run_tests()
