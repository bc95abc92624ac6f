#!/usr/bin/env python3
"""The clients that people use: the npm client itself, and what `wsk` sends, byte for byte where it matters."""
from client import *

NPM_PACKAGE = "openwhisk@3.21.9"
QUIET = b64(module("ow_quiet"))


def npm_folder():
    """Where the npm client is installed, or why it is not. A folder of its own: npm removes what it did not install."""
    folder = os.path.abspath(os.path.join(BUILD, "npm-openwhisk"))
    if os.path.isdir(os.path.join(folder, "node_modules", "openwhisk")):
        return folder, None
    if not shutil.which("npm") or not shutil.which("node"):
        return None, "npm is not installed"
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix", folder,
                           NPM_PACKAGE], capture_output=True, text=True, timeout=600)
    return (folder, None) if done.returncode == 0 else (None, "npm cannot install " + NPM_PACKAGE)


FOLDER, WHY_NOT = npm_folder()


@test("the npm client: every kind of call" + (f" # SKIP {WHY_NOT}" if WHY_NOT else ""))
def _():
    if WHY_NOT:
        return
    with Api() as api:
        script = os.path.join(FOLDER, "npm_client.js")
        shutil.copy("tests/api/npm_client.js", script)
        done = subprocess.run(["node", script, str(api.api), api.keys["guest"],
                               os.path.abspath(os.path.join(BUILD, "guests", "ow_quiet.wasm"))],
                              capture_output=True, text=True, timeout=600)
        assert done.returncode == 0 and "all steps" in done.stdout, done.stdout + done.stderr


class Wsk(Client):
    """Sends what the CLI sends (OpenWhisk-CLI, captured): its headers, its bodies, its order of requests."""

    def send(self, method, path, body=None):
        headers = {"User-Agent": "OpenWhisk-CLI/1.0 (2021-04-01T23:49:54.523+0000) linux amd64", "Accept-Encoding": "gzip"}
        return self(method, path, body, headers=headers)

    def update_action(self, name, body):
        """`wsk action update`: looks first, then puts."""
        status, _ = self.send("GET", f"actions/{name}?code=false")
        assert status in (200, 404)
        return self.send("PUT", f"actions/{name}?overwrite=true", {"namespace": "_", "name": name, **body})


def wsk_exec(code, kind="wasm:1"):
    return {"kind": kind, "code": code, "binary": False}


@test("wsk: action create, update, get, list, invoke, delete")
def _():
    with Api() as api:
        wsk = Wsk(api.api, api.keys["guest"])
        # wsk action create f f.zip --kind wasm:1 -p a 1 --web true -t 5000 -m 128
        zipfile_code = b64(zipped({"f.wasm": module("ow_quiet")}))
        status, made = wsk.send("PUT", "actions/f?overwrite=false", {
            "namespace": "_", "name": "f", "exec": wsk_exec(zipfile_code), "parameters": [{"key": "a", "value": 1}],
            "annotations": pairs(**{"web-export": True, "raw-http": False, "final": True}),
            "limits": {"timeout": 5000, "memory": 128}})
        equal((status, made["limits"]["timeout"], made["limits"]["memory"], made["limits"]["logs"]), (200, 5000, 128, 10))
        refused(wsk.send("PUT", "actions/f?overwrite=false", {"namespace": "_", "name": "f", "exec": wsk_exec(QUIET)}),
                409, "already exists")
        # wsk action create f f.wasm --kind wasm:1: the bytes of the file as text
        damaged = module("ow_quiet").decode("utf-8", "replace")
        status, body = wsk.send("PUT", "actions/raw?overwrite=false", {"namespace": "_", "name": "raw", "exec": wsk_exec(damaged)})
        assert status == 400 and "zip" in body["error"], body
        equal(wsk.update_action("f", {"parameters": [{"key": "a", "value": 2}]})[1]["version"], "0.0.2")
        next_millisecond()  # lists are ordered by it
        equal(wsk.update_action("g", {"exec": wsk_exec(QUIET)})[1]["version"], "0.0.1")
        # wsk action get f; --save
        equal(wsk.send("GET", "actions/f?code=false")[1]["name"], "f")
        equal(wsk.send("GET", "actions/f?code=true")[1]["exec"]["code"], zipfile_code)
        equal([row["name"] for row in wsk.send("GET", "actions?limit=0&skip=0")[1]], ["g", "f"])
        # wsk action invoke f; -b; -r
        status, body = wsk.send("POST", "actions/f?blocking=false&result=false", {})
        equal((status, list(body)), (202, ["activationId"]))
        equal(wsk.send("POST", "actions/f?blocking=true&result=false", {"b": 3})[1]["response"]["result"], {"a": 2, "b": 3})
        equal(wsk.send("POST", "actions/f?blocking=true&result=true", {"b": 3}), (200, {"a": 2, "b": 3}))
        status, body = wsk.send("POST", "actions/f?blocking=true&result=true", {"error": "x"})
        equal((status, body), (502, {"a": 2, "error": "x"}))  # no "code" in it: wsk would take it for its own
        refused(wsk.send("POST", "actions/none?blocking=true&result=true", {}), 404, "does not exist")
        equal(wsk.send("DELETE", "actions/f")[0], 200)
        refused(wsk.send("DELETE", "actions/f"), 404, "does not exist")


