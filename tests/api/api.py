#!/usr/bin/env python3
"""OpenWhisk's REST API on `reclave serve`: what each endpoint does."""
import re

from client import *

QUIET = b64(module("ow_quiet"))
ECHO = b64(zipped({"f.wasm": module("ow_echo")}))
shared = Api(users=("guest", "other"))
guest, other = shared.client("guest"), shared.client("other")


def invoke(name, params=None, query="?blocking=true", client=guest):
    return client("POST", f"actions/{name}{query}", params if params is not None else {})


def activation(identity, client=guest):
    """Of an acknowledged ID: its record, as soon as it has ended."""
    found = {}

    def ended():
        status, found["record"] = client("GET", f"activations/{identity}")
        assert status in (200, 404)
        return status == 200

    eventually(ended)
    return found["record"]


# ---- who ----

@test("authentication: a key, no key, and all kinds of wrong ones")
def _():
    equal(guest.raw("GET", "/api/v1/namespaces"), (200, ["guest"]))
    uuid, key = shared.keys["guest"].split(":")
    nobody = Client(shared.api, None)
    refused(nobody.raw("GET", "/api/v1/namespaces"), 401, "requires authentication")
    assert nobody.headers["WWW-Authenticate"].startswith("Basic realm=")
    for value in ("Basic", "Basic ", "Basic !!!!", "Bearer " + b64(b"a:b"), "Basic " + b64(b"a:b"),
                  "Basic " + b64(uuid.encode()), "Basic " + b64(f"{uuid}:{key[:-1]}".encode()),
                  "Basic " + b64(f"{uuid}:{key}x".encode()), "Basic " + b64(f"{uuid}:{'x' * 64}".encode()),
                  "Basic " + b64(f"{uuid}:{key}\0".encode()), "Basic " + b64(f"{uuid[:-1]}0:{key}".encode()
                                                                             if uuid[-1] != "0" else b"a:b"),
                  "Basic " + "A" * 4000):
        refused(nobody.raw("GET", "/api/v1/namespaces", headers={"Authorization": value}), 401, "authentication")
    equal(nobody.raw("GET", "/api/v1/namespaces",
                     headers={"Authorization": "basic " + b64(f"{uuid.upper()}:{key}".encode())})[0], 200)


@test("one namespace sees nothing of another")
def _():
    guest.action("mine", QUIET)
    guest.put("triggers/t-mine", {})
    guest.put("packages/p-mine", {})
    guest.put("rules/r-mine", {"trigger": "/_/t-mine", "action": "/_/mine"})
    identity = invoke("mine")[1]["activationId"]
    peeper = Client(shared.api, shared.keys["other"], "guest")
    for path in ("actions", "actions/mine", "activations", f"activations/{identity}", "triggers", "triggers/t-mine",
                 "rules", "rules/r-mine", "packages/p-mine", "limits", "actions/p-mine/"):
        refused(peeper("GET", path), 403, "not authorized")
    for path in ("actions/mine", "triggers/t-mine"):
        refused(peeper("POST", path, {}), 403, "not authorized")
        refused(peeper("DELETE", path), 403, "not authorized")
        refused(peeper("PUT", path + "?overwrite=true", {}), 403, "not authorized")
    equal(peeper("GET", "packages"), (200, []))
    refused(other("GET", f"activations/{identity}"), 404, "does not exist")
    refused(other("PUT", "rules/r", {"trigger": "/guest/t-mine", "action": "/guest/mine"}), 403, "not authorized")
    refused(other("PUT", "actions/s", {"exec": {"kind": "sequence", "components": ["/guest/mine"]}}), 403,
            "not authorized")
    nowhere = Client(shared.api, shared.keys["other"], "nowhere")
    refused(nowhere("GET", "actions"), 403, "not authorized")
    refused(nowhere("GET", "actions/mine"), 403, "not authorized")
    equal(nowhere("GET", "packages"), (200, []))
    equal(other("GET", "actions")[1], [])


# ---- actions ----

@test("actions: create, get with and without code, update, delete; versions and merges")
def _():
    before = int(time.time() * 1000)
    made = guest.action("a", QUIET, parameters=pairs(x=1), annotations=pairs(note="n"))
    equal((made["namespace"], made["name"], made["version"], made["publish"]), ("guest", "a", "0.0.1", False))
    equal(made["limits"], {"timeout": 60000, "memory": 256, "logs": 10, "concurrency": 1})
    equal(made["parameters"], pairs(x=1))
    equal(value_of(made["annotations"], "exec"), "wasm:1")
    equal(value_of(made["annotations"], "provide-api-key"), False)
    refused(guest("PUT", "actions/a", {"exec": {"kind": "wasm:1", "code": QUIET}}), 409, "already exists")
    got = guest("GET", "actions/a")[1]
    equal(got["exec"], {"kind": "wasm:1", "binary": True, "code": QUIET})
    equal("code" in guest("GET", "actions/a?code=false")[1]["exec"], False)
    assert before <= got["updated"] <= time.time() * 1000
    changed = guest.put("actions/a?overwrite=true", {"parameters": pairs(y=2), "limits": {"timeout": 1000},
                                                     "annotations": pairs(more=[1]), "namespace": "_", "name": "a"})
    equal(changed["version"], "0.0.2")
    equal(changed["parameters"], pairs(y=2))
    equal(changed["limits"], {"timeout": 1000, "memory": 256, "logs": 10, "concurrency": 1})
    equal((value_of(changed["annotations"], "note"), value_of(changed["annotations"], "more")), ("n", [1]))
    equal(guest("GET", "actions/a")[1]["exec"]["code"], QUIET)
    equal(guest.put("actions/a?overwrite=true", {"version": "3.1.4", "delAnnotations": ["note"]})["version"], "3.1.4")
    equal(value_of(guest("GET", "actions/a")[1]["annotations"], "note"), None)
    equal(guest.put("actions/a?overwrite=true", {})["version"], "3.1.5")
    status, gone = guest("DELETE", "actions/a")
    equal((status, gone["name"], gone["version"]), (200, "a", "3.1.5"))
    refused(guest("DELETE", "actions/a"), 404, "does not exist")
    refused(guest("GET", "actions/a"), 404, "does not exist")
    equal(guest.action("a", QUIET)["version"], "0.0.1")


