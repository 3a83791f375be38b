"""The pages that a person sees at the sandbox: login, consent, and what went wrong."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from ninja_analytics import catalog
from ninja_analytics.sandbox.clients import RegisteredClient

_STYLE = """
:root { color-scheme: light dark; --page: #f2f4f7; --card: #ffffff; --ink: #1b2430;
  --quiet: #566273; --line: #d5dbe3; --edge: #8391a3; --act: #0b6b57; --on-act: #ffffff; --note: #fff6dc;
  --on-note: #5d4300; --bad: #fdeceb; --on-bad: #8c1d18; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1c222b; --ink: #e7ebf0;
  --quiet: #a3aebd; --line: #38424f; --edge: #6b7a8f; --act: #46c9a8; --on-act: #06251d; --note: #362c10;
  --on-note: #f4dfa3; --bad: #3f1a18; --on-bad: #ffb9b3; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px;
  background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; overflow-wrap: anywhere; max-width: 464px; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; overflow: hidden; }
.note { margin: 0; padding: 12px 32px; background: var(--note); color: var(--on-note);
  font-size: 14px; }
.body { padding: 28px 32px 32px; }
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.25; }
p { margin: 0 0 16px; }
p:last-child { margin-bottom: 0; }
.quiet, dt { color: var(--quiet); }
.quiet { font-size: 14px; }
.bad { padding: 10px 14px; border-radius: 8px; background: var(--bad); color: var(--on-bad); }
label { display: block; margin-top: 16px; font-weight: 600; font-size: 14px; }
input { display: block; width: 100%; margin-top: 4px; padding: 10px 12px; font: inherit;
  color: inherit; background: var(--page); border: 1px solid var(--edge); border-radius: 8px; }
.hint p { margin: 0 0 6px; }
.hint { margin: 18px 0 0; padding: 12px 14px; border: 1px dashed var(--line); border-radius: 8px;
  font-size: 14px; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.buttons { display: flex; gap: 12px; margin-top: 24px; }
button { flex: 1; padding: 11px 16px; font: inherit; font-weight: 600; border-radius: 8px;
  border: 1px solid var(--edge); background: transparent; color: inherit; cursor: pointer; }
button.act { background: var(--act); border-color: var(--act); color: var(--on-act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
ul { margin: 0 0 20px; padding: 0; list-style: none; border: 1px solid var(--line);
  border-radius: 8px; }
li { padding: 12px 14px; }
li + li { border-top: 1px solid var(--line); }
li code { display: block; color: var(--quiet); }
dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: 6px 16px;
  font-size: 14px; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 440px) { .note, .body { padding-left: 20px; padding-right: 20px; }
  .body dl { grid-template-columns: 1fr; gap: 0; } .body dd { margin-bottom: 8px; } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def headers(*, form_targets: Sequence[str] = ("'self'",)) -> dict[str, str]:
    """The headers of every page; *form_targets* is where its form and what follows may lead.

    Chromium holds redirects after a form to form-action too, so the redirect URI's origin must
    be among the targets of the consent page.
    """
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {' '.join(form_targets)}"
    )
    return {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def login_page(
    *,
    client: RegisteredClient,
    username: str,
    password: str,
    hidden: dict[str, str],
    problem: str = "",
) -> str:
    """The login page, with the invented technician's username and password as a hint."""
    return _page(
        "Sign in",
        f"""<h1>Sign in</h1>
<p class="quiet">to continue to <strong>{escape(client.name)}</strong></p>
{f'<p class="bad" role="alert">{escape(problem)}</p>' if problem else ""}
<form method="post" action="/ws/oauth/login">{_hidden(hidden)}
<label for="username">Username</label>
<input id="username" name="username" autocomplete="off" autocapitalize="none" spellcheck="false"
  required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="off" required>
<div class="hint"><p>The technician of this sandbox is invented:</p>
<dl><dt>Username</dt><dd><code>{escape(username)}</code></dd>
<dt>Password</dt><dd><code>{escape(password)}</code></dd></dl></div>
<div class="buttons"><button class="act">Sign in</button></div>
</form>""",
    )


def consent_page(
    *,
    client: RegisteredClient,
    instance: str,
    user: str,
    scopes: Sequence[str],
    redirect_uri: str,
    hidden: dict[str, str],
) -> str:
    """The consent page: who asks, for what, and where the answer goes."""
    asked = "\n".join(
        f"<li>{escape(_in_words(scope))}<code>{escape(scope)}</code></li>" for scope in scopes
    )
    return _page(
        "Allow access?",
        f"""<h1>Allow access?</h1>
<p><strong>{escape(client.name)}</strong> asks to do this in your name:</p>
<ul>
{asked}
</ul>
<dl>
<dt>Signed in as</dt><dd>{escape(user)}</dd>
<dt>Instance</dt><dd>{escape(instance)}</dd>
<dt>Client app</dt><dd>{escape(client.client_id)}</dd>
<dt>Answer goes to</dt><dd><code>{escape(redirect_uri)}</code></dd>
</dl>
<form method="post" action="/ws/oauth/consent">{_hidden(hidden)}
<div class="buttons">
<button name="decision" value="deny">Deny</button>
<button class="act" name="decision" value="allow">Allow</button>
</div>
</form>""",
    )


def error_page(*, title: str, error: str, explanation: str) -> str:
    """The page for a request that cannot be answered; nobody is sent anywhere from it."""
    return _page(
        title,
        f"""<h1>{escape(title)}</h1>
<p class="bad" role="alert"><code>{escape(error)}</code></p>
<p>{escape(explanation)}</p>
<p class="quiet">You can close this page; nothing was granted.</p>""",
    )


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – NinjaOne sandbox</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<p class="note"><strong>Sandbox.</strong> This is a pretend NinjaOne on this machine.
Nobody and nothing in it is real.</p>
<div class="body">
{body}
</div>
</main>
</body>
</html>
"""


def _hidden(fields: dict[str, str]) -> str:
    return "".join(
        f'\n<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _in_words(scope: str) -> str:
    meaning = catalog.SCOPES.get(scope, "something that this page cannot explain")
    return meaning[:1].upper() + meaning[1:]
