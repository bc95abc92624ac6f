#!/usr/bin/env python3
"""`reclave proxy` by itself: the ten standard checks of OpenWhisk's action runtimes, and some more."""
import sys
import threading

from harness import *

ECHO = b64(bundle("ow_echo"))
QUIET = b64(bundle("ow_quiet"))


def ready(code=ECHO, **options):
    proxy = Proxy(env=options.pop("environment", None))
    equal(proxy.init(code, **options), (200, {"ok": True}))
    return proxy


# ---- the ten ----

@test("1 initialisation with no code is refused")
def _():
    with Proxy() as proxy:
        status, body = proxy.init("", binary=False)
        equal((status, body["error"]), (403, "Missing main/no code to execute."))


@test("2 initialisation with no content is refused")
def _():
    with Proxy() as proxy:
        status, body, _ = request(proxy.port, "POST", "/init", {})
        equal((status, body["error"]), (403, "Missing main/no code to execute."))
        status, body, _ = request(proxy.port, "POST", "/init", "")
        equal((status, body["error"]), (403, "Missing main/no code to execute."))


@test("3 a function that returns no JSON object is told so")
def _():
    with ready(b64(bundle("hello"))) as proxy:
        equal(proxy.run({}), (502, {"error": "The action did not return a dictionary or array."}))
        equal(proxy.sentinels(), [1, 1])


@test("4 a second initialisation is refused and logged")
def _():
    with ready() as proxy:
        text = "Cannot initialize the action more than once."
        equal(proxy.init(ECHO), (403, {"error": text}))
        assert text in proxy.logs()[0] + proxy.logs()[1]
        equal(proxy.sentinels(), [0, 0])


@test("5 an entry point other than main")
def _():
    with ready(QUIET, main="niam") as proxy:
        equal(proxy.run({"a": "b"}), (200, {"a": "b"}))
        equal(proxy.logs()[1], [])


@test("6 echo of strings, Unicode, numbers and nested objects, with logs")
def _():
    values = [{"string": "hello"}, {"string": "❄ ☃ ❄"}, {"numbers": [1, 2.5, -3e10]},
              {"object": {"a": {"b": [None, True, "c"]}}}]
    with ready() as proxy:
        for value in values:
            equal(proxy.run(value), (200, value))
        equal(proxy.sentinels(), [4, 4])
        equal(proxy.logs(), [["hello stdout"] * 4, ["hello stderr"] * 4])


@test("7 Unicode in, out and in the log")
def _():
    with ready(b64(bundle("ow_winter"))) as proxy:
        equal(proxy.run({"delimiter": "❄"}), (200, {"winter": "❄ ☃ ❄"}))
        assert "❄ ☃ ❄" in proxy.logs()[0]


@test("8 variables of the initialisation reach the function")
def _():
    with ready(b64(bundle("ow_env")), env={"SOME_VAR": "xyz", "ANOTHER_VAR": "", "NO_STRING": 7}) as proxy:
        status, body = proxy.run({})
        equal((status, body["SOME_VAR"], body["ANOTHER_VAR"]), (200, "xyz", ""))
        assert "NO_STRING" not in body


CONTEXT = {"api_key": "k:v", "namespace": "zzz", "action_name": "xxx", "action_version": "0.0.1",
           "activation_id": "iii", "deadline": "99999999999999"}


@test("9 the activation's context is in the environment")
def _():
    with ready(b64(bundle("ow_env")), environment={"__OW_API_HOST": "xyz"}) as proxy:
        status, body = proxy.run({}, **CONTEXT)
        equal(status, 200)
        equal(body["__OW_API_HOST"], "xyz")
        for key, value in CONTEXT.items():
            equal(body["__OW_" + key.upper()], value)


@test("10 a large input comes back: 1048561 characters")
def _():
    with ready(QUIET) as proxy:
        value = {"data": "x" * 1048561}
        equal(proxy.run(value), (200, value))


# ---- arrays, errors, files ----

@test("arrays in and out")
def _():
    with ready(QUIET) as proxy:
        equal(proxy.run(["a", "b", 3]), (200, ["a", "b", 3]))
        equal(proxy.run([]), (200, []))


@test("an application error is no failure of the protocol")
def _():
    with ready(QUIET) as proxy:
        equal(proxy.run({"error": "not today"}), (200, {"error": "not today"}))


@test("traps, exit codes and endless loops are answered, and the next call works")
def _():
    with ready(b64(bundle("traps"))) as proxy:
        status, body = proxy.run({})
        equal(status, 502)
        assert "error" in body, body
    with ready(b64(bundle("endless_loop"))) as proxy:
        for _ in range(2):
            status, body = proxy.run({}, deadline="1")
            equal(status, 502)
            assert "exceeded its time limits" in body["error"], body
        equal(proxy.sentinels(), [2, 2])


@test("what the parameters are not")
def _():
    with Proxy() as proxy:
        equal(proxy.run({}), (403, {"error": "System not initialized."}))
        proxy.init(QUIET)
        equal(proxy.run(None), (200, {}))
        equal(request(proxy.port, "POST", "/run", {})[:2], (200, {}))
        equal(proxy.run("text")[0], 403)
        equal(proxy.run(7)[0], 403)
        equal(request(proxy.port, "POST", "/run", "{")[0], 400)
        equal(request(proxy.port, "POST", "/run", b"\xff")[0], 400)
        equal(request(proxy.port, "POST", "/run", '{"value":' + "[" * 5000 + "]" * 5000 + "}")[0], 400)
        equal(proxy.run({"nul": "a\0b", "dup": 1}), (200, {"nul": "a\0b", "dup": 1}))