@test("actions: lists with limit, skip and count, newest first, no code in them")
def _():
    with Api() as api:
        client = api.client()
        client.put("packages/p", {})
        for name in ("first", "p/inner", "l0", "l1", "l2"):
            client.action(name, QUIET)
            next_millisecond()
        rows = client("GET", "actions")[1]
        equal([row["name"] for row in rows], ["l2", "l1", "l0", "inner", "first"])
        equal([row["namespace"] for row in rows], ["guest"] * 3 + ["guest/p", "guest"])
        equal(sorted(rows[0]), ["annotations", "exec", "limits", "name", "namespace", "publish", "updated", "version"])
        equal(rows[0]["exec"], {"binary": True})
        equal([row["name"] for row in client("GET", "actions?limit=2&skip=1")[1]], ["l1", "l0"])
        equal(len(client("GET", "actions?limit=0")[1]), 5)
        equal(client("GET", "actions?count=true"), (200, {"actions": 5}))
        equal([row["name"] for row in client("GET", "actions/p/")[1]], ["inner"])
        for query, text in (("limit=201", "'201' is not in the range"), ("limit=-1", "not in the range"),
                            ("skip=-1", "greater than or equal"), ("limit=x", "not an integer"),
                            ("skip=99999999999999999999", "not an integer"), ("limit=1x", "not an integer")):
            refused(client("GET", "actions?" + query), 400, text)


@test("actions: code as a module, a bundle, a zip; a raw upload damaged on the way is recognised")
def _():
    for name, code in (("wasm", module("ow_quiet")), ("rcl", bundle("ow_quiet")),
                       ("zip", zipped({"x.wasm": module("ow_quiet")})),
                       ("zip-rcl", zipped({"x.rcl": bundle("ow_quiet"), "README": b"-"}))):
        guest.action(name, b64(code))
        equal(invoke(name, {"n": name}, "?blocking=true&result=true"), (200, {"n": name}))
    guest.put("actions/entry", {"exec": {"kind": "wasm:default", "main": "b", "code": b64(zipped(
        {"a.wasm": module("ow_winter"), "b.wasm": module("ow_quiet")}))}})
    equal(invoke("entry", {"n": 1}, "?blocking=true&result=true"), (200, {"n": 1}))
    damaged = module("ow_quiet").decode("utf-8", "replace")
    for code, text in ((damaged.replace("\0", "\x01"), "base64"), (damaged, "zip"),
                       ("PK\3\4" + "\ufffd" * 40, "damaged"),
                       (b64(b"no module"), "neither"), ("!", "base64"), (b64(b"\0asm"), "")):
        status, body = guest("PUT", "actions/bad", {"exec": {"kind": "wasm:1", "code": code}})
        equal(status, 400)
        assert text in body["error"], body
    refused(guest("GET", "actions/bad"), 404, "does not exist")


