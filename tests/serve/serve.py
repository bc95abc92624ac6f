#!/usr/bin/env python3
"""`reclave serve`: its listeners, its settings, what dies and what goes on."""
import threading

from harness import *

ECHO = b64(bundle("ow_echo"))
QUIET = b64(bundle("ow_quiet"))


def in_seconds(seconds):
    """The protocol's deadline."""
    return str(int((time.time() + seconds) * 1000))


def busy_slots(serve):
    return sum(slot["state"] == "busy" for worker in serve.pool()["workers"] for slot in worker["slots"])


def init(code, **more):
    return {"value": {"name": "f", "main": "main", "binary": True, "code": code, **more}}


# ---- the node's socket, and proxies on it ----

@test("a proxy relays to the node: log, sentinels, environment, statuses")
def _():
    with Serve("--workers", "1") as serve, \
            Proxy("--node", serve.node, env={"__OW_API_HOST": "host"}) as proxy, \
            Proxy("--node", serve.node) as other:
        equal(proxy.run({})[0], 403)
        equal(proxy.init(ECHO), (200, {"ok": True}))
        equal(proxy.init(ECHO)[0], 403)
        equal(proxy.run({"a": "❄"}), (200, {"a": "❄"}))
        equal(proxy.sentinels(), [1, 1])
        assert "hello stdout" in proxy.logs()[0] and "hello stderr" in proxy.logs()[1]
        equal(other.init(b64(bundle("ow_env"))), (200, {"ok": True}))
        equal("__OW_API_HOST" in other.run({}, namespace="n")[1], False)
        equal(proxy.stop(), 0)
        equal(other.run({}, namespace="n")[1]["__OW_NAMESPACE"], "n")


@test("a proxy without its node answers 503, so that OpenWhisk goes elsewhere")
def _():
    with Proxy("--node", os.path.join(scratch, "nobody")) as proxy:
        equal(proxy.init(ECHO)[0], 503)


@test("no slot in time is 503; a full queue as well")
def _():
    loop = b64(bundle("endless_loop"))
    with Serve("--workers", "1", "--queue-timeout", "200", "--queue-limit", "1") as serve:
        equal(serve.container("init", init(loop), "loop")["status"], 200)
        run = {"value": {}, "deadline": in_seconds(1000)}
        lost = []
        threads = [threading.Thread(target=lambda: lost.append(serve.container("run", run, "loop")))
                   for _ in range(3)]
        for thread in threads:
            thread.start()
            eventually(lambda: busy_slots(serve) == threads.index(thread) + 1)
        answers = []
        more = [threading.Thread(target=lambda n: answers.append(serve.container("init", init(QUIET), n)),
                                 args=[f"more-{n}"]) for n in range(4)]
        for thread in more:
            thread.start()
        for thread in more:
            thread.join()
        equal([answer["status"] for answer in answers], [503] * 4)
        equal(busy_slots(serve), 3)  # of nothing else
        os.kill(serve.pids()[0], signal.SIGKILL)
        for thread in threads:
            thread.join()
        equal([answer["status"] for answer in lost], [502] * 3)
        eventually(lambda: serve.container("init", init(QUIET), "more-1")["status"] == 200)


# ---- the executor protocol ----

@test("the wasm executor protocol: init, run, destroy")
def _():
    with Serve("--workers", "1") as serve:
        def post(path, body):
            return request(serve.wow, "POST", path, body)[:2]

        code = b64(zipped({"whatever": module("ow_quiet")}))
        value = {"value": {"name": "f", "main": "main", "code": code, "binary": True, "env": {},
                           "annotations": {"dir": "/", "net_access": False}}}
        equal(post("/id-1/init", value), (200, ""))
        run = {"value": {"x": 1}, "namespace": "n", "action_name": "f", "activation_id": "a",
               "transaction_id": "t", "deadline": str(int(time.time() * 1000) + 9000)}
        equal(post("/id-1/run", run), (200, {"status": "success", "status_code": 0, "success": True,
                                             "result": {"x": 1}}))
        run["value"] = {"Ok": {"y": 2}}
        equal(post("/id-1/run", run)[1]["result"], {"y": 2})
        run["value"] = {"Err": "bad"}
        equal(post("/id-1/run", run), (200, {"status": "application error", "status_code": 1,
                                             "success": False, "result": {"error": "bad"}}))
        equal(post("/id-2/run", run)[0], 404)
        del value["value"]["env"], value["value"]["annotations"]
        equal(post("/id-2/init", value), (200, ""))
        status, body = post("/id-3/init", {"value": {"code": "AAAA", "binary": True}})
        assert status == 400 and body["error"]
        equal(request(serve.wow, "POST", "/ignored/destroy", "id-1", {"Content-Type": "text/plain"})[0], 200)
        equal(post("/id-1/run", run)[0], 404)
        equal(request(serve.wow, "POST", "/x/destroy", "unknown")[0], 200)


