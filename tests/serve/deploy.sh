#!/bin/bash
# What is in deploy/: each file checked by a tool that knows its format, as far as it is installed; the proxy's image
# built and started without a container engine.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
s=$(mktemp -d)
trap 'rm -rf "$s"' EXIT
number=0

report() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$s/log" | head -30
    fi
}

skip() { # NAME REASON
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

have() { command -v "$1" >/dev/null; }

name="Kubernetes manifests fit Kubernetes' schemas"
if have kubernetes-validate; then
    kubernetes-validate --strict deploy/kubernetes/*.yaml >"$s/log" 2>&1
    report $? "$name"
    sed 's/runAsNonRoot: true/runAsNonRoot: maybe/' deploy/kubernetes/node-pool.yaml >"$s/bad.yaml"
    ! kubernetes-validate --strict "$s/bad.yaml" >"$s/log" 2>&1
    report $? "... and a manifest that does not is noticed"
else
    skip "$name" "kubernetes-validate is not installed (pip install kubernetes-validate)"
fi

name="the systemd unit is one"
if have systemd-analyze; then
    sed "s,/usr/local/bin/reclave,$PWD/$build/bin/reclave," deploy/systemd/reclave.service >"$s/reclave.service"
    systemd-analyze verify "$s/reclave.service" >"$s/log" 2>&1
    grep -qE 'reclave.service:[0-9]+|Unknown|Failed' "$s/log"
    report $((1 - $?)) "$name"
else
    skip "$name" "systemd-analyze is not installed"
fi

python3 - >"$s/log" 2>&1 <<'END'
import json, re
runtimes = json.load(open("deploy/openwhisk/runtimes.json"))
(wasm,) = runtimes["runtimes"]["wasm"]
assert wasm["kind"] == "wasm:1" and wasm["default"] is True and wasm["deprecated"] is False
assert set(wasm["image"]) == {"prefix", "name", "tag"}
assert set(wasm["attached"]) == {"attachmentName", "attachmentType"}
(cell,) = wasm["stemCells"]
assert re.fullmatch(r"\d+ MB", cell["memory"]) and cell["initialCount"] > 0
reactive = cell["reactive"]
assert 0 < reactive["minCount"] <= reactive["maxCount"] and re.fullmatch(r"\d+ minutes?", reactive["ttl"])
END
report $? "the runtimes.json entry has what OpenWhisk reads"

"$build/bin/reclave" serve --config deploy/systemd/reclave.json --state-dir "$s/state" --log-level nonsense >"$s/log" 2>&1
grep -q "log-level: 'nonsense'" "$s/log" && ! grep -q 'reclave.json' "$s/log"
report $? "the configuration file is accepted"

name="the proxy's image is built and answers"
if have umoci && have runc && [ "$(id -u)" = 0 ]; then
    mkdir "$s/run" && chown 10001 "$s/run"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    deploy/build-image "$s/layout" "$build" >"$s/log" 2>&1 &&
        umoci unpack --image "$s/layout:proxy" "$s/bundle" >>"$s/log" 2>&1 &&
        python3 - "$s/bundle/config.json" "$port" <<'END'
import json, sys
path, port = sys.argv[1:]
config = json.load(open(path))
config["process"]["terminal"] = False
config["process"]["args"] += ["--listen", "127.0.0.1:" + port]
config["root"]["readonly"] = True
config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "network"]
json.dump(config, open(path, "w"))
END
    (cd "$s/bundle" && exec timeout 300 runc --root "$s/run" run "proxy-$$" >>"$s/log" 2>&1) &
    answer=
    for _ in $(seq 1200); do
        answer=$(curl -s -X POST -d '{"value":{"code":"AAAA"}}' -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/init")
        [ "$answer" = 000 ] || break
        sleep 0.1
    done
    runc --root "$s/run" kill "proxy-$$" TERM >>"$s/log" 2>&1
    wait
    # 503: it runs, and says that there is no node behind it
    echo "answer: $answer" >>"$s/log"
    [ "$answer" = 503 ]
    report $? "$name"
else
    skip "$name" "needs root, umoci and runc"
fi

echo "1..$number"