@test("actions: what a PUT refuses")
def _():
    good = {"kind": "wasm:1", "code": QUIET}
    for body, status, text in (
            ({}, 400, "exec undefined"), ([], 400, "Object expected"), ('"x"', 400, "Object expected"),
            ({"exec": []}, 400, "exec must be"), ({"exec": {}}, 400, "'kind' must be"),
            ({"exec": {"kind": 1}}, 400, "'kind' must be"),
            ({"exec": {"kind": "nodejs:20", "code": "x"}}, 400, "The specified runtime 'nodejs:20' is not supported"),
            ({"exec": {"kind": "blackbox", "image": "me/img"}}, 400, "not supported"),
            ({"exec": {"kind": "wasm:1"}}, 400, "'code' must be"),
            ({"exec": {"kind": "wasm:1", "code": {"attachmentName": "codefile"}}}, 400, "'code' must be"),
            ({"exec": {"kind": "wasm:1", "code": 7}}, 400, "'code' must be"),
            ({"exec": {**good, "main": []}}, 400, "main must be"),
            ({"exec": good, "limits": []}, 400, "limits must be"),
            ({"exec": good, "limits": {"timeout": "x"}}, 400, "timeout must be"),
            ({"exec": good, "limits": {"timeout": 99}}, 400, "timeout 99 below allowed threshold of 100"),
            ({"exec": good, "limits": {"timeout": 300001}}, 400, "timeout 300001 exceeds allowed threshold"),
            ({"exec": good, "limits": {"memory": 0}}, 400, "memory 0 below"),
            ({"exec": good, "limits": {"memory": 1025}}, 400, "memory 1025 exceeds"),
            ({"exec": good, "limits": {"logs": 11}}, 400, "logs 11 exceeds"),
            ({"exec": good, "limits": {"concurrency": 0}}, 400, "concurrency 0 below"),
            ({"exec": good, "parameters": {}}, 400, "parameters must be"),
            ({"exec": good, "parameters": [1]}, 400, "a key must be"),
            ({"exec": good, "parameters": [{"key": 1, "value": 1}]}, 400, "a key must be"),
            ({"exec": good, "parameters": [{"key": "a\0b", "value": 1}]}, 400, "a key must be"),
            ({"exec": good, "parameters": [{"key": "a", "value": 1, "init": 1}]}, 400, "\"init\" must be"),
            ({"exec": good, "annotations": [{"key": "a"}]}, 400, "has no value"),
            ({"exec": good, "version": 1}, 400, "version must be"),
            ({"exec": good, "version": "1.0"}, 400, "version must be"),
            ({"exec": good, "version": "1.0.0-x"}, 400, "version must be"),
            ({"exec": good, "publish": "yes"}, 400, "publish must be"),
            ({"exec": good, "delAnnotations": [1]}, 400, "delAnnotations"),
            ({"exec": good, "parameters": pairs(x="y" * (1 << 20))}, 413, "parameters larger than allowed")):
        refused(guest("PUT", "actions/refused", body), status, text)
    refused(guest("PUT", "actions/refused", "{"), 400, "malformed")
    refused(guest("GET", "actions/refused"), 404, "does not exist")
    refused(guest("PUT", "actions/nopkg/x", {"exec": good}), 404, "does not exist")
    assert guest("PUT", "actions/refused", {"exec": good, "unknown": 1, "parameters": None})[0] == 200


@test("names: every limit of them")
def _():
    for name in ("n", "_a", "a" * 256, "a b", "a@b.c&d-e", "A.-"):
        path = "actions/" + name.replace(" ", "%20").replace("&", "%26")
        equal(guest("PUT", path, {"exec": {"kind": "wasm:1", "code": QUIET}})[0], 200)
        equal(guest("GET", path)[1]["name"], name)
        equal(guest("DELETE", path)[0], 200)
    for name in ("a" * 257, "%20a", "a%20", "-a", "a%2Fb", "%C3%A4", "a%0Ab", "a$", "@a", "..", "a%5C"):
        status, body = guest("PUT", "actions/" + name, {"exec": {"kind": "wasm:1", "code": QUIET}})
        assert status in (400, 404), (name, status)
        equal(sorted(body), ["code", "error"])


# ---- invoking ----

@test("invoking: blocking, with result, without waiting, with a timeout")
def _():
    guest.action("i", QUIET, parameters=pairs(a=1, b=1))
    status, full = invoke("i", {"b": 2})
    equal(status, 200)
    identity = full["activationId"]
    assert re.fullmatch("[0-9a-f]{32}", identity)
    equal(guest.headers["x-openwhisk-activation-id"], identity)
    equal(full["response"], {"result": {"a": 1, "b": 2}, "size": 13, "status": "success", "success": True})
    equal((full["namespace"], full["name"], full["version"], full["subject"]), ("guest", "i", "0.0.1", "guest"))
    equal(value_of(full["annotations"], "path"), "guest/i")
    equal(value_of(full["annotations"], "kind"), "wasm:1")
    assert isinstance(value_of(full["annotations"], "waitTime"), int)
    equal(full["end"] - full["start"], full["duration"])
    equal(guest("GET", f"activations/{identity}"), (200, full))
    equal(invoke("i", {}, "?blocking=true&result=true"), (200, {"a": 1, "b": 1}))
    status, answer = invoke("i", {"c": 3}, "")
    equal((status, sorted(answer)), (202, ["activationId"]))
    equal(activation(answer["activationId"])["response"]["result"], {"a": 1, "b": 1, "c": 3})
    guest.action("loop", b64(module("endless_loop")), limits={"timeout": 300000})
    status, answer = invoke("loop", {}, "?blocking=true&timeout=100")
    equal((status, sorted(answer)), (202, ["activationId"]))
    equal(guest("GET", f"activations/{answer['activationId']}")[0], 404)
    os.kill(shared.pids()[0], signal.SIGKILL)  # nothing else ends it soon
    equal(activation(answer["activationId"])["response"]["status"], "whisk internal error")
    guest.action("loop", b64(module("endless_loop")), overwrite=True, limits={"timeout": 100})
    status, record = invoke("loop")
    equal((status, record["response"]["status"]), (502, "action developer error"))
    equal(value_of(record["annotations"], "timeout"), True)
    for query in ("timeout=0", "timeout=60001", "timeout=x"):
        refused(invoke("i", {}, "?blocking=true&" + query), 400, "timeout" if "x" not in query else "integer")
    refused(invoke("nothing"), 404, "does not exist")
    for body in ("[]", "7", "{", "\"x\""):
        refused(guest("POST", "actions/i", body), 400, "malformed")


