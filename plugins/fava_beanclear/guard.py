"""Which requests Fava answers, and what browsers may do with its answers."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request

from beanclear.ledger.documents import digits_of
from beanclear.ledger.i18n import gettext as _

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGES = frozenset({"same-origin", "none"})  # `none` is typed, or a bookmark
_ARCHIVED = frozenset({"document", "statement"})  # Fava's names of the pages that give out files
_REMOVING = frozenset({"json_api.delete_document", "json_api.put_move"})
_EXTENSION = "BeanclearGuard"

# The editor highlights with WebAssembly; charts and tables set styles in their elements.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "object-src": "'self'",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
# An archived file that is a page or a drawing: shown as such, but it may do and load nothing.
_POLICY_OF_FILES = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # Fava's `/jump` needs the referrer
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is allowed beyond the defaults.

    Attributes:
      hosts: further names (without port) under which these books may be read, in lower case.
      script_sources: further expressions for `script-src` of the policy.
    """

    hosts: frozenset[str] = frozenset()
    script_sources: tuple[str, ...] = ()


def read_rules(config: str | None) -> Rules:
    """The second text of a `fava-extension` line: a Python literal, as Fava wants it.

    Raises:
      ValueError, TypeError, SyntaxError: when it is none, or says other things.
    """
    given = ast.literal_eval(config.strip()) if config and config.strip() else {}
    if not isinstance(given, dict) or not given.keys() <= {"hosts", "script-src"}:
        raise ValueError(_("only 'hosts' and 'script-src' can be set"))
    lists = (given.get("hosts", []), given.get("script-src", []))
    for texts in lists:
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError(_("'hosts' and 'script-src' are lists of texts"))
    hosts, sources = lists
    if any(set(source) & set(";,\r\n") for source in sources):
        raise ValueError(_("a source in 'script-src' holds a separator"))
    return Rules(
        hosts=frozenset(host.lower().strip("[]") for host in hosts), script_sources=tuple(sources)
    )


def check(asked: Request, rules: Rules) -> None:
    """Let requests of this machine's own pages pass.

    Programs that are no browsers send neither `Sec-Fetch-Site` nor `Origin`; they pass.

    Raises:
      HTTPException: 403 with a sentence about it.
    """
    host = asked.headers.get("Host", "")
    name = _name(host)
    if name is None or name not in _LOOPBACK | rules.hosts:
        _refuse(
            _(
                "beanclear does not answer under this host name: open http://127.0.0.1 with this "
                "port, or add the name to 'hosts' of the fava-extension line in main.beancount"
            )
        )
    foreign = asked.headers.get("Sec-Fetch-Site", "none") not in _OWN_PAGES
    if asked.method in _READING:
        # A link from elsewhere opens a page; a picture or script tag would only start work here.
        if foreign and asked.headers.get("Sec-Fetch-Mode") != "navigate":
            _refuse(_("beanclear answers pages of its own only, and links"))
    # A proxy may end TLS, so the scheme is not compared.
    elif foreign or not _is_from(asked.headers.get("Origin"), host):
        _refuse(_("beanclear refuses changes that another site asks for"))
    if asked.endpoint in _REMOVING and _names_original(asked):
        _refuse(_("archived originals are neither removed nor moved: beanclear documents remove"))


def mark(asked: Request, response: Response, rules: Rules) -> Response:
    """Set the headers that tell browsers what this answer may do."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    sources = " ".join((_POLICY["script-src"], *rules.script_sources))
    policy = _POLICY | {"script-src": sources}
    text = "; ".join(f"{directive} {value}" for directive, value in policy.items())
    if asked.endpoint in _ARCHIVED:
        kind = response.mimetype or ""
        if "script" in kind:
            # Else markup could load it as one of our own scripts.
            response.headers["Content-Type"] = "text/plain; charset=utf-8"
        elif kind.endswith(("/html", "/xml", "+xml")):
            text = _POLICY_OF_FILES
    response.headers["Content-Security-Policy"] = text
    return response


def protect(app: Flask) -> None:
    """Guard all of a Fava application, also what it does not show to extensions."""

    @app.before_request
    def before() -> None:
        check(request, _rules_in_force())

    @app.after_request
    def after(response: Response) -> Response:
        return mark(request, response, _rules_in_force())


def _rules_in_force() -> Rules:
    """What the books allow; the defaults for pages of no books, and books without the line."""
    ledger = getattr(g, "ledger", None)
    extension = ledger.extensions.get_extension(_EXTENSION) if ledger is not None else None
    rules = getattr(extension, "rules", None)
    return rules if isinstance(rules, Rules) else Rules()


def _is_from(origin: str | None, host: str) -> bool:
    """Whether a request comes from a page of ours, or from a program that says nothing."""
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def _names_original(asked: Request) -> bool:
    sent = asked.get_json(silent=True) if asked.is_json else None
    name = asked.args.get("filename") or (sent.get("filename") if isinstance(sent, dict) else None)
    return digits_of(str(name or "").replace("\\", "/")) is not None


def _name(host: str) -> str | None:
    """The name in a Host header, without the port; none when it is not one."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _refuse(reason: str) -> None:
    abort(Response(reason + "\n", status=403, mimetype="text/plain"))
