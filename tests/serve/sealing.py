"""For tests and benchmarks of encrypted calls: a daemon with a tenant, what its callers do, and who listens."""
import re
import threading

from harness import *

POLICY = os.path.join(scratch, "any.json")
with open(POLICY, "w") as file:
    file.write("{}")


def reclave(*arguments, **more):
    return subprocess.run([RECLAVE, *arguments], capture_output=True, text=True, timeout=500, **more)


def good(done):
    assert done.returncode == 0, done
    return done.stdout


def build(guest, *more):
    path = os.path.join(scratch, f"{guest}-{len(os.listdir(scratch))}.rcl")
    good(reclave("build", os.path.join(BUILD, "guests", guest + ".wasm"), "-o", path, *more))
    return path


def sha256(path):
    return re.search(r'"bundle_sha256": *"([0-9a-f]{64})"', good(reclave("inspect", "--json", path)))[1]


class Node(Serve):
    """A daemon with a tenant, and the root of its emulated platform."""

    def __init__(self, *options, **more):
        super().__init__(*options, **more)
        eventually(lambda: all(worker["state"] == "up" for worker in self.pool()["workers"]))  # ready: one is
        kept = os.path.join(self.state, "auth")
        if os.path.exists(kept):
            self.auth = open(kept).read()
        else:
            self.auth = good(reclave("user", "add", "guest", env={**os.environ, "RECLAVE_STATE_DIR": self.state})).strip()
            with open(kept, "w") as out:
                out.write(self.auth)
        self.url = f"http://127.0.0.1:{self.api}"
        self.root = os.path.join(self.state, "root.pem")
        with open(self.root, "wb") as out:
            out.write(base64.b64decode(self.quotes()[0]["root"]))

    def ask(self, method, path, body=None):
        basic = "Basic " + base64.b64encode(self.auth.encode()).decode()
        return request(self.api, method, "/api/v1/" + path, body, {"Authorization": basic}, timeout=150)[:2]

    def quotes(self, challenge=""):
        status, body = self.ask("GET", "reclave/attestation" + (f"?challenge={challenge}" if challenge else ""))
        equal(status, 200)
        return body["workers"]

    def put(self, name, path, **more):
        with open(path, "rb") as code:
            action = {"exec": {"kind": "wasm:1", "code": b64(code.read())}, **more}
        equal(self.ask("PUT", f"namespaces/_/actions/{name}?overwrite=true", action)[0], 200)

    def post(self, name, body, query="blocking=true"):
        return self.ask("POST", f"namespaces/_/actions/{name}?{query}", body)

    def invoke(self, name, path, *more, text=""):
        return reclave("invoke", path, "--node", self.url, "--action", name, "--encrypt", "--verify", POLICY,
                       "--root", self.root, *more, input=text, env={**os.environ, "RECLAVE_AUTH": self.auth})

    def seal(self, path, *more):
        out = path + f".{len(os.listdir(scratch))}.sealed"
        good(reclave("seal", path, "--to", self.url, "--auth", self.auth, "--verify", POLICY, "--root", self.root,
                     "-o", out, *more))
        return out


class Recorder:
    """Stands between a client and a port, and keeps what goes by."""

    def __init__(self, port):
        self.bytes = b""
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.target = port
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.server.accept()[0]
            except OSError:
                return
            node = socket.create_connection(("127.0.0.1", self.target))
            for one, other in ((client, node), (node, client)):
                threading.Thread(target=self.pump, args=[one, other], daemon=True).start()

    def pump(self, source, target):
        try:
            while data := source.recv(65536):
                with self.lock:
                    self.bytes += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def recorded(node, name, path, text):
    """An encrypted call through a recorder: the envelopes there and back, and all that went by."""
    recorder = Recorder(node.api)
    done = reclave("invoke", path, "--node", f"http://127.0.0.1:{recorder.port}", "--action", name, "--auth", node.auth,
                   "--encrypt", "--verify", POLICY, "--root", node.root, "--evidence", os.path.join(scratch, "recorded"),
                   input=text)
    equal(done.returncode, 0)
    requests = re.findall(rb'\{"reclave_envelope": ?"([^"]+)"', recorder.bytes)
    equal(len(requests), 2)
    return requests[0].decode(), requests[1].decode(), recorder.bytes