@test("invoking: application errors, developer errors and their statuses")
def _():
    guest.action("e", QUIET)
    status, full = invoke("e", {"error": {"statusCode": 418}})
    equal((status, full["response"]["status"], full["response"]["success"]), (502, "application error", False))
    equal(invoke("e", {"error": "x"}, "?blocking=true&result=true"), (502, {"error": "x"}))
    # ow_winter ends with 1 if it has no delimiter
    for name, file, text in (("winter", "ow_winter", "exit code 1"), ("hello", "hello", "dictionary"), ("traps", "traps", "")):
        guest.action(name, b64(module(file)))
        status, full = invoke(name)
        equal((status, full["response"]["status"]), (502, "action developer error"))
        assert text in full["response"]["result"]["error"], full["response"]
    rows = guest("GET", "activations?name=e")[1]
    equal([row["statusCode"] for row in rows], [1, 1])


@test("invoking: the log, the environment, and the context")
def _():
    guest.action("logs", ECHO)
    identity = invoke("logs", {"a": "❄"})[1]["activationId"]
    logs = guest("GET", f"activations/{identity}/logs")[1]["logs"]
    equal([line[31:] for line in logs], ["stdout: hello stdout", "stderr: hello stderr"])
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ", logs[0])
    equal(guest("GET", f"activations/{identity}/result")[1]["result"], {"a": "❄"})
    code = b64(bundle("ow_env"))
    guest.action("env", code, parameters=[{"key": "INIT", "value": 7, "init": True}, {"key": "p", "value": 1}])
    env = invoke("env", {}, "?blocking=true&result=true")[1]
    equal((env["INIT"], env["__OW_NAMESPACE"], env["__OW_ACTION_NAME"], env["__OW_ACTION_VERSION"]),
          ("7", "guest", "/guest/env", "0.0.1"))
    assert re.fullmatch("[0-9a-f]{32}", env["__OW_ACTIVATION_ID"]) and int(env["__OW_DEADLINE"]) > time.time() * 1000
    assert "__OW_API_KEY" not in env
    guest.action("env", code, overwrite=True, annotations=pairs(**{"provide-api-key": True}))
    equal(invoke("env", {}, "?blocking=true&result=true")[1]["__OW_API_KEY"], shared.keys["guest"])


@test("invoking: a million bytes each way, one more is refused")
def _():
    guest.action("large", QUIET)
    text = "x" * ((1 << 20) - 8)
    equal(invoke("large", {"a": text}, "?blocking=true&result=true"), (200, {"a": text}))
    refused(invoke("large", {"a": text + "yy"}), 413, "larger than allowed")
    try:  # the answer comes before all of it is sent
        refused(invoke("large", {"a": text * 3}), 413, "larger than allowed")
    except (BrokenPipeError, ConnectionResetError):
        pass
    equal(invoke("large", {})[0], 200)


# ---- activations ----

@test("activations: lists with filters, documents, counts; polling")
def _():
    with Api() as api:
        client = api.client()
        client.put("packages/p", {})
        for name in ("x", "y", "p/x"):
            client.action(name, QUIET)
        begin = int(time.time() * 1000)
        for name in ("x", "y", "x", "p/x"):
            equal(invoke(name, {"n": name}, client=client)[0], 200)
            next_millisecond()
            next_millisecond()
        rows = client("GET", "activations")[1]
        equal([row["name"] for row in rows], ["x", "x", "y", "x"])
        equal([row["start"] for row in rows], sorted((row["start"] for row in rows), reverse=True))
        equal([(row["statusCode"], "response" in row, "logs" in row) for row in rows], [(0, False, False)] * 4)
        equal(len(client("GET", "activations?name=x")[1]), 2)
        equal([value_of(row["annotations"], "path") for row in client("GET", "activations?name=p/x")[1]],
              ["guest/p/x"])
        full = client("GET", "activations?docs=true&limit=1")[1]
        equal((full[0]["response"]["result"], full[0]["logs"]), ({"n": "p/x"}, []))
        equal(client("GET", "activations?count=true"), (200, {"activations": 4}))
        equal(client("GET", "activations?count=true&name=x&skip=1"), (200, {"activations": 1}))
        equal(len(client("GET", f"activations?since={begin}")[1]), 4)
        equal(len(client("GET", f"activations?since={rows[1]['start']}&docs=true&limit=0&skip=0")[1]), 2)
        equal(len(client("GET", f"activations?upto={rows[2]['start']}")[1]), 2)
        equal(client("GET", f"activations?upto={begin - 1}")[1], [])
        for path, status, text in (("activations/123", 400, "Activation id length is 3 but must be 32"),
                                   ("activations/" + "g" * 32, 400, "hexadecimal"),
                                   ("activations/" + "0" * 32, 404, "does not exist"),
                                   ("activations/" + "0" * 32 + "/logs", 404, "does not exist"),
                                   ("activations?since=x", 400, "not an integer"),
                                   ("activations?name=a/b/c", 400, "name must be")):
            refused(client("GET", path), status, text)


# ---- packages ----