@test("the wasm executor protocol: parameters and results are the same however they are written")
def _():
    with Serve("--workers", "1") as serve:
        def run(text):
            return request(serve.wow, "POST", "/e/run", text)[:2]

        equal(request(serve.wow, "POST", "/e/init", init(b64(module("ow_quiet"))))[0], 200)
        for value in ({"x": [1, -2.5, {"y": None}], "s": "a\\\"b\n"}, {"s": "caf\u00e9 \u2744"}, [1, 2], {}, {"value": {"value": 1}}):
            for text in (json.dumps({"value": value}), json.dumps({"value": value}, separators=(",", ":")),
                         json.dumps({"value": value}, indent=2), json.dumps({"value": value}, ensure_ascii=False),
                         json.dumps({"value": 1, "deadline": in_seconds(9), "value ": 2})[:-1] + ', "value": ' + json.dumps(value) + "}"):
                equal(run(text), (200, {"status": "success", "status_code": 0, "success": True, "result": value}))
        equal(run('{"value": "text"}')[0], 403)
        equal(run('{"value": {}')[0], 400)
        # what is for this side is found in either
        for text in ('{"value": {"reclave_nonce": "no"}}', '{"value": {"\\u0072eclave_nonce": "no"}}', '{"value":\n{"reclave_nonce": "no"}}'):
            status, answer = run(text)
            assert status == 502 and "hexadecimal" in answer["error"], (status, answer)
        status, answer = run('{"value": {"reclave_nonce": "' + "00" * 16 + '", "x": 1}}')
        assert status == 200 and answer["result"]["x"] == 1 and answer["result"]["reclave_evidence"], answer
        equal(run('{"value": {"error": "mine", "x": 1}}')[1],
              {"status": "application error", "status_code": 1, "success": False, "result": {"error": "mine", "x": 1}})


@test("modules with the executor's buffer run, and return what is in it")
def _():
    with Serve("--workers", "1") as serve:
        def post(path, body):
            return request(serve.wow, "POST", path, body)[:2]

        equal(post("/b/init", init(b64(zipped({"m": module("wow_buffer")})))), (200, ""))
        for value in ({"x": [1, "❄"]}, {}, {"large": "y" * 100000}):
            equal(post("/b/run", {"value": value})[1],
                  {"status": "success", "status_code": 0, "success": True, "result": value})
        equal(post("/b/run", {"value": {"please": "fail"}})[1],
              {"status": "application error", "status_code": 1, "success": False,
               "result": {"error": "as asked"}})


# ---- seeing it ----

@test("metrics count what happened")
def _():
    with Serve("--workers", "1") as serve:
        serve.container("init", init(QUIET))
        for _ in range(3):
            equal(serve.container("run", {"value": {"a": 1}})["body"], {"a": 1})
        serve.container("init", init(b64(bundle("traps"))), "t")
        serve.container("run", {"value": {}}, "t")
        text = request(serve.admin, "GET", "/metrics")[1]
        for line in ('reclave_starts_total{kind="cold"} 2', 'reclave_starts_total{kind="warm"} 4',
                     "reclave_run_seconds_count 4", 'reclave_slots{state="warm"} 2', "reclave_queue_length 0",
                     'reclave_workers{state="up"} 1', "reclave_worker_restarts_total 0",
                     'reclave_rewind_seconds_bucket{le="+Inf"} '):
            assert line in text, (line, text)
        pages = [line for line in text.splitlines() if line.startswith("reclave_enclave_pages{")]
        assert len(pages) == 1 and int(pages[0].split()[1]) > 100, pages
        equal(request(serve.admin, "GET", "/healthz")[:2], (200, "ok\n"))


@test("reclave top shows workers and slots")
def _():
    with Serve("--workers", "1") as serve:
        serve.container("init", init(QUIET))
        serve.container("run", {"value": {}})
        admin = f"127.0.0.1:{serve.admin}"
        top = subprocess.run([RECLAVE, "top", "--admin", admin], capture_output=True, text=True)
        equal((top.returncode, top.stderr), (0, ""))
        assert "invocations 1" in top.stdout and "slot 2  empty" in top.stdout, top.stdout
        top = subprocess.run([RECLAVE, "top", "--admin", admin, "--json"], capture_output=True, text=True)
        equal(json.loads(top.stdout)["cold"], 1)
    top = subprocess.run([RECLAVE, "top", "--admin", admin], capture_output=True, text=True)
    equal(top.returncode, 1)
    assert "reclave serve" in top.stderr


