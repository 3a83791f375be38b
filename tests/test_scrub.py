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

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ninja_analytics as na
from ninja_analytics.auth import profiles
from ninja_analytics.auth.store import open_store
from ninja_analytics.scrub import REMOVED, Finding, scrub, scrubbed, without
from tests.sandbox_client import visit
from tests.secret_notebooks import (
    JWT,
    LOGIN,
    OTHER,
    REFRESH,
    SHAPES,
    TOKEN,
    code,
    never,
    notebook,
    printed,
    save,
)

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
