"""The tests' client of the API: a daemon with tenants, and requests as people send them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "serve"))

from harness import *  # noqa: E402,F401,F403
import harness  # noqa: E402


def user(state, *arguments):
    """`reclave user`: exit code, stdout, stderr."""
    done = subprocess.run([RECLAVE, "user", *arguments, "--state-dir", state], capture_output=True,
                          text=True)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def add_user(state, name, *options):
    code, out, err = user(state, "add", name, *options)
    assert code == 0, err
    return out


REUSE_S = 10  # the daemon closes a connection after 30 s without traffic: never race with that


class Client:
    """One tenant's; keeps its connection while it is in use."""

    def __init__(self, port, key, namespace="_", timeout=harness.PATIENCE):
        self.port, self.key, self.namespace, self.timeout = port, key, namespace, timeout
        self.connection = None
        self.used = 0.0
        self.headers = {}

    def raw(self, method, path, body=None, headers=None):
        """Status, body (of JSON if it is), headers."""
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        every = {"Accept": "application/json"}
        if self.key:
            every["Authorization"] = "Basic " + b64(self.key.encode())
        if body is not None:
            every["Content-Type"] = "application/json"
        every.update(headers or {})
        if self.connection and time.monotonic() - self.used > REUSE_S:
            self.close()
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, every)
            response = self.connection.getresponse()
            data = response.read()
        except Exception:
            self.connection.close()
            self.connection = None
            raise
        self.used = time.monotonic()
        self.headers = response.headers
        if response.getheader("Connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
        try:
            return response.status, json.loads(data)
        except ValueError:
            return response.status, data.decode("utf-8", "replace")

    def __call__(self, method, path, body=None, **more):
        return self.raw(method, f"/api/v1/namespaces/{self.namespace}/{path}", body, **more)

    def put(self, path, body, wanted=200):
        status, answer = self("PUT", path, body)
        equal((status, answer if status != wanted else None), (wanted, None))
        return answer

    def action(self, name, code, overwrite=False, **fields):
        return self.put(f"actions/{name}" + ("?overwrite=true" if overwrite else ""),
                        {"exec": {"kind": "wasm:1", "code": code}, **fields})

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None


class Api(Serve):
    """A daemon with the tenant `guest`."""

    def __init__(self, *options, state=None, users=("guest",), env=None):
        self.folder_of_state = state or tempfile.mkdtemp(dir=scratch)
        self.keys = {}
        if not state:
            for name in users:
                self.keys[name] = add_user(self.folder_of_state, name)
        super().__init__("--workers", "1", *options, state=self.folder_of_state, env=env)

    def client(self, name="guest", key=None):
        return Client(self.api, key or self.keys[name])


def refused(answer, status, text):
    """OpenWhisk's error format, with this status and these words."""
    equal(answer[0], status)
    assert isinstance(answer[1], dict), f"no JSON: {str(answer[1])[:300]!r}"
    equal(sorted(answer[1]), ["code", "error"])
    assert isinstance(answer[1]["code"], str) and answer[1]["code"]
    assert text in answer[1]["error"], f"{answer[1]['error']!r} does not contain {text!r}"


def pairs(**values):
    return [{"key": key, "value": value} for key, value in values.items()]


def value_of(pairs_list, key):
    found = [pair["value"] for pair in pairs_list if pair["key"] == key]
    return found[0] if found else None
