#!/usr/bin/env python3
"""Hostile requests to the API: always OpenWhisk's error format, never a crash, and the next request is served."""
import random

from client import *

QUIET = b64(module("ow_quiet"))
api = Api()
guest = api.client()


def raw(data, wait=PATIENCE):
    """Bytes on a connection; what came back."""
    with socket.create_connection(("127.0.0.1", api.api), wait) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass
    return answer


def lives():
    assert api.child.poll() is None, api.text("err")
    equal(Client(api.api, api.keys["guest"]).raw("GET", "/api/v1/namespaces"), (200, ["guest"]))


def is_error(status, body):
    assert 400 <= status < 500 or status == 503, (status, body)
    assert isinstance(body, dict) and sorted(body) == ["code", "error"], body


@test("paths: escapes, dots, NUL, doubled slashes, many segments, long ones")
def _():
    for path in ("/api/v1/namespaces/_/actions/%00", "/api/v1/namespaces/_/actions/a%2f..%2f..", "/api/v1/../../etc/passwd",
                 "/api/v1/namespaces//actions", "/api/v1/namespaces/_//actions", "//api/v1/namespaces",
                 "/api/v1/namespaces/%2e%2e/actions", "/api/v1/namespaces/_/actions/%ff", "/api/v1/namespaces/_/actions/%",
                 "/api/v1/namespaces/_/actions/%zz", "/api/v1/namespaces/_/actions/" + "a/" * 40,
                 "/api/v1/namespaces/_/actions/" + "a" * 20000, "/api/v1/namespaces/" + "n" * 300 + "/actions",
                 "/api/v1/namespaces/_/actions/a?" + "x=1&" * 100, "/api/v1/namespaces/_/activations?limit=%00",
                 "/api/v1/namespaces/_/activations?since=9999999999999999999999", "/api/v1/namespaces/_/activations/..",
                 "/api/v1/namespaces/%E2%9D%84/actions", "/api/v1/web/guest/../w", "/api/v1/namespaces/' OR 1=1 --/x".replace(" ", "%20"),
                 "/api/v1/namespaces/_/actions/x'%22%3B--"):
        is_error(*guest.raw("GET", path))
    equal(guest("GET", "activations?since=-5")[0], 200)
    lives()


@test("requests that are no HTTP, or only begin to be")
def _():
    for data in (b"", b"\0" * 100, b"GET", b"GET / HTTP/9.9\r\n\r\n", b"GET /ping\r\n\r\n", b"\xff\xfe\xfd\r\n\r\n",
                 b"GET /ping HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
                 b"GET /ping HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 100000 + b"\r\n\r\n",
                 b"POST /api/v1/namespaces/_/actions/a HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                 b"POST /api/v1/namespaces/_/actions/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                 b"POST /api/v1/namespaces/_/actions/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 b"POST /api/v1/namespaces/_/actions/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\nabc",
                 b"GET /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \r\nAuthorization: Basic x\r\n\r\n",
                 b"GET /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\x01b\r\n\r\n"):
        answer = raw(data)
        assert not answer.startswith(b"HTTP/1.1 200") or b"/ping" in data, (data[:80], answer[:200])
    lives()


@test("bodies: deep, wide, huge numbers, broken Unicode, all kinds of JSON")
def _():
    guest.action("q", QUIET)
    for body in (b"[" * 200000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"a":1e999}', b'{"a":' + b"9" * 400 + b"}",
                 b'"\xff"', b'{"\xc3\x28":1}', b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}", b"{'a':1}", b"{}{}", b"nul", b"\0", b"{\"a\":1,}",
                 b"true", b"null"):
        is_error(*guest("POST", "actions/q?blocking=true", body))
        is_error(*guest("PUT", "triggers/t", body))
    wide = {f"k{n}": n for n in range(60000)}
    equal(guest("POST", "actions/q?blocking=true&result=true", wide), (200, wide))
    odd = {"": 1, "ab": "c\0d", "❄": "☃", "\U0001f600": [None, True, -0.5], "__proto__": {}, "x" * 10000: ""}
    equal(guest("POST", "actions/q?blocking=true&result=true", odd), (200, odd))
    equal(guest("POST", "actions/q?blocking=true&result=true", b'{"a":1,"a":2}'), (200, {"a": 2}))
    many = [{"key": f"k{n}", "value": n} for n in range(20000)]
    equal(len(guest.put("triggers/many", {"parameters": many, "annotations": many})["parameters"]), 20000)
    lives()


@test("what a function returns cannot break an answer")
def _():
    guest.action("w", QUIET, annotations=pairs(**{"web-export": True}))
    for body in ({"headers": {"A\r\nB": "x", "C:": "y", "": "z", "D": "a\nE: f", "Transfer-Encoding": "chunked", "Connection": "x",
                              "Content-Length": "1"}, "body": "ok"},
                 {"headers": {f"H{n}": "v" for n in range(500)}, "body": "ok"}):
        client = Client(api.api, None)
        status, answer = client.raw("POST", "/api/v1/web/guest/default/w", body)
        equal((status, answer), (200, "ok"))
        equal((client.headers["E"], client.headers["B"]), (None, None))
    for text in ("x" * 100000, {"deep": [[[[]]]]}, 7, None):
        status, answer = guest("POST", "actions/q?blocking=true&result=true", {"error": text})
        equal((status, answer), (502, {"error": text}))
    lives()


@test("random bytes in place of parts of good requests")
def _():
    source = random.Random(11)
    authorization = b"Authorization: Basic " + base64.b64encode(api.keys["guest"].encode()) + b"\r\n"
    good = [b"PUT /api/v1/namespaces/_/triggers/x?overwrite=true HTTP/1.1\r\nHost: h\r\n" + authorization +
            b"Content-Length: 49\r\n\r\n" + b'{"parameters":[{"key":"a","value":{"b":[1,2,3]}}]}'[:49],
            b"GET /api/v1/namespaces/_/activations?limit=3&docs=true HTTP/1.1\r\nHost: h\r\n" + authorization + b"\r\n"]
    for number in range(300):
        data = bytearray(good[number % 2])
        for _ in range(source.randrange(1, 5)):
            at = source.randrange(len(data))
            data[at:at + source.randrange(4)] = source.randbytes(source.randrange(4))
        answer = raw(bytes(data))
        assert not answer or answer.startswith(b"HTTP/1."), answer[:100]
        assert b"500 Internal" not in answer[:60], (bytes(data), answer)
    lives()


if __name__ == "__main__":
    try:
        run_tests()
    finally:
        api.stop()