@test("the API answers in OpenWhisk's error format until there is one")
def _():
    with Serve("--workers", "1") as serve:
        status, body, headers = request(serve.api, "GET", "/api/v1/none", headers={"X-Request-ID": "r1"})
        equal((status, body), (404, {"error": "The requested resource does not exist.", "code": "r1"}))
        equal(headers["Access-Control-Allow-Origin"], "*")


# ---- functions on disk ----

@test("a module is compiled once, and what cannot run any more is listed at the start")
def _():
    code = b64(module("ow_quiet"))
    with Serve("--workers", "1") as serve:
        state = serve.state
        equal(serve.container("init", init(code), "a")["status"], 200)
        equal(os.listdir(os.path.join(state, "functions", "build")), [])
        os.rmdir(os.path.join(state, "functions", "build"))  # from here on nothing can be compiled
        equal(serve.container("init", init(b64(module("ow_env"))), "c")["status"], 502)
        equal(serve.container("init", init(code), "b")["status"], 200)
        equal(serve.container("init", init(b64(bundle("ow_quiet"))), "d")["status"], 200)
    store = os.path.join(state, "functions")
    for name in os.listdir(os.path.join(store, "bundles")):
        path = os.path.join(store, "bundles", name)
        data = bytearray(open(path, "rb").read())
        data[12] ^= 0x40  # abi_version
        open(path, "wb").write(data)
    (compiled,) = os.listdir(os.path.join(store, "compiled"))
    os.unlink(os.path.join(store, "compiled", compiled))  # as if by another version
    with Serve("--workers", "1", state=state) as serve:
        eventually(lambda: os.listdir(os.path.join(store, "compiled")) == [compiled])
        eventually(lambda: serve.events("function-unusable"))
        assert "rebuild" in serve.events("function-unusable")[0]["why"]


@test("compiling is confined: no network, no files outside, no endless time")
def _():
    folder = tempfile.mkdtemp(dir=scratch)
    outside = os.path.join(scratch, "outside.wasm")
    open(outside, "wb").write(module("ow_quiet"))
    inside = os.path.join(folder, "inside.wasm")
    open(inside, "wb").write(module("ow_quiet"))
    env = {**os.environ, "TMPDIR": folder}

    def build(source, target):
        return subprocess.run([RECLAVE, "build", source, "-o", target, "--confined", folder], env=env,
                              capture_output=True, text=True)

    equal(build(inside, os.path.join(folder, "f.rcl")).returncode, 0)
    refused = build(outside, os.path.join(folder, "g.rcl"))
    assert refused.returncode == 1 and "denied" in refused.stderr, refused
    refused = build(inside, os.path.join(scratch, "g.rcl"))
    assert refused.returncode == 1 and "denied" in refused.stderr, refused


# ---- settings ----

@test("flags count more than variables, those more than the file")
def _():
    path = os.path.join(scratch, "reclave.json")
    with open(path, "w") as file:
        json.dump({"queue_limit": 11, "workers": 1, "log_level": "debug"}, file)
    with Serve("--config", path) as serve:
        equal(serve.pool()["queue_limit"], 11)
        equal(len(serve.pool()["workers"]), 1)
        with open(path, "w") as file:
            json.dump({"queue_limit": 12, "workers": 1}, file)
        serve.child.send_signal(signal.SIGHUP)
        eventually(lambda: serve.pool()["queue_limit"] == 12)
        with open(path, "w") as file:
            file.write('{"queue_limit": "many"}')
        serve.child.send_signal(signal.SIGHUP)
        eventually(lambda: serve.events("reload-failed"))
        assert "queue_limit" in serve.events("reload-failed")[0]["why"]
        equal(serve.pool()["queue_limit"], 12)
    with open(path, "w") as file:
        json.dump({"queue_limit": 12, "workers": 1}, file)
    with Serve(env={"RECLAVE_QUEUE_LIMIT": "13", "RECLAVE_CONFIG": path}) as serve:
        equal(serve.pool()["queue_limit"], 13)
    with Serve("--queue-limit", "14", env={"RECLAVE_QUEUE_LIMIT": "13", "RECLAVE_CONFIG": path}) as serve:
        equal(serve.pool()["queue_limit"], 14)