@test("a module in base64 is compiled here")
def _():
    with ready(b64(module("ow_quiet"))) as proxy:
        equal(proxy.run({"a": 1}), (200, {"a": 1}))


@test("line breaks in base64 text")
def _():
    text = QUIET
    lines = "\n".join(text[i:i + 76] for i in range(0, len(text), 76)) + "\n"
    with ready(lines, binary=False) as proxy:
        equal(proxy.run({"a": 1}), (200, {"a": 1}))


@test("zips: one module, one bundle, a chosen entry point")
def _():
    with ready(b64(zipped({"README": b"x", "any.wasm": module("ow_quiet")}))) as proxy:
        equal(proxy.run({"a": 1}), (200, {"a": 1}))
    with ready(b64(zipped({"f.rcl": bundle("ow_quiet"), "f.wasm": module("hello")}))) as proxy:
        equal(proxy.run({"a": 1}), (200, {"a": 1}))
    files = {"first.rcl": bundle("hello"), "niam.rcl": bundle("ow_quiet")}
    with ready(b64(zipped(files)), main="niam") as proxy:
        equal(proxy.run({"a": 1}), (200, {"a": 1}))


@test("zips that are no action, damaged code, damaged base64")
def _():
    good = zipped({"f.wasm": module("ow_quiet")})
    bad = [zipped({"a.txt": b"no", "b.txt": b"no"}), zipped({"a.txt": b"no"}), zipped({}), good[:-40],
           good[:100], module("ow_quiet")[:200], bundle("ow_quiet")[:300], b"\0asm", b"PK\3\4", b"x"]
    with Proxy() as proxy:
        for code in bad:
            status, body = proxy.init(b64(code))
            assert status in (400, 502) and body["error"], (status, body, code[:40])
        for text in ("%%%%", "AAA", "A===", "=AAA", "\x00\x01"):
            equal(proxy.init(text, binary=False)[0], 400)
        equal(proxy.init(QUIET), (200, {"ok": True}))  # none of it counted as an initialisation


@test("a binary file that was uploaded as text is recognised")
def _():
    with Proxy() as proxy:
        for data in (module("ow_quiet"), zipped({"f.wasm": module("ow_quiet")})):
            status, body = proxy.init(data.decode("utf-8", "replace"), binary=False)
            equal(status, 400)
            assert "zip" in body["error"], body


@test("a failed initialisation ends in a sentinel, and names what is wrong in the log")
def _():
    with Proxy() as proxy:
        status, body = proxy.init(b64(b"\0asm\1\0\0\0"))
        equal(status, 502)
        equal(body["error"], "The action failed to generate or locate a binary. See logs for details.")
        equal(proxy.sentinels(), [1, 1])
        assert any("_start" in line or "export" in line for line in proxy.logs()[1]), proxy.logs()


# ---- HTTP, concurrency, the process ----

@test("other paths and methods")
def _():
    with Proxy() as proxy:
        equal(request(proxy.port, "GET", "/run")[0], 405)
        equal(request(proxy.port, "POST", "/nothing")[0], 404)
        equal(request(proxy.port, "GET", "/")[0], 404)


@test("one run at a time, unless the container allows more")
def _():
    busy = (403, {"error": "System not ready, status is running."})
    with ready(b64(bundle("endless_loop"))) as proxy:
        met = threading.Event()

        def loop():  # until somebody met it
            while not met.is_set():
                proxy.run({}, deadline=str(int((time.time() + 1) * 1000)))

        thread = threading.Thread(target=loop)
        thread.start()
        try:
            eventually(lambda: proxy.run({}, deadline="1") == busy)
        finally:
            met.set()
            thread.join()
        equal(proxy.run({}, deadline="1")[0], 502)
    with ready(b64(bundle("endless_loop")), environment={"__OW_ALLOW_CONCURRENT": "true"}) as proxy:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(proxy.run({}, deadline="1"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal([status for status, _ in answers], [502] * 6)
        equal(proxy.sentinels(), [6, 6])


@test("concurrent runs: each answer belongs to its question, logs are grouped")
def _():
    with ready(environment={"__OW_ALLOW_CONCURRENT": "true"}) as proxy:
        wrong = []

        def ask(number):
            for i in range(20):
                value = {"who": number, "i": i}
                if proxy.run(value) != (200, value):
                    wrong.append(value)

        threads = [threading.Thread(target=ask, args=[n]) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(wrong, [])
        equal(proxy.text("out"), f"hello stdout\n{SENTINEL}\n" * 100)


@test("opening and closing the port does no harm; the process ends on SIGTERM")
def _():
    with ready(QUIET) as proxy:
        for _ in range(50):
            socket.create_connection(("127.0.0.1", proxy.port)).close()
        equal(proxy.run({"a": 1}), (200, {"a": 1}))
        equal(proxy.stop(), 0)


@test("48 MB of code are taken, more is not")
def _():
    filler = os.urandom(47 << 20)
    code = b64(zipped({"f.rcl": bundle("ow_quiet"), "filler": filler}))
    with ready(code) as proxy:
        equal(proxy.run({"a": 1}), (200, {"a": 1}))
    with Proxy() as proxy:
        try:
            equal(proxy.init("A" * (75 << 20))[0], 413)
        except (BrokenPipeError, ConnectionResetError):
            pass  # cut off before all was sent, which is as well


@test("options: what is wrong is named")
def _():
    for arguments, words in ((["--listen", "nowhere"], "nowhere"), (["--memory", "0"], "--memory"),
                             (["--no-such-option"], "no-such-option")):
        process = Process(["proxy", *arguments])
        status = process.child.wait(timeout=PATIENCE)
        assert status in (1, 2) and words in process.text("err"), (status, process.text("err"))


run_tests()
