"""For the tests of `reclave serve` and `reclave proxy`: starting them, asking them, TAP."""
import base64
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile

BUILD = os.environ.get("BUILD", "build")
RECLAVE = os.path.join(BUILD, "bin", "reclave")
SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"

# Longest wait for what must happen: far beyond what any machine needs, since a test that waits this
# long has failed.
PATIENCE = 120
os.environ.setdefault("RECLAVE_EMULATE", "watch=1")  # no access of the host's to enclave memory goes unnoticed

scratch = tempfile.mkdtemp(prefix="reclave-serve-")
_tests = []
_reserved = []


def test(name):
    def register(function):
        _tests.append((name, function))
        return function
    return register


def run_tests():
    """Runs what was registered and has an argument in its name; the exit status is 1 if one failed."""
    failed = 0
    _tests[:] = [one for one in _tests if not sys.argv[1:] or any(a in one[0] for a in sys.argv[1:])]
    print(f"1..{len(_tests)}", flush=True)
    try:
        for number, (name, function) in enumerate(_tests, 1):
            try:
                function()
                print(f"ok {number} - {name}", flush=True)
            except Exception:
                failed = 1
                print(f"not ok {number} - {name}")
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
                sys.stdout.flush()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(failed)


def equal(got, wanted):
    assert got == wanted, f"got {str(got)[:2000]!r}, wanted {str(wanted)[:2000]!r}"


def module(name):
    with open(os.path.join(BUILD, "guests", name + ".wasm"), "rb") as file:
        return file.read()


def variant(name, number):
    """The same module with another digest: a custom section at its end."""
    return module(name) + bytes([0, 5, 4]) + number.to_bytes(4, "little").replace(b"\0", b"x")


def bundle(name, *options):
    path = os.path.join(scratch, name + ".rcl")
    subprocess.run([RECLAVE, "build", os.path.join(BUILD, "guests", name + ".wasm"), "-o", path,
                    "--env", "*", *options], check=True)
    with open(path, "rb") as file:
        return file.read()


def next_millisecond():
    """Two things that happen before and after it have different times in the daemon's records."""
    now = time.time_ns() // 1000000
    eventually(lambda: time.time_ns() // 1000000 > now)


def b64(data):
    return base64.b64encode(data).decode()


def zipped(files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return memory.getvalue()


def free_port():
    """A port that nobody else is given while this process lives: the socket stays bound, and the kernel
    chooses no such port for others. A listener with SO_REUSEADDR, as ours are, may still have it."""
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _reserved.append(probe)
    return probe.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def request(where, method, path, body=None, headers=None, timeout=PATIENCE):
    """One request on a new connection to a port or a socket's path: status, body (of JSON if it is), headers."""
    if isinstance(where, int):
        connection = http.client.HTTPConnection("127.0.0.1", where, timeout=timeout)
    else:
        connection = UnixConnection(where, timeout)
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body, ensure_ascii=False)
    if isinstance(body, str):
        body = body.encode()
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        data = response.read()
        assert response.getheader("Content-Length") is not None, "no Content-Length"
        equal(response.getheader("Transfer-Encoding"), None)
    finally:
        connection.close()
    try:
        data = json.loads(data)
    except ValueError:
        data = data.decode("utf-8", "replace")
    return response.status, data, response.headers


def eventually(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "this took too long"
        time.sleep(0.01)


class Process:
    """A child whose streams go to files."""

    def __init__(self, arguments, env=None):
        self.folder = tempfile.mkdtemp(dir=scratch)
        self.out = open(os.path.join(self.folder, "out"), "wb+")
        self.err = open(os.path.join(self.folder, "err"), "wb+")
        self.child = subprocess.Popen([RECLAVE, *arguments], stdin=subprocess.DEVNULL,
                                      stdout=self.out, stderr=self.err,
                                      env={**os.environ, **(env or {})})

    def text(self, stream):
        with open(os.path.join(self.folder, stream), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self, number=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(number)
        status = self.child.wait(timeout=PATIENCE)
        self.out.close()
        self.err.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.stop()


class Proxy(Process):
    def __init__(self, *options, env=None):
        self.port = free_port()
        super().__init__(["proxy", "--listen", f"127.0.0.1:{self.port}", "--backend", "emulator", *options],
                         env)
        eventually(self.listens)

    def listens(self):
        assert self.child.poll() is None, self.text("err")
        try:
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
            return True
        except OSError:
            return False

    def init(self, code, main="main", binary=True, env=None, name="echo"):
        value = {"name": name, "main": main, "binary": binary, "code": code, "env": env}
        return request(self.port, "POST", "/init", {"value": value})[:2]

    def run(self, value, **context):
        return request(self.port, "POST", "/run", {"value": value, **context})[:2]

    def sentinels(self):
        return [self.text(stream).splitlines().count(SENTINEL) for stream in ("out", "err")]

    def logs(self):
        return [[line for line in self.text(stream).splitlines() if line != SENTINEL]
                for stream in ("out", "err")]


class Serve(Process):
    def __init__(self, *options, env=None, state=None):
        self.api, self.admin, self.wow = free_port(), free_port(), free_port()
        self.state = state or tempfile.mkdtemp(dir=scratch)
        self.node = os.path.join(self.state, "node.sock")
        super().__init__(["serve", "--state-dir", self.state, "--listen", f"127.0.0.1:{self.api}",
                          "--admin-listen", f"127.0.0.1:{self.admin}", "--wow-listen",
                          f"127.0.0.1:{self.wow}", "--node-socket", self.node, "--backend", "emulator",
                          *options], env)
        eventually(self.ready)

    def ready(self):
        assert self.child.poll() is None, self.text("err")
        try:
            return request(self.admin, "GET", "/readyz")[0] == 200
        except OSError:
            return False

    def container(self, verb, body, name="c"):
        status, answer, _ = request(self.node, "POST", f"/containers/{name}/{verb}", body)
        equal(status, 200)
        return answer

    def pool(self):
        return request(self.admin, "GET", "/pool")[1]

    def pids(self):
        return [worker["pid"] for worker in self.pool()["workers"] if worker["state"] == "up"]

    def compilers(self):
        """Processes that compile, and their states (as of proc(5))."""
        found = {}
        for task in os.listdir("/proc"):
            try:
                with open(f"/proc/{task}/stat") as stat, open(f"/proc/{task}/cmdline") as command:
                    state, parent = stat.read().rpartition(")")[2].split()[:2]
                    if int(parent) == self.child.pid and "\0--confined\0" in command.read():
                        found[int(task)] = state
            except (OSError, ValueError):
                pass
        return found

    def stop_compiler(self):
        """Whether one that was running is now stopped: it would never end by itself."""
        for pid, state in self.compilers().items():
            if state not in "TZ":
                os.kill(pid, signal.SIGSTOP)
                eventually(lambda: self.compilers().get(pid, "Z") in "TZ")
                return self.compilers().get(pid) == "T"
        return False

    def events(self, name):
        lines = [json.loads(line) for line in self.text("err").splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]
