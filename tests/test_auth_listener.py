"""The loopback listener: it answers everybody, and only the right path is heard."""

from __future__ import annotations

import http.client
import socket
import threading
import time

import pytest

from ninja_analytics.auth.listener import Listener, Reply


@pytest.fixture
def heard():
    return []


@pytest.fixture
def listener(heard):
    def respond(query: str) -> Reply:
        heard.append(query)
        return Reply(200, "Title <b>", f"Text {query} </p><script>alert(1)</script>")

    listener = Listener("127.0.0.1", 0, "/back", respond)
    listener.start()
    yield listener
    listener.close()


def ask(listener: Listener, target: str, method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=5)
    try:
        connection.request(method, target)
        answer = connection.getresponse()
        answer.page = answer.read().decode()
        return answer
    finally:
        connection.close()


def test_a_get_for_its_path_is_heard(listener, heard):
    assert ask(listener, "/back?code=1&state=2").status == 200
    assert heard == ["code=1&state=2"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/favicon.ico", 404),
        ("GET", "/?code=1&state=2", 404),
        ("GET", "/back/?code=1&state=2", 404),
        ("GET", "/%62ack?code=1", 404),
        ("POST", "/back?code=1&state=2", 405),
        ("HEAD", "/back?code=1&state=2", 405),
        ("OPTIONS", "/back", 405),
        ("TRACE", "/back", 405),
    ],
)
def test_strangers_get_an_answer_and_are_not_heard(listener, heard, method, target, status):
    answer = ask(listener, target, method)

    assert answer.status == status
    assert heard == []
    assert ask(listener, "/back?x").status == 200


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET /back HTTP/9.9\r\n\r\n", b""]
)
def test_a_scanner_that_speaks_no_http_does_not_end_it(listener, heard, raw):
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as scanner:
        scanner.sendall(raw)
        scanner.shutdown(socket.SHUT_WR)
        while scanner.recv(4096):
            pass

    assert heard == []
    assert ask(listener, "/back?x").status == 200


def test_a_caller_that_says_nothing_does_not_hold_the_others_up(listener):
    with socket.create_connection(("127.0.0.1", listener.port)):
        began = time.monotonic()
        assert ask(listener, "/back?x").status == 200
        assert time.monotonic() - began < 2


def test_pages_are_escaped_and_leave_no_trace(listener):
    answer = ask(listener, "/back?<script>alert(2)</script>")

    assert "<script>" not in answer.page
    assert "Title &lt;b&gt;" in answer.page
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Python" not in answer.headers["Server"]
    assert "http" not in answer.page.lower().replace("<!doctype html>", "")


def test_a_stranger_sees_the_same_headers(listener):
    answer = ask(listener, "/elsewhere")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_it_listens_on_this_machine_only(listener):
    assert listener._server.server_address[0] == "127.0.0.1"


def test_closing_frees_the_port_also_before_it_has_begun():
    listener = Listener("127.0.0.1", 0, "/", lambda query: Reply(200, "", ""))
    listener.start()
    listener.close()

    second = Listener("127.0.0.1", listener.port, "/", lambda query: Reply(200, "", ""))
    second.close()


def test_a_port_that_is_taken_is_an_error_of_the_system(listener):
    with pytest.raises(OSError, match="in use"):
        Listener("127.0.0.1", listener.port, "/", lambda query: Reply(200, "", ""))


def test_what_comes_afterwards_waits_until_the_browser_has_its_page():
    has_page, afterwards = threading.Event(), []
    over = threading.Event()

    def finish() -> None:
        afterwards.append(has_page.wait(3))
        over.set()

    listener = Listener("127.0.0.1", 0, "/", lambda query: Reply(200, "Title", "Text", finish))
    listener.start()
    try:
        assert "Text" in ask(listener, "/?x").page
        has_page.set()
        assert over.wait(5)
        assert afterwards == [True]
    finally:
        listener.close()
