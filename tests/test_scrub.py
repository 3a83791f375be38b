"""Secrets in notebooks: found wherever text is, named without being shown, and removed."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import random
import string
from urllib.parse import quote

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import ninja_analytics as na
from ninja_analytics import cli, errors
from ninja_analytics.auth import profiles
from ninja_analytics.auth.store import open_store
from ninja_analytics.scrub import REMOVED, Finding, scrub, scrubbed, without
from tests.conftest import ROOT
from tests.sandbox_client import visit

TOKEN = "Zx9kQ2mVt7LpR4sWc8YbN1eHd6JfUa3GoTi5XyKwBvC"
OTHER = "b1E-fG7hJ3_kL9mN2pQ5rS8tU4vW6xY0zA1cD3eF5g-"
REFRESH = f"3f2a9c1b-77d0-4e15-9a6b-0c4d8e2f1a5b.{OTHER}"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
LOGIN = base64.b64encode(f"my-client:{TOKEN}".encode()).decode()

SHAPES = {
    f"Authorization: Bearer {TOKEN}": "Bearer header",
    f'headers={{"authorization": "bearer {TOKEN}"}}': "Bearer header",
    f"Authorization: Basic {LOGIN}": "Basic header",
    f"got {JWT}.": "JSON Web Token",
    f"left: {REFRESH}, taken": "refresh token",
    f'{{"access_token": "{TOKEN}", "expires_in": 3600}}': "token or secret by its name",
    f"{{'refresh_token': '{TOKEN}'}}": "token or secret by its name",
    f"{{'client_secret': b'{TOKEN}'}}": "token or secret by its name",
    f"Token(access_token='{TOKEN}', scope=())": "token or secret by its name",
    f"grant_type=refresh_token&client_secret={TOKEN}&x=1": "token or secret by its name",
    f"code_verifier={TOKEN}": "token or secret by its name",
    f"%env NINJA_CLIENT_SECRET={TOKEN}": "token or secret by its name",
    f'os.environ["NINJA_CLIENT_SECRET"] = "{TOKEN}"': "token or secret by its name",
    f"%env NINJA_CLIENT_SECRET {TOKEN}": "token or secret by its name",
    f'os.environ.setdefault("NINJA_CLIENT_SECRET", "{TOKEN}")': "token or secret by its name",
    f"<td>access_token</td><td>{TOKEN}</td>": "token or secret by its name",
    f"http://127.0.0.1:8725/#access_token={TOKEN}&token_type=bearer": "token or secret by its name",
    f"http://127.0.0.1:8725/?code={TOKEN}&state=xyz123": "code and state of a consent",
    f"http://127.0.0.1:8725/?state={TOKEN}&iss=a&code=abc123": "code and state of a consent",
    f"GET /?code=abc123&amp;state={TOKEN} HTTP/1.1": "code and state of a consent",
    f"/login?next={quote(f'/cb?code={TOKEN}&state={TOKEN}', safe='')}": "code and state of a consent",
    f'{{"code": "{TOKEN}",\n "state": "{TOKEN}"}}': "code and state of a consent",
    f"https://eu.ninjarmm.com/ws/oauth/authorize?client_id=a&state={TOKEN}": "address of a consent",
}  # fmt: skip

WRAPPINGS = {
    "JSON within JSON": lambda text: json.dumps(json.dumps({"text": text})),
    "HTML": lambda text: f"<pre>{html.escape(text)}</pre>",
    "an address": lambda text: quote(quote(text, safe=""), safe=""),
    "color": lambda text: text.replace("=", "\x1b[38;5;241m=\x1b[39m\x1b[38;5;124m"),
}

INNOCENT = [
    "commit 9f2b4c1d7e8a0b3c5d6e7f8091a2b3c4d5e6f708",
    "device 3f2a9c1b-77d0-4e15-9a6b-0c4d8e2f1a5b, node 7",
    "3f2a9c1b-77d0-4e15-9a6b-0c4d8e2f1a5b.ipynb",
    f"sha256:{hashlib.sha256(b'x').hexdigest()}",
    f"data:image/png;base64,{base64.b64encode(bytes(range(256)) * 40).decode()}",
    "/srv/customers/2026/acme-1/reports/fleet_overview-2026-03-01/devices_by_organization.csv",
    r"C:\Users\nina\Documents\reports\2026\01\fleet_overview\new\tables.xlsx",
    'client_secret = os.environ["NINJA_CLIENT_SECRET"]',
    'token = store.load(key).access_token\nna.connect(client_secret=clients["web1"].secret_value_2)',
    'connect(client_secret="YOUR-CLIENT-SECRET-HERE")',
    "client_secret=<the secret that NinjaOne shows once>",
    "Basic understanding of Bearer authentication is enough.",
    '{"code": "US-NY-10001", "state": "New York"}',
    '{"code": "3f2a9c1b-77d0-4e15-9a6b-0c4d8e2f1a5b", "state": "active-since-monday"}',
    "/v2/jobs?code=200345&state=running",
    "/v2/jobs?code=4b12cd&state=closed",
    '{"code": "4b12cd", "state": "6c34ef"}',
    "the access_token: a text that NinjaOne gives, see documentation_of_2026_version",
    "access_token [hidden]",
    f"access_token={REMOVED}",
]


def never(_text: str) -> bool:
    return False


def notebook(*cells: dict, **metadata: object) -> dict:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def code(source: str = "", **more: object) -> dict:
    usual = {"cell_type": "code", "execution_count": None, "id": "a1b2c3d4", "metadata": {}}
    return {**usual, "outputs": [], "source": source.splitlines(keepends=True), **more}


def printed(text: str) -> dict:
    stream = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
    return code("print(text)", outputs=[stream])


def save(path, book, **how):
    path.write_bytes(
        (json.dumps(book, **{"indent": 1, "ensure_ascii": False} | how) + "\n").encode()
    )
    return path


def run(*words: object):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.mark.parametrize(("text", "kind"), SHAPES.items())
def test_what_looks_like_a_secret_is_found_and_gone(text, kind):
    clean, found = scrubbed(notebook(printed(text)), knows=never)

    assert [str(one) for one in found] == [f"cell 1, output: {kind}"]
    left = json.dumps(clean)
    assert not any(secret in left for secret in (TOKEN, OTHER, JWT, LOGIN))
    assert REMOVED in left
    assert scrubbed(clean, knows=never) == (clean, [])


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token": "{TOKEN}", "scope": "monitoring"}}',
        f"http://127.0.0.1:8725/?code={TOKEN}&state={TOKEN}",
        f"https://eu.ninjarmm.com/ws/oauth/authorize?client_id=a&state={TOKEN}",
        f"client_secret={TOKEN}",
        f"x {REFRESH} x",
    ],
)
def test_escapes_and_colors_hide_nothing(text, wrap):
    clean, found = scrubbed(notebook(printed(wrap(text))), knows=never)

    assert found
    assert TOKEN not in json.dumps(clean)
    assert OTHER not in json.dumps(clean)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_merely_looks_random_is_no_secret(text):
    book = notebook(code(text), printed(text), note=text)

    assert scrubbed(book, knows=never) == (book, [])


@pytest.mark.parametrize(
    ("book", "place"),
    [
        (notebook(code(), code(f"t = '{TOKEN}'")), "cell 2, source"),
        (notebook({**code(f"see {TOKEN}"), "cell_type": "markdown"}), "cell 1, source"),
        (notebook(printed(f"a\nb {TOKEN}\n")), "cell 1, output"),
        (notebook(code(outputs=[{"data": {"text/html": [f"<b>{TOKEN}</b>"]}}])), "cell 1, output"),
        (
            notebook(code(outputs=[{"data": {"application/json": {"a": [{"b": TOKEN}]}}}])),
            "cell 1, output",
        ),
        (notebook(code(outputs=[{"data": {}, "metadata": {"x": TOKEN}}])), "cell 1, output"),
        (
            notebook(code(outputs=[{"ename": "E", "evalue": TOKEN, "traceback": ["a", TOKEN]}])),
            "cell 1, output",
        ),
        (notebook(code(metadata={"tags": [TOKEN]})), "cell 1, metadata"),
        (notebook(code(attachments={"a.txt": {"text/plain": TOKEN}})), "cell 1, attachment"),
        (
            notebook(widgets={"application/vnd.jupyter.widget-state+json": {"value": TOKEN}}),
            "widget state",
        ),
        (notebook(papermill={"parameters": {"key": TOKEN}}), "parameters"),
        (notebook(title=TOKEN), "metadata"),
        (notebook(**{TOKEN: 1}), "metadata"),
    ],
)
def test_a_finding_names_its_place(book, place):
    before = copy.deepcopy(book)

    clean, found = scrubbed(book, knows=TOKEN.__eq__)

    assert [str(one) for one in found] == [f"{place}: token or secret known here"]
    assert TOKEN not in json.dumps(clean)
    assert json.loads(json.dumps(before).replace(TOKEN, REMOVED)) == clean
    assert book == before


def test_a_member_whose_name_says_secret_is_removed_as_a_whole():
    book = notebook(papermill={"parameters": {"access_token": TOKEN, "days": "30", "token": "x"}})

    clean, found = scrubbed(book, knows=never)

    assert found == [Finding(None, "parameters", "token or secret by its name")]
    left = clean["metadata"]["papermill"]["parameters"]
    assert left == {"access_token": REMOVED, "days": "30", "token": "x"}


TEXTS = st.text(st.sampled_from(string.ascii_letters + " .,:=&'\"\\/{}[]\n-_éß€"), max_size=12)
LEAVES = TEXTS | st.integers() | st.booleans() | st.none()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
TOKENS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "-_"), min_size=20, max_size=60
).filter(lambda token: any(map(str.isalpha, token)))
ENDS = st.sampled_from(["", " ", '"', "'", "=", "&", "\n", "(", ">", "/", "\x1b[39m", "\\n", ". "])


def with_token(tree, text, choose):
    """*tree* with *text* put somewhere in it: as a value, as a name, or beside what is there."""
    if isinstance(tree, list):
        at = choose(len(tree) + 1)
        if at < len(tree):
            return [*tree[:at], with_token(tree[at], text, choose), *tree[at + 1 :]]
        return [*tree, text]
    if isinstance(tree, dict):
        names = list(tree)
        at = choose(len(names) + 2)
        if at < len(names):
            return {**tree, names[at]: with_token(tree[names[at]], text, choose)}
        return {**tree, "x": text} if at == len(names) else {**tree, text: 1}
    return text


@settings(max_examples=150, deadline=None)
@given(TREES, TOKENS, TEXTS, TEXTS, st.integers(0))
def test_a_secret_given_is_found_anywhere_and_the_rest_stays(tree, token, before, after, seed):
    def book(text):
        put = with_token(tree, text, random.Random(seed).randrange)
        return {"cells": [code("x = 1")], "metadata": {"any": put}}

    clean, found = scrubbed(book(before + token + after), secrets=[token], knows=never)

    assert found
    assert clean == book(before + REMOVED + after)


@settings(max_examples=150, deadline=None)
@given(TOKENS, ENDS, ENDS)
def test_a_token_known_by_its_hash_alone_is_found_between_other_text(token, before, after):
    book = notebook(printed(f"so {before}{token}{after} there"))

    clean, found = scrubbed(book, knows=token.__eq__)

    assert [one.kind for one in found] == ["token or secret known here"]
    assert "".join(clean["cells"][0]["outputs"][0]["text"]) == f"so {before}{REMOVED}{after} there"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda token: f"?x={quote(token, safe='')}&y",
        lambda token: f"?next={quote(quote(token, safe=''), safe='')}",
        lambda token: json.dumps(token).replace("/", "\\/"),
        lambda token: token.replace("+", "\\u002b").replace("=", "\\u003D"),
    ],
)
def test_a_token_known_by_its_hash_alone_is_found_in_its_escapes(wrap):
    token = "Zx9kQ+2mVt7L/pR4sWc8YbN1eHd6=="

    clean, found = scrubbed(notebook(printed(wrap(token))), knows=token.__eq__)

    assert [one.kind for one in found] == ["token or secret known here"]
    assert "9kQ" not in json.dumps(clean)


def test_the_tokens_of_a_connection_are_known_also_after_they_rotated(sandbox, tmp_path):
    client = sandbox.clients["native"]
    profiles.save(profiles.Profile("acme", sandbox.base_url, client.client_id, "native"))
    pending = na.begin_consent("acme")
    visit(sandbox.browse(pending.authorization_url))
    ninja = pending.wait(30)
    store, key = open_store(), profiles.resolve("acme").key
    old = store.load(key)
    ninja._keeper.renew(old.access_token)
    new = store.load(key)
    secrets = {old.access_token, old.refresh_token, new.access_token, new.refresh_token}
    # torn apart, so that no shape tells
    book = save(tmp_path / "a.ipynb", notebook(*(printed(f"({one})") for one in sorted(secrets))))

    assert len(secrets) == 4
    assert len(scrub(book)) == 4
    assert not any(one in book.read_text("utf-8") for one in secrets)


def test_the_client_secret_of_the_environment_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_CLIENT_SECRET", "correct horse / battery")
    book = save(tmp_path / "a.ipynb", notebook(printed('say "correct horse / battery"!')))

    assert [one.kind for one in scrub(book)] == ["token or secret known here"]
    assert f'say \\"{REMOVED}\\"!' in book.read_text("utf-8")


def test_a_sentence_loses_its_secrets():
    assert without(f"no {TOKEN}, see {quote('a b/c d é')}", [TOKEN, "a b/c d é"]) == (
        f"no {REMOVED}, see {REMOVED}"
    )


@pytest.mark.parametrize(
    "manner",
    [{}, {"indent": 2}, {"indent": "\t"}, {"indent": None}, {"indent": None, "separators": (",", ":")}, {"ensure_ascii": True}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    "change", [str, lambda text: text.rstrip("\n"), lambda text: "\ufeff" + text]
)
def test_only_the_secret_changes_in_a_file(tmp_path, manner, change):
    outputs = [{"z": 1, "a": [1.5, None, ""], "text": ["é\n", f"access_token={TOKEN}\n", ""]}]
    book = save(
        tmp_path / "a.ipynb", notebook(code("é = 1\n", outputs=outputs), b=1, a=2), **manner
    )
    text = change(book.read_text("utf-8"))
    book.write_text(text, "utf-8")

    assert scrub(book) == (Finding(1, "output", "token or secret by its name"),)
    assert book.read_text("utf-8") == text.replace(TOKEN, REMOVED)


def test_line_ends_and_mode_stay_and_a_link_stays_a_link(tmp_path):
    book = save(tmp_path / "a.ipynb", notebook(printed(f"{REFRESH}\n")))
    raw = book.read_bytes().replace(b"\n", b"\r\n")
    book.write_bytes(raw)
    book.chmod(0o640)
    link = tmp_path / "link.ipynb"
    link.symlink_to(book)

    scrub(link)

    assert link.is_symlink()
    assert book.stat().st_mode & 0o777 == 0o640
    assert book.read_bytes() == raw.replace(REFRESH.encode(), REMOVED.encode())
    assert sorted(path.name for path in tmp_path.glob("*.ipynb")) == ["a.ipynb", "link.ipynb"]
    assert not list(tmp_path.glob(".scrub*"))


def test_half_a_character_in_a_notebook_is_no_hindrance(tmp_path):
    book = tmp_path / "a.ipynb"
    book.write_text(
        '{"cells": [], "metadata": {"é": "\\ud800", "b": "X"}}'.replace("X", REFRESH), "utf-8"
    )

    assert scrub(book)
    assert json.loads(book.read_text("utf-8"))["metadata"] == {"é": "\ud800", "b": REMOVED}


def test_a_notebook_without_findings_is_not_rewritten(tmp_path):
    book = tmp_path / "a.ipynb"
    raw = b'{ "metadata":{},\n\n   "cells" : [ ] , "x": 1.50}  '
    book.write_bytes(raw)
    before = book.stat()

    assert scrub(book) == ()
    assert book.read_bytes() == raw
    assert (book.stat().st_ino, book.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_changes_nothing_and_ends_with_1_until_it_is_scrubbed(tmp_path):
    book = save(tmp_path / "a.ipynb", notebook(code(id="other"), printed(f"Bearer {TOKEN}")))
    raw = book.read_bytes()

    checked = run("scrub", "--check", book)
    assert (checked.exit_code, book.read_bytes()) == (1, raw)
    assert checked.output == f"{book}: cell 2, output: Bearer header\n"

    cleaned = run("scrub", book)
    assert cleaned.exit_code == 0
    assert cleaned.output == f"{book}: cell 2, output: Bearer header, removed\n"
    nbformat.validate(nbformat.read(book, as_version=4))

    again = run("scrub", "--check", book)
    assert (again.exit_code, again.output) == (0, "")


def test_no_part_of_a_secret_is_ever_said(tmp_path):
    book = save(tmp_path / "a.ipynb", notebook(*map(printed, SHAPES), **{REFRESH: {TOKEN: JWT}}))

    said = run("scrub", "--check", book).output + run("scrub", book).output

    parts = {
        secret[at : at + 6]
        for secret in (TOKEN, OTHER, JWT, LOGIN)
        for at in range(len(secret) - 6)
    }
    assert said
    assert not any(part in said for part in parts)


def test_what_is_no_notebook_is_named_and_the_others_are_done(tmp_path):
    words = {
        "none.ipynb": None,
        "text.ipynb": b"not JSON " + TOKEN.encode(),
        "list.ipynb": b"[]",
        "other.ipynb": b'{"a": 1}',
        "latin.ipynb": "é".encode("latin-1"),
        "deep.ipynb": b'{"cells":' + b"[" * 100_000,
    }
    for name, content in words.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.ipynb").mkdir()
    good = save(tmp_path / "z.ipynb", notebook(printed(f"Bearer {TOKEN}")))

    answer = run("scrub", *(tmp_path / name for name in words), tmp_path / "folder.ipynb", good)

    assert answer.exit_code == 2
    assert len(answer.stderr.splitlines()) == len(words) + 1
    assert "There is no notebook" in answer.stderr
    assert "text.ipynb is not a notebook." in answer.stderr
    assert TOKEN not in answer.output
    assert TOKEN not in good.read_text("utf-8")


def test_a_file_that_cannot_be_replaced_is_said_and_stays_whole(tmp_path, monkeypatch):
    book = save(tmp_path / "a.ipynb", notebook(printed(REFRESH)))
    raw = book.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(errors.ExportError, match="cannot be written"):
        scrub(book)

    assert book.read_bytes() == raw
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.ipynb"]


def test_the_hook_for_pre_commit_names_a_command_that_exists():
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    entry = next(line.split(":", 1)[1].split() for line in text.splitlines() if "entry:" in line)

    assert entry == ["ninja-analytics", "scrub", "--check"]
    assert "--check" in run("scrub", "--help").output


def test_pictures_and_long_runs_of_base64_are_not_taken_to_pieces():
    picture = base64.b64encode(random.Random(7).randbytes(30_000)).decode()
    asked = []
    shown = {"image/png": picture, "text/html": f'<img src="data:image/png;base64,{picture}">'}
    book = notebook({"output_type": "display_data", "data": shown, "metadata": {}})

    scrubbed(book, knows=lambda text: bool(asked.append(text)))

    assert len(asked) < 10


def test_numbers_of_a_chart_are_not_looked_up():
    asked = []

    scrubbed(notebook(printed("0.1234567890123456, 12345678901234567890")), knows=asked.append)

    assert asked == []
