#!/usr/bin/env python3
"""The functions of examples/, compiled as they say, uploaded and invoked."""
from client import *

ASSEMBLYSCRIPT = "assemblyscript@0.28.20"


def has_rust():
    rustc = os.environ.get("RUSTC", "/usr/bin/rustc")
    if not os.access(rustc, os.X_OK):
        return "rustc is not installed"
    libraries = subprocess.run([rustc, "--print", "target-libdir", "--target", "wasm32-wasi"], capture_output=True, text=True)
    if libraries.returncode != 0 or not os.path.isdir(libraries.stdout.strip()):
        return "libstd-rust-dev-wasm32 is not installed"
    return None


def find_asc():
    """AssemblyScript's compiler, or why there is none."""
    folder = os.path.abspath(os.path.join(BUILD, "npm-assemblyscript"))
    asc = os.path.join(folder, "node_modules", "assemblyscript", "bin", "asc.js")
    if os.path.exists(asc):
        return asc, None
    if not shutil.which("npm") or not shutil.which("node"):
        return None, "npm is not installed"
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix", folder,
                           ASSEMBLYSCRIPT], capture_output=True, text=True, timeout=600)
    return (asc, None) if done.returncode == 0 and os.path.exists(asc) else (None, "npm cannot install " + ASSEMBLYSCRIPT)


NO_RUST = has_rust()
ASC, NO_ASC = find_asc()


def skip(why):
    return f" # SKIP {why}" if why else ""


def compiled(name, **env):
    path = os.path.join(scratch, name + ".wasm")
    subprocess.run([f"examples/{name}/build.sh", path], check=True, env={**os.environ, **env}, stdout=sys.stderr)
    with open(path, "rb") as file:
        return b64(file.read())


def check(name, code, cases, **fields):
    """Each (parameters, status, result) through the API."""
    with Api() as api:
        client = api.client()
        client.action(name, code, **fields)
        for params, status, result in cases:
            equal(client("POST", f"actions/{name}?blocking=true&result=true", params), (status, result))


@test("C: pseudonymise")
def _():
    with open(os.path.join(BUILD, "examples", "pseudonymise.wasm"), "rb") as file:
        code = b64(file.read())
    with Api() as api:
        client = api.client()
        client.action("pseudonymise", code)
        status, one = client("POST", "actions/pseudonymise?blocking=true&result=true", {"id": 7, "name": "Ada"})
        equal((status, one["id"]), (200, 7))
        assert one["name"].startswith("name-") and len(one["name"]) == 21, one
        equal(client("POST", "actions/pseudonymise?blocking=true&result=true", {"name": "Ada"})[1]["name"], one["name"])
        assert client("POST", "actions/pseudonymise?blocking=true&result=true", {"name": "Bob"})[1]["name"] != one["name"]


@test("Rust: statistics" + skip(NO_RUST))
def _():
    if NO_RUST:
        return
    check("statistics", compiled("statistics"), [
        ({"values": [31000, 42500, 28750]}, 200, {"count": 3, "mean": 34083.33, "median": 31000, "p90": 42500, "max": 42500}),
        ({"values": [-1.5]}, 200, {"count": 1, "mean": -1.5, "median": -1.5, "p90": -1.5, "max": -1.5}),
        ({"values": list(range(1, 101))}, 200, {"count": 100, "mean": 50.5, "median": 50, "p90": 90, "max": 100}),
        ({"values": []}, 502, {"error": "the list is empty"}),
        ({"values": ["x"]}, 502, {"error": "not a number: 'x'"}),
        ({"values": 7}, 502, {"error": "\"values\" must be a list of numbers".replace('"', "'")}),
        ({}, 502, {"error": "'values' is missing"})])


@test("AssemblyScript: same-name" + skip(NO_ASC))
def _():
    if NO_ASC:
        return
    check("same-name", compiled("same-name", ASC=ASC), [
        ({"a": "Müller, Jörg", "b": "Mueller Jorg"}, 200, {"distance": 1, "similarity": 0.91, "same": True}),
        ({"a": "Ada Lovelace", "b": "ada lovelace"}, 200, {"distance": 0, "similarity": 1, "same": True}),
        ({"a": "Ada", "b": "Bob"}, 200, {"distance": 3, "similarity": 0.00, "same": False}),
        ({"a": "", "b": ""}, 200, {"distance": 0, "similarity": 1, "same": True}),
        ({"a": "only"}, 502, {"error": "a and b must be names"})])


if __name__ == "__main__":
    run_tests()