@test("packages: parameters reach the action, bindings override them, published ones can be used")
def _():
    guest.put("packages/lib", {"parameters": pairs(a="package", b="package"), "publish": True})
    guest.action("lib/act", QUIET, parameters=pairs(b="action", c="action"))
    equal(invoke("lib/act", {"c": "call"}, "?blocking=true&result=true")[1],
          {"a": "package", "b": "action", "c": "call"})
    record = guest("GET", "actions/lib/act")[1]
    equal((record["namespace"], {p["key"]: p["value"] for p in record["parameters"]}),
          ("guest/lib", {"a": "package", "b": "action", "c": "action"}))
    package = guest("GET", "packages/lib")[1]
    equal([(a["name"], a["version"]) for a in package["actions"]], [("act", "0.0.1")])
    equal((package["binding"], package["feeds"]), ({}, []))
    bound = other.put("packages/bound", {"binding": {"namespace": "guest", "name": "lib"}, "parameters": pairs(a="bound")})
    equal(bound["binding"], {"namespace": "guest", "name": "lib"})
    equal([a["name"] for a in other("GET", "packages/bound")[1]["actions"]], ["act"])
    equal(invoke("bound/act", {}, "?blocking=true&result=true", other)[1],
          {"a": "bound", "b": "action", "c": "action"})
    equal(invoke("lib/act", {}, "?blocking=true&result=true", Client(shared.api, shared.keys["other"], "guest"))[0], 200)
    equal([p["name"] for p in Client(shared.api, shared.keys["other"], "guest")("GET", "packages")[1]], ["lib"])
    refused(other("PUT", "packages/b2", {"binding": {"namespace": "other", "name": "bound"}}), 400, "Cannot bind to another")
    refused(other("PUT", "packages/b2", {"binding": {"namespace": "guest", "name": "none"}}), 400, "does not exist")
    refused(other("PUT", "packages/b2", {"binding": 7}), 400, "binding must be")
    refused(other("PUT", "actions/bound/new", {"exec": {"kind": "wasm:1", "code": QUIET}}), 400, "package binding")
    refused(guest("PUT", "packages/default", {}), 400, "reserved")
    guest.put("packages/lib?overwrite=true", {"publish": False})
    refused(invoke("bound/act", {}, "?blocking=true", other), 403, "not authorized")
    refused(guest("DELETE", "packages/lib"), 409, "not empty")
    equal(guest("DELETE", "packages/lib?force=true")[0], 200)
    refused(guest("GET", "actions/lib/act"), 404, "does not exist")


@test("one name is one thing, whatever its kind")
def _():
    guest.put("packages/taken", {})
    refused(guest("PUT", "actions/taken", {"exec": {"kind": "wasm:1", "code": QUIET}}), 409, "not in this collection")
    refused(guest("GET", "triggers/taken"), 409, "not in this collection")
    refused(guest("DELETE", "rules/taken"), 409, "not in this collection")
    refused(guest("PUT", "triggers/taken?overwrite=true", {}), 409, "not in this collection")


# ---- triggers and rules ----

@test("triggers and rules: fire, enable, disable, delete")
def _():
    guest.action("on", QUIET)
    made = guest.put("triggers/t", {"parameters": pairs(from_trigger=1)})
    equal((made["limits"], made["rules"], made["version"]), ({}, {}, "0.0.1"))
    equal(guest("POST", "triggers/t", {})[0], 204)
    rule = guest.put("rules/r", {"name": "r", "status": "", "trigger": "/_/t", "action": "/_/on"})
    equal((rule["status"], rule["trigger"], rule["action"]),
          ("active", {"path": "guest", "name": "t"}, {"path": "guest", "name": "on"}))
    equal(guest("GET", "triggers/t")[1]["rules"],
          {"guest/r": {"action": {"path": "guest", "name": "on"}, "status": "active"}})
    status, answer = guest("POST", "triggers/t", {"payload": 2})
    equal(status, 202)
    record = activation(answer["activationId"])
    equal(record["response"]["result"], {"payload": 2})
    line = json.loads(record["logs"][0])
    equal((line["success"], line["rule"], line["action"]), (True, "guest/r", "guest/on"))
    ran = activation(line["activationId"])
    equal((ran["response"]["result"], ran["cause"], ran["name"]),
          ({"from_trigger": 1, "payload": 2}, answer["activationId"], "on"))
    equal(guest("POST", "rules/r", {"status": "inactive", "trigger": None, "action": None}), (200, ""))
    equal(guest("GET", "rules/r")[1]["status"], "inactive")
    equal(guest("POST", "triggers/t", {})[0], 204)
    equal(guest.put("rules/r?overwrite=true", {"trigger": "/_/t", "action": "/_/on"})["status"], "inactive")
    refused(guest("POST", "rules/r", {"status": "on"}), 400, "not a recognized rule state")
    equal(guest("POST", "rules/r", {"status": "active"})[0], 200)
    equal("status" in guest("GET", "rules")[1][0], False)
    refused(guest("PUT", "rules/r2", {"trigger": "/_/none", "action": "/_/on"}), 400, "trigger /guest/none does not exist")
    refused(guest("PUT", "rules/r2", {"trigger": "/_/t", "action": "/_/none"}), 400, "action /guest/none does not exist")
    refused(guest("PUT", "rules/r2", {"trigger": "/_/t"}), 400, "rule action must be")
    refused(guest("PUT", "rules/r2", {"trigger": 1, "action": []}), 400, "rule trigger must be")
    equal(guest("DELETE", "triggers/t")[1]["name"], "t")
    equal(guest("GET", "rules/r")[1]["status"], "inactive")
    refused(guest("POST", "rules/r", {"status": "active"}), 404, "does not exist")
    equal(guest("DELETE", "rules/r")[0], 200)
    refused(guest("POST", "triggers/t", {}), 404, "does not exist")


# ---- sequences ----