@test("wsk: activations and poll; packages, triggers, rules; property get; namespace list")
def _():
    with Api() as api:
        wsk = Wsk(api.api, api.keys["guest"])
        equal(wsk.update_action("f", {"exec": wsk_exec(b64(module("ow_echo")))})[0], 200)
        # wsk activation poll: the newest once, then what is newer
        equal(wsk.send("GET", "activations?docs=true&limit=1&skip=0"), (200, []))
        since = int(time.time() * 1000)
        identity = wsk.send("POST", "actions/f?blocking=true&result=false", {})[1]["activationId"]
        polled = wsk.send("GET", f"activations?docs=true&limit=0&since={since}&skip=0")[1]
        equal([one["activationId"] for one in polled], [identity])
        assert [line.split(": ", 1)[1] for line in polled[0]["logs"]] == ["hello stdout", "hello stderr"]
        equal(wsk.send("GET", f"activations?docs=true&limit=0&since={since}&skip=0&name=f")[1], polled)
        row = wsk.send("GET", "activations?docs=false&limit=30&skip=0")[1][0]
        equal((value_of(row["annotations"], "kind"), row["statusCode"]), ("wasm:1", 0))
        assert value_of(row["annotations"], "initTime") is not None  # wsk shows "cold"
        equal(wsk.send("GET", f"activations/{identity}")[1]["activationId"], identity)
        equal(len(wsk.send("GET", f"activations/{identity}/logs")[1]["logs"]), 2)
        equal(wsk.send("GET", f"activations/{identity}/result")[1]["success"], True)
        # packages and bindings
        equal(wsk.send("PUT", "packages/p?overwrite=false", {"namespace": "_", "name": "p", "publish": True})[0], 200)
        equal(wsk.send("PUT", "packages/b?overwrite=false", {"namespace": "_", "name": "b", "binding":
                                                             {"namespace": "guest", "name": "p"}})[1]["binding"]["name"], "p")
        equal(wsk.send("GET", "packages?limit=30&skip=0")[1][0]["name"], "b")
        # wsk rule create: with "status" and names in full
        equal(wsk.send("PUT", "triggers/t?overwrite=false", {"name": "t"})[0], 200)
        equal(wsk.send("PUT", "rules/r?overwrite=false", {"name": "r", "status": "", "trigger": "/_/t", "action": "/_/f"})[1]["status"],
              "active")
        equal(wsk.send("POST", "rules/r", {"name": "r", "status": "inactive", "trigger": None, "action": None}), (200, ""))
        equal([wsk.send("GET", f"rules/{rule['name']}")[1]["status"] for rule in wsk.send("GET", "rules?limit=30&skip=0")[1]],
              ["inactive"])
        equal(wsk.send("POST", "triggers/t", {})[0], 204)
        # wsk rule delete looks at the rule first; wsk trigger delete at the trigger
        for path in ("rules/r", "triggers/t", "packages/b", "packages/p", "actions/f"):
            equal(wsk.send("GET", path)[0], 200)
            equal(wsk.send("DELETE", path)[0], 200)
        # wsk property get; wsk namespace list
        equal(wsk.raw("GET", "/api/v1/namespaces"), (200, ["guest"]))
        about = wsk.raw("GET", "/api/v1")[1]
        assert about["build"] and about["buildno"]


if __name__ == "__main__":
    run_tests()