@test("settings that are wrong are named")
def _():
    path = os.path.join(scratch, "bad.json")
    for text, words in (("{", "bad.json"), ('{"nonsense": 1}', "nonsense"), ('{"workers": 65}', "workers"),
                        ('{"workers": [1]}', "workers"), ("[]", "object"), ('{"workers":1,"workers":2}', "duplicate")):
        with open(path, "w") as file:
            file.write(text)
        process = Process(["serve", "--config", path])
        equal(process.child.wait(timeout=PATIENCE), 2)
        assert words in process.text("err"), process.text("err")
    for arguments, words in ((["--tenancy", "both"], "tenancy"), (["--log-level", "x"], "log-level"),
                             (["--workers", "-1"], "--workers"), (["--config", "/none"], "/none"),
                             (["--state-dir", "/proc/none"], "/proc/none"),
                             (["--tls-cert", "/dev/null"], "--tls-key")):
        process = Process(["serve", "--state-dir", os.path.join(scratch, "s"), "--backend", "emulator",
                           "--listen", "127.0.0.1:0", "--admin-listen", "none", "--wow-listen", "none", *arguments])
        assert process.child.wait(timeout=PATIENCE) in (1, 2)
        assert words in process.text("err"), (words, process.text("err"))


@test("TLS: the certificate is used, and read again on SIGHUP")
def _():
    import ssl
    cert, key = os.path.join(scratch, "cert.pem"), os.path.join(scratch, "key.pem")

    def make():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-days", "2"],
                       check=True, capture_output=True)

    def seen():
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", serve.api)) as plain, \
                context.wrap_socket(plain) as connection:
            return connection.getpeercert(True)

    make()
    with Serve("--workers", "1", "--tls-cert", cert, "--tls-key", key) as serve:
        first = seen()
        make()
        serve.child.send_signal(signal.SIGHUP)
        eventually(lambda: seen() != first)
        open(key, "w").write("no key")
        serve.child.send_signal(signal.SIGHUP)
        eventually(lambda: serve.events("reload-failed"))
        assert seen() != first


# ---- the end ----

@test("SIGTERM: what runs finishes, what comes is refused, nothing is left")
def _():
    loop = b64(bundle("endless_loop"))
    with Serve("--workers", "1", "--grace", "3600") as serve:
        serve.container("init", init(loop), "loop")
        pids = serve.pids()
        seconds, seen = 1, False
        while not seen:  # that it runs, in good time before its end
            answers = []
            run = {"value": {}, "deadline": in_seconds(seconds)}
            thread = threading.Thread(target=lambda: answers.append(serve.container("run", run, "loop")))
            thread.start()
            eventually(lambda: answers or busy_slots(serve))
            seen, seconds = not answers, seconds * 2
        equal(serve.stop(), 0)
        thread.join()
        assert "exceeded its time limits" in answers[0]["body"]["error"], answers
        for pid in pids:
            assert not os.path.exists(f"/proc/{pid}"), "a worker is left"


@test("SIGTERM with little grace: every request is answered all the same")
def _():
    loop = b64(bundle("endless_loop"))
    with Serve("--workers", "1", "--grace", "0") as serve:
        serve.container("init", init(loop), "loop")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(serve.container("run", {"value": {}}, "loop")))
        thread.start()
        eventually(lambda: busy_slots(serve))
        equal(serve.stop(), 0)
        thread.join()
        assert answers[0]["status"] in (502, 503), answers


@test("SIGTERM while modules are compiled: their uploads fail at once, nothing is left")
def _():
    with Serve("--workers", "1", "--grace", "3600") as serve:
        answers, threads = [], []

        def upload(number):
            code = b64(variant("ow_quiet", number))
            answers.append(serve.container("init", init(code), f"c{number}"))

        while sum(state == "T" for state in serve.compilers().values()) < 2:
            threads.append(threading.Thread(target=upload, args=[len(threads)]))
            threads[-1].start()
            ended = len(answers)
            eventually(lambda: serve.stop_compiler() or len(answers) > ended)
        pids = list(serve.compilers())
        equal(serve.stop(), 0)
        for thread in threads:
            thread.join()
        failed = [answer for answer in answers if answer["status"] != 200]
        equal([(answer["status"], answer["body"]["error"]) for answer in failed],
              [(503, "the service is shutting down")] * 2)
        for pid in pids:
            assert not os.path.exists(f"/proc/{pid}"), "a compiler is left"
        equal(os.listdir(os.path.join(serve.state, "functions", "build")), [])


@test("workers hold nothing but their enclave and their sockets")
def _():
    with Serve("--workers", "1") as serve:
        (pid,) = serve.pids()
        kinds = {os.readlink(f"/proc/{pid}/fd/{fd}").split(":")[0] for fd in os.listdir(f"/proc/{pid}/fd")}
        extra = {kind for kind in kinds if kind not in ("socket", "anon_inode", "/dev/null", "/memfd",
                                                        "/dev/sgx_enclave")
                 and not kind.startswith(scratch)}
        equal(extra, set())
        status = open(f"/proc/{pid}/status").read()
        assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status, status


run_tests()