@test("sequences: run in order, stop at an error, keep their components' activations")
def _():
    guest.put("packages/seq", {"parameters": pairs(p=1)})
    guest.action("seq/one", QUIET, parameters=pairs(one=1))
    guest.action("two", QUIET, parameters=pairs(two=2))
    made = guest.put("actions/chain", {"exec": {"kind": "sequence", "components": ["/_/seq/one", "/_/two"]}})
    equal(made["exec"], {"kind": "sequence", "binary": False, "components": ["/guest/seq/one", "/guest/two"]})
    status, full = invoke("chain", {"x": 0})
    equal((status, full["response"]["result"]), (200, {"x": 0, "p": 1, "one": 1, "two": 2}))
    equal((value_of(full["annotations"], "kind"), value_of(full["annotations"], "topmost")), ("sequence", True))
    parts = [activation(identity) for identity in full["logs"]]
    equal([(part["name"], part["cause"]) for part in parts],
          [("one", full["activationId"]), ("two", full["activationId"])])
    status, full = invoke("chain", {"error": "stop"})
    equal((status, full["response"]["result"]["error"], len(full["logs"])), (502, "stop", 1))
    guest.put("actions/outer", {"exec": {"kind": "sequence", "components": ["chain", "two"]}})
    equal(len(invoke("outer")[1]["logs"]), 2)
    for components, text in ((["/_/none"], "does not exist"), ([], "needs components"), ("x", "list of names"),
                             ([1], "list of names"), (["/_/two"] * 51, "too long"), (["/_/selfish"], "itself"),
                             (["/_/outer"] * 17, "too long"), (["/"], "not a valid name"), (["/a/b/c/d"], "not a valid")):
        refused(guest("PUT", "actions/selfish", {"exec": {"kind": "sequence", "components": components}}), 400, text)
    # a circle that came about by an update ends
    guest.put("actions/chain?overwrite=true", {"exec": {"kind": "sequence", "components": ["two"]}})
    status, _ = guest("PUT", "actions/chain?overwrite=true", {"exec": {"kind": "sequence", "components": ["outer"]}})
    equal(status, 400)
    guest("DELETE", "actions/two")
    status, full = invoke("outer")
    equal((status, full["response"]["result"]["error"]), (502, "Sequence component does not exist."))


# ---- web actions ----

def web(path, method="GET", body=None, **headers):
    client = Client(shared.api, None)
    answer = client.raw(method, "/api/v1/web/" + path, body, headers)
    return answer[0], answer[1], client.headers


@test("web actions: exported ones only, arguments, projections, statuses")
def _():
    guest.put("packages/web", {})
    guest.action("web/w", QUIET)
    equal(web("guest/web/w")[0], 404)
    guest.action("web/w", QUIET, overwrite=True, annotations=pairs(**{"web-export": True, "final": True}),
                 parameters=pairs(fixed=1))
    status, body, headers = web("guest/web/w.json?a=b&c=%C3%A4", **{"X-Y": "z"})
    equal(status, 200)
    equal((body["a"], body["c"], body["fixed"], body["__ow_method"], body["__ow_path"], body["__ow_headers"]["x-y"]),
          ("b", "ä", 1, "get", "", "z"))
    equal(headers["Access-Control-Allow-Origin"], "*")
    equal(web("guest/web/w.json/__ow_headers/x-y", **{"X-Y": "z"})[1], "z")
    equal(web("guest/web/w.json/no/such")[0], 404)
    equal(web("guest/web/w.text?text=hello")[1], "hello")
    status, body, headers = web("guest/web/w.html?html=%3Cb%3E")
    equal((status, body, headers["Content-Type"]), (200, "<b>", "text/html; charset=UTF-8"))
    equal(web("guest/web/w.svg?svg=x")[2]["Content-Type"], "image/svg+xml")
    equal(web("guest/web/w.html")[0], 404)
    equal(web("guest/web/w.json", "PATCH", {"k": 1})[1]["k"], 1)
    equal(web("guest/web/w.json", "POST", "x=1&y=a%20b", **{"Content-Type": "application/x-www-form-urlencoded"})[1]["y"],
          "a b")
    equal(web("guest/web/w.json", "POST", "words", **{"Content-Type": "text/plain"})[1]["__ow_body"], "words")
    equal(web("guest/web/w.json", "POST", b"\xff\0", **{"Content-Type": "image/png"})[1]["__ow_body"], b64(b"\xff\0"))
    equal(web("guest/web/w.json", "POST", [1])[1]["__ow_body"], [1])
    for query in ("fixed=2", "__ow_method=x", "__ow_body=x", "__ow_user=me"):
        refused(web(f"guest/web/w.json?{query}")[:2], 400, "not allowed")
    refused(web("guest/web/w.json", "POST", {"fixed": 2})[:2], 400, "not allowed")
    refused(web("guest/web/w.json", "POST", "{")[:2], 400, "malformed")
    refused(web("guest/web/w.json", "POST", "a=%zz", **{"Content-Type": "application/x-www-form-urlencoded"})[:2], 400,
            "malformed")
    equal(web("guest/web/w.json", "OPTIONS")[0], 200)
    equal(web("guest/web/w.json", "POST", {"error": {"no": 1}})[:2], (200, {"no": 1}))
    for path in ("guest/web/none", "guest/default/mine", "nobody/web/w", "guest/web", "guest/web/w%00"):
        assert web(path)[0] in (400, 404), path


