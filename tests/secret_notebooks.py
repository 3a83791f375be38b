"""Notebooks as JSON, with a secret in them, and the command that looks for it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from typer.testing import CliRunner

from ninja_analytics import cli

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
