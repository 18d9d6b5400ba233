"""What the Fava extension answers, asked through Flask's test client."""

from __future__ import annotations

from pathlib import Path

import pytest
from fava.application import create_app
from flask import Flask
from flask.testing import FlaskClient

from beanclear.plugins import fava_beanclear
from beanclear.plugins.fava_beanclear import guard

BOOKS = """
option "title" "Shop"
option "documents" "documents"
option "operating_currency" "CNY"
1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"{config}
1970-01-01 open Assets:Bank CNY
"""
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
JOURNAL = "/shop/journal/"


def fava(folder: Path, config: str = "") -> Flask:
    """Plain Fava, as `fava main.beancount` makes it."""
    (folder / "documents").mkdir(exist_ok=True)
    main = folder / "main.beancount"
    main.write_text(BOOKS.format(config=config and f' "{config}"'), encoding="utf-8")
    return create_app([main], load=True)


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return fava(tmp_path).test_client()


def test_every_page_forbids_foreign_scripts(client: FlaskClient) -> None:
    answer = client.get(JOURNAL)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_guard_has_no_page_and_reports_no_error(client: FlaskClient) -> None:
    assert client.get("/shop/extension/BeanclearGuard/").status_code == 404
    assert client.get("/shop/api/errors").get_json()["data"] == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:5000", 200),
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("[::1]:5000", 200),
        ("evil.example", 403),
        ("evil.example:5000", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("evil.example@localhost.evil.example", 403),
        ("192.168.1.2:5000", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_only_names_of_this_machine(client: FlaskClient, host: str, status: int) -> None:
    assert client.get(JOURNAL, headers={"Host": host}).status_code == status


def test_a_refused_host_is_told_what_to_do(client: FlaskClient) -> None:
    answer = client.get(JOURNAL, headers={"Host": "evil.example"})
    assert answer.mimetype == "text/plain"
    assert answer.text == (
        "beanclear does not answer under this host name: open http://127.0.0.1 with this port, "
        "or add the name to 'hosts' of the fava-extension line in main.beancount\n"
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_changes_only_from_own_pages(
    client: FlaskClient, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    main = tmp_path / "main.beancount"
    source = client.get("/shop/api/source", query_string={"filename": str(main)})
    data = {
        "file_path": str(main),
        "source": "2026-01-01 open Assets:New\n",
        "sha256sum": source.get_json()["data"]["sha256sum"],
    }
    answer = client.put("/shop/api/source", json=data, headers=headers)
    assert answer.status_code == status
    assert ("Assets:New" in main.read_text("utf-8")) is (status == 200)


def test_more_hosts_and_script_sources(tmp_path: Path) -> None:
    config = "{'hosts': ['Books.example.com'], 'script-src': ['\\'unsafe-eval\\'']}"
    client = fava(tmp_path, config.replace("\\", "\\\\")).test_client()
    answer = client.get(JOURNAL, headers={"Host": "books.example.com:8443"})
    assert answer.status_code == 200
    scripts = "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval';"
    assert scripts in answer.headers["Content-Security-Policy"]
    assert client.get(JOURNAL, headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("{'host': []}", "only 'hosts' and 'script-src' can be set"),
        ("['books.example.com']", "only 'hosts' and 'script-src' can be set"),
        ("{'hosts': 'books.example.com'}", "'hosts' and 'script-src' are lists of texts"),
        ("{'script-src': ['*; object-src *']}", "a source in 'script-src' holds a separator"),
        ("{'hosts': [", "'[' was never closed (<unknown>, line 1)"),
        ("open()", "malformed node or string on line 1: <ast.Call object at "),
    ],
)
def test_a_wrong_configuration_is_an_error_and_guards_as_usual(
    tmp_path: Path, config: str, problem: str
) -> None:
    client = fava(tmp_path, config).test_client()
    expected = f"the configuration of beanclear.plugins.fava_beanclear cannot be read ({problem}"
    for _again in range(2):
        (error,) = client.get("/shop/api/errors").get_json()["data"]
        assert error["message"].startswith(expected)
        (tmp_path / "main.beancount").touch()
        assert client.get(JOURNAL).headers["Content-Security-Policy"] == POLICY
    assert client.get(JOURNAL, headers={"Host": "books.example.com"}).status_code == 403


def test_a_fault_of_the_guard_lets_nothing_pass(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(guard, "check", broken)
    assert client.get(JOURNAL).status_code == 500


@pytest.mark.parametrize(
    ("name", "mimetype", "policy"),
    [
        ("page.html", "text/html", guard._POLICY_OF_FILES),
        ("drawing.svg", "image/svg+xml", guard._POLICY_OF_FILES),
        ("code.js", "text/plain", POLICY),
        ("lines.csv", "text/csv", POLICY),
        ("paper.pdf", "application/pdf", POLICY),
    ],
)
def test_archived_files_do_nothing(tmp_path: Path, name: str, mimetype: str, policy: str) -> None:
    folder = tmp_path / "documents" / "Assets" / "Bank"
    folder.mkdir(parents=True)
    path = folder / f"2026-06-30.{name}"
    path.write_bytes(b"<script>1</script>")
    with fava(tmp_path).test_client() as client:
        answer = client.get("/shop/document/", query_string={"filename": str(path)})
        assert (answer.status_code, answer.mimetype) == (200, mimetype)
        assert answer.headers["Content-Security-Policy"] == policy
        answer.close()


@pytest.mark.parametrize("path", ["/", "/shop/api/errors", "/shop/api/changed", "/static/app.css"])
def test_a_protected_application_is_guarded_everywhere(tmp_path: Path, path: str) -> None:
    app = fava(tmp_path, "{'hosts': ['books.example.com']}")
    guard.protect(app)
    client = app.test_client()
    with client.get(path) as answer:
        assert answer.status_code in {200, 302}
        assert answer.headers["Content-Security-Policy"] == POLICY
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 403
    named = client.get(path, headers={"Host": "books.example.com"})
    # Only pages of books know what the books allow.
    assert (named.status_code == 200) is path.startswith("/shop/")
    named.close()


def test_fava_finds_the_guard_and_the_pages_and_nothing_else() -> None:
    from fava.ext import find_extensions  # noqa: PLC0415 - its list is the point

    found, errors = find_extensions(Path(), "beanclear.plugins.fava_beanclear")
    assert errors == []
    assert sorted(one.__name__ for one in found) == fava_beanclear.__all__


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("cross-site", "no-cors", 403),  # a picture or a script tag
        ("cross-site", "navigate", 200),  # a link
        ("same-site", "no-cors", 403),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_other_sites_may_link_and_no_more(
    client: FlaskClient, site: str, mode: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
    assert client.get(JOURNAL, headers=headers).status_code == status


@pytest.mark.parametrize("origin", ["http://[", "http://evil.example", "null"])
def test_an_origin_that_cannot_be_read_is_refused(client: FlaskClient, origin: str) -> None:
    answer = client.put(
        "/shop/api/source", json={"file_path": "x", "source": "", "sha256sum": ""},
        headers={"Origin": origin},
    )  # fmt: skip
    assert answer.status_code == 403


ORIGINAL = "2026-07-31.0123abcd.bill.csv"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "documents" / "Assets" / "Bank"
    folder.mkdir(parents=True)
    for name in (ORIGINAL, "2026-07-31.receipt.pdf"):
        (folder / name).write_text("x")
    return folder


def test_an_archived_original_is_not_removed(tmp_path: Path, archive: Path) -> None:
    client = fava(tmp_path).test_client()
    for name, status in ((ORIGINAL, 403), ("2026-07-31.receipt.pdf", 200)):
        answer = client.delete("/shop/api/document", query_string={"filename": archive / name})
        assert answer.status_code == status
        assert (archive / name).exists() == (status == 403)


def test_an_archived_original_is_not_moved(tmp_path: Path, archive: Path) -> None:
    client = fava(tmp_path).test_client()
    asked = {"account": "Assets:Bank", "new_name": "x.csv", "filename": str(archive / ORIGINAL)}
    assert client.put("/shop/api/move", json=asked).status_code == 403
    assert (archive / ORIGINAL).exists()