@test("web actions: full responses with status, headers and body")
def _():
    guest.action("h", QUIET, annotations=pairs(**{"web-export": True}))
    post = lambda body, path="guest/default/h": web(path, "POST", body)
    status, body, headers = post({"statusCode": 201, "headers": {"X-A": "1", "Set-Cookie": ["a=1", "b=2"], "X-N": 5,
                                                                 "Content-Length": "3", "X-B": "a\r\nX-C: d"},
                                  "body": {"k": [1]}})
    equal((status, body, headers["X-A"], headers["X-N"], headers.get_all("Set-Cookie")),
          (201, {"k": [1]}, "1", "5", ["a=1", "b=2"]))
    assert headers["X-C"] is None
    equal(post({"body": "<p>"})[:2], (200, "<p>"))
    status, body, headers = post({"headers": {"Content-Type": "image/png"}, "body": b64(b"PNG")})
    equal((status, body, headers["Content-Type"]), (200, "PNG", "image/png"))
    equal(post({"statusCode": 302, "headers": {"Location": "/x"}})[2]["Location"], "/x")
    equal(post({})[0], 204)
    equal(post({"headers": {"Access-Control-Allow-Origin": "https://a"}, "body": "x"})[2].get_all(
        "Access-Control-Allow-Origin"), ["https://a"])
    for bad in ({"statusCode": 99}, {"statusCode": "x"}, {"headers": 7, "body": "x"}, {"headers": {"a": {}}, "body": "x"},
                {"headers": {"Content-Type": "image/png"}, "body": "no base64!"}):
        refused(post(bad)[:2], 400, "Response is not valid")
    equal(post({"error": {"statusCode": 404, "body": "gone"}})[:2], (404, "gone"))
    guest.action("web-winter", b64(module("ow_winter")), annotations=pairs(**{"web-export": True}))
    refused(web("guest/default/web-winter")[:2], 400, "error processing your request")


@test("web actions: raw, and with a secret or a key")
def _():
    guest.action("raw", QUIET, annotations=pairs(**{"web-export": True, "raw-http": True}))
    body = web("guest/default/raw.json?a=%20b&a=c", "POST", {"x": 1})[1]
    equal((body["__ow_query"], base64.b64decode(body["__ow_body"])), ("a=%20b&a=c", b'{"x": 1}'))
    equal(web("guest/default/raw.json", "PUT", "text", **{"Content-Type": "text/plain"})[1]["__ow_body"], "text")
    guest.action("secret", QUIET, annotations=pairs(**{"web-export": True, "require-whisk-auth": "s3cret"}))
    refused(web("guest/default/secret.json")[:2], 401, "authentication")
    refused(web("guest/default/secret.json", **{"X-Require-Whisk-Auth": "s3creT"})[:2], 401, "authentication")
    equal(web("guest/default/secret.json", **{"X-Require-Whisk-Auth": "s3cret"})[0], 200)
    guest.action("keyed", QUIET, annotations=pairs(**{"web-export": True, "require-whisk-auth": True}))
    refused(web("guest/default/keyed.json")[:2], 401, "authentication")
    key = {"Authorization": "Basic " + b64(shared.keys["other"].encode())}
    status, body, _ = web("guest/default/keyed.json", **key)
    equal((status, body["__ow_user"]), (200, "other"))
    assert "authorization" not in body["__ow_headers"]


# ---- the rest ----

@test("descriptions, limits, request IDs, cross-origin, what is left out")
def _():
    nobody = Client(shared.api, None)
    status, body = nobody.raw("GET", "/")
    equal((status, body["api_paths"]), (200, ["/api/v1"]))
    assert body["runtimes"]["wasm"][0]["kind"] == "wasm:1" and body["limits"]["max_action_duration"] == 300000
    equal(nobody.raw("GET", "/ping"), (200, "pong"))
    equal(nobody.raw("GET", "/api/v1")[1]["api_version_path"], "v1")
    status, limits = guest("GET", "limits")
    equal((status, limits["invocationsPerMinute"], limits["concurrentInvocations"]), (200, 100000, 1000))
    guest.raw("GET", "/api/v1/namespaces", headers={"X-Request-ID": "abc"})
    equal(guest.headers["X-Request-ID"], "abc")
    equal(guest.headers["Access-Control-Allow-Origin"], "*")
    guest.raw("GET", "/api/v1/namespaces")
    equal(len(guest.headers["X-Request-ID"]), 32)
    equal(guest.raw("OPTIONS", "/api/v1/namespaces/_/actions")[0], 200)
    refused(guest.raw("GET", "/api/v1/namespaces/_"), 404, "docs/http-api.md")
    refused(guest.raw("GET", "/api/v1/api-docs"), 404, "docs/http-api.md")
    refused(guest.raw("GET", "/api/v1/nothing"), 404, "does not exist")
    refused(guest.raw("PATCH", "/api/v1/namespaces/_/actions"), 405, "not allowed")


