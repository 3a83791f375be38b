"""The loopback listener: it answers everybody, and only the right path is heard."""

from __future__ import annotations

import base64
import hashlib
import http.client
import logging
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator

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

    listener = Listener("127.0.0.1", 0, "/back".__eq__, respond)
    listener.start()
    yield listener
    listener.close()


@pytest.fixture
def posted(heard):
    """A listener that takes posts, too."""

    def respond(answer: str) -> Reply:
        heard.append(answer)
        return Reply(200, "Title", "Text", posts_fragment=answer == "?")

    listener = Listener("127.0.0.1", 0, "/back".__eq__, respond, takes_posts=True)
    listener.start()
    yield listener
    listener.close()


def quiet(host: str = "127.0.0.1", port: int = 0) -> Listener:
    return Listener(host, port, "/".__eq__, lambda _: Reply(200, "", ""))


def ask(
    listener: Listener,
    target: str,
    method: str = "GET",
    body: bytes | None = None,
    host: str = "127.0.0.1",
    **headers: str,
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(host, listener.port, timeout=5)
    try:
        connection.request(
            method, target, body, {name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        answer.page = answer.read().decode()
        return answer
    finally:
        connection.close()


def test_a_get_for_its_path_is_heard(listener, heard):
    assert ask(listener, "/back?code=1&state=2").status == 200
    assert heard == ["?code=1&state=2"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/favicon.ico", 404),
        ("GET", "/?code=1&state=2", 404),
        ("GET", "/back/?code=1&state=2", 404),
        ("GET", "/%62ack?code=1", 404),
        ("POST", "/back?code=1&state=2", 405),
        ("HEAD", "/back?code=1&state=2", 405),
        ("PUT", "/back?code=1&state=2", 405),
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
    assert [server.server_address[0] for server in listener._servers] == ["127.0.0.1"]


def test_closing_frees_the_port_also_before_it_has_begun():
    listener = quiet()
    listener.start()
    listener.close()
    listener.close()

    second = quiet(port=listener.port)
    second.close()
    second.start()
    third = quiet(port=listener.port)
    third.close()


def test_a_port_that_is_taken_is_an_error_of_the_system(listener):
    with pytest.raises(OSError, match="in use"):
        quiet(port=listener.port)


def test_what_comes_afterwards_waits_until_the_browser_has_its_page():
    has_page, afterwards = threading.Event(), []
    over = threading.Event()

    def finish() -> None:
        afterwards.append(has_page.wait(3))
        over.set()

    listener = Listener("127.0.0.1", 0, "/".__eq__, lambda _: Reply(200, "Title", "Text", finish))
    listener.start()
    try:
        assert "Text" in ask(listener, "/?x").page
        has_page.set()
        assert over.wait(5)
        assert afterwards == [True]
    finally:
        listener.close()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(
    not has_ipv6(), reason="this machine has no ::1; to run this, turn IPv6 on for its loopback"
)


@needs_ipv6
def test_localhost_is_listened_on_at_both_of_its_addresses():
    listener = quiet("localhost")
    listener.start()
    try:
        assert ask(listener, "/").status == 200
        assert ask(listener, "/", host="::1").status == 200
    finally:
        listener.close()

    for host in ("127.0.0.1", "::1"):
        quiet(host, listener.port).close()


def alone(host, free):
    """A listener on a port that nobody has at the other address, where a test beside may have it."""
    for _ in range(20):
        listener = quiet(host)
        try:
            quiet(free, listener.port).close()
        except OSError:
            listener.close()
        else:
            return listener
    raise AssertionError("every port is taken")


@needs_ipv6
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_localhost_is_taken_if_another_program_has_either_address(host):
    free = "::1" if host == "127.0.0.1" else "127.0.0.1"
    other = alone(host, free)
    try:
        with pytest.raises(OSError, match="in use"):
            quiet("localhost", other.port)
        quiet(free, other.port).close()  # nothing was left open there
    finally:
        other.close()


def test_without_ipv6_localhost_is_the_other_address(monkeypatch):
    create = socket.socket

    def without(family=socket.AF_INET, *rest, **more):
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return create(family, *rest, **more)

    monkeypatch.setattr(socket, "socket", without)
    listener = quiet("localhost")
    monkeypatch.undo()
    listener.start()
    try:
        assert ask(listener, "/").status == 200
    finally:
        listener.close()


@pytest.mark.parametrize("said", [b"", b"GET /back?x HT", b"GET /back?x HTTP/1.1\r\nHost: x\r\n"])
def test_many_half_open_connections_leave_room_for_the_browser(listener, heard, said):
    silent = []
    try:
        for _ in range(200):
            silent.append(socket.create_connection(("127.0.0.1", listener.port), timeout=5))
            silent[-1].sendall(said)
        began = time.monotonic()
        assert ask(listener, "/back?right").status == 200
        assert time.monotonic() - began < 2
        serving = [t for t in threading.enumerate() if "process_request_thread" in t.name]
        assert len(serving) <= 16
        assert heard == ["?right"]
    finally:
        for connection in silent:
            connection.close()


def test_an_answer_under_way_is_not_cut_off_by_those_that_come_later():
    begun, go = threading.Event(), threading.Event()

    def slowly(_: str) -> Reply:
        begun.set()
        go.wait(5)
        return Reply(200, "Title", "Text")

    listener = Listener("127.0.0.1", 0, "/".__eq__, slowly)
    listener.start()
    found = []
    browser = threading.Thread(target=lambda: found.append(ask(listener, "/?right").page))
    browser.start()
    assert begun.wait(5)
    silent = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(40)]
    try:
        listener.close()
        go.set()
        browser.join(5)
        assert "Text" in found[0]
    finally:
        for connection in silent:
            connection.close()


def test_closing_hangs_up_on_those_that_say_nothing(listener):
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as silent:
        ask(listener, "/back")
        listener.close()
        assert silent.recv(10) == b""


def sent_until_cut_off(listener: Listener, pieces: Iterable[bytes]) -> bool:
    """Whether *pieces* were refused before all of them were sent."""
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as endless:
        try:
            for piece in pieces:
                endless.sendall(piece)
        except ConnectionError:
            return True
    return False


def drops(seconds: float) -> Iterator[bytes]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield b"G"
        time.sleep(0.1)


def test_a_caller_that_drips_is_cut_off_in_the_end(listener, monkeypatch):
    monkeypatch.setattr("ninja_analytics.auth.listener._REQUEST_SECONDS", 0.5)

    assert sent_until_cut_off(listener, drops(2))


@pytest.mark.parametrize(
    "line", [b"GET /back?" + b"a" * 200_000, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 30_000]
)
def test_a_request_without_end_is_not_read_to_its_end(listener, heard, line):
    assert sent_until_cut_off(listener, [line] * 200)
    assert heard == []
    assert ask(listener, "/back?x").status == 200


def test_a_post_is_heard_with_its_body_where_it_is_taken(posted, heard):
    assert ask(posted, "/back", "POST", b"access_token=1&state=2").status == 200
    assert ask(posted, "/back", "POST", b"x", Sec_Fetch_Site="same-origin").status == 200
    assert heard == ["#access_token=1&state=2", "#x"]


@pytest.mark.parametrize(
    ("target", "body", "headers", "status"),
    [
        ("/elsewhere", b"a=b", {}, 404),
        ("/back", b"a=b", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/back", b"a=b", {"Sec_Fetch_Site": "same-site"}, 403),
        ("/back", b"a=b", {"Sec_Fetch_Site": "none"}, 403),
        ("/back", b"\xff\xfe", {}, 400),
        ("/back", b"", {"Content_Length": "-1"}, 400),
        ("/back", b"", {"Content_Length": "many"}, 400),
        ("/back", b"", {"Content_Length": "99999"}, 400),
        ("/back", b"", {"Content_Length": "9" * 5000}, 400),
    ],
)
def test_a_post_that_is_not_its_own_is_refused(posted, heard, target, body, headers, status):
    assert ask(posted, target, "POST", body, **headers).status == status
    assert heard == []


def test_the_page_that_posts_runs_its_own_script_alone(posted):
    page = ask(posted, "/back")
    [script] = re.findall(r"<script>(.*?)</script>", page.page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]

    assert f"script-src 'sha256-{digest}'" in policy
    assert "connect-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "<script>" not in ask(posted, "/back?x").page
    assert "script-src" not in ask(posted, "/back?x").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


def test_nothing_that_is_sent_reaches_a_log(posted, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    ask(posted, "/back?code=canary")
    ask(posted, "/canary", "POST", b"access_token=canary")
    with socket.create_connection(("127.0.0.1", posted.port), timeout=5) as broken:
        broken.sendall(b"GET /canary HTTP/canary\r\n\r\n")
        broken.recv(4096)

    assert "canary" not in caplog.text + "".join(capfd.readouterr())