@test("rate and concurrency of a namespace")
def _():
    with Api("--rate", "5", "--concurrent", "2", "--grace", "0") as api:
        client = api.client()
        client.action("q", QUIET)
        code = b64(module("endless_loop"))
        client.action("loop", code, limits={"timeout": 300000})
        equal([client("POST", "actions/loop", {})[0] for _ in range(2)], [202, 202])
        refused(client("POST", "actions/q", {}), 429, "Too many concurrent requests in flight (count: 3, allowed: 2)")
        refused(client("POST", "actions/q?blocking=true", {}), 429, "Too many concurrent")
        equal(user(api.state, "add", "free", "--rate", "1000", "--concurrent", "50")[0], 0)
        equal([client("POST", "actions/q", {})[0] for _ in range(3)], [429, 429, 429])
        refused(client("POST", "actions/q", {}), 429, "Too many requests in the last minute (count: 6, allowed: 5)")


@test("SIGHUP: the rate that the configuration file says now")
def _():
    config = os.path.join(scratch, "rate.json")

    def write(rate):
        with open(config, "w") as file:
            json.dump({"rate": rate}, file)

    write(2)
    with Api("--config", config) as api:
        client = api.client()
        client.action("q", QUIET)
        equal([client("POST", "actions/q", {})[0] for _ in range(3)], [202, 202, 429])
        write(100)
        api.child.send_signal(signal.SIGHUP)
        eventually(lambda: client("POST", "actions/q", {})[0] == 202)


@test("SIGTERM right after a promise: no wait for a slot that will not come; the next daemon keeps it")
def _():
    state, key = None, None
    for number in range(3):  # the slot is lost at a moment that is a matter of luck
        with Api("--queue-timeout", "300000", state=state) as api:  # longer than stop() waits
            state, key = api.state, key or api.keys["guest"]
            client = Client(api.api, key)
            client.action("q", QUIET, overwrite=True)
            status, answer = client("POST", "actions/q", {"n": number})
            equal((status, api.stop()), (202, 0))
        with Api(state=state) as again:
            activation(answer["activationId"], Client(again.api, key))


@test("SIGTERM while an action is compiled: 503, and it is not there afterwards")
def _():
    import threading
    answers = []
    with Api("--grace", "3600") as api:
        def upload(number):
            answers.append(api.client()("PUT", f"actions/f{number}", {"exec": {
                "kind": "wasm:1", "code": b64(variant("ow_quiet", number))}}))

        number, stopped = 0, False
        while not stopped:
            thread = threading.Thread(target=upload, args=[number])
            thread.start()
            eventually(lambda: api.stop_compiler() or len(answers) > number)
            stopped = len(answers) <= number and "T" in api.compilers().values()
            number += 1
        equal(api.stop(), 0)
        thread.join()
        refused(answers[-1], 503, "shutting down")
    with Api(state=api.state) as again:
        refused(Client(again.api, api.keys["guest"])("GET", f"actions/f{number - 1}"), 404, "does not exist")


@test("reclave user: add, list, rotate, remove, while the daemon runs")
def _():
    with Api() as api:
        client = api.client()
        client.action("q", QUIET)
        given = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:" + "k" * 64
        equal(user(api.state, "add", "team", "--key", given, "--rate", "7"), (0, given, ""))
        team = Client(api.api, given)
        equal(team.raw("GET", "/api/v1/namespaces"), (200, ["team"]))
        equal(team("GET", "limits")[1]["invocationsPerMinute"], 7)
        for arguments, text in ((["add", "team"], "there already"), (["add", "x", "--key", given], "there already"),
                                (["add", "x", "--key", "a:b"], "UUID:KEY"), (["rotate", "nobody"], "no namespace"),
                                (["remove", "nobody"], "no namespace"), (["add", "a/b"], "no name"), (["add", ""], "no name"),
                                (["add"], "needs the name"), (["ad", "x"], "needs add"), (["list", "x"], "no argument"),
                                (["add", "x", "--rate", "0"], "--rate")):
            code, _, err = user(api.state, *arguments)
            assert code in (1, 2) and text in err, (arguments, code, err)
        listed = json.loads(user(api.state, "list", "--json")[1])
        equal([(u["name"], u["rate"], u["actions"]) for u in listed], [("guest", None, 1), ("team", 7, 0)])
        assert "k" * 64 not in json.dumps(listed)
        code, fresh, _ = user(api.state, "rotate", "team")
        equal((code, team.raw("GET", "/api/v1/namespaces")[0]), (0, 401))
        equal(Client(api.api, fresh).raw("GET", "/api/v1/namespaces"), (200, ["team"]))
        equal(user(api.state, "remove", "guest")[0], 0)
        refused(client("GET", "actions"), 401, "authentication")
        with open(os.path.join(api.state, "reclave.db"), "rb") as db, open(os.path.join(api.state, "reclave.db-wal"), "rb") as wal:
            data = db.read() + wal.read()
        assert given.split(":")[1].encode() not in data and fresh.split(":")[1].encode() not in data


@test("retention by count")
def _():
    with Api("--keep-count", "3") as api:
        client = api.client()
        client.action("q", QUIET)
        for _ in range(6):
            equal(client("POST", "actions/q?blocking=true", {})[0], 200)
            next_millisecond()
        newest = [row["activationId"] for row in client("GET", "activations?limit=3")[1]]
        api.stop()
        with Api("--keep-count", "3", state=api.state) as again:
            client = Client(again.api, api.keys["guest"])
            eventually(lambda: client("GET", "activations?count=true")[1]["activations"] == 3)
            equal([row["activationId"] for row in client("GET", "activations")[1]], newest)


if __name__ == "__main__":
    try:
        run_tests()
    finally:
        shared.stop()
