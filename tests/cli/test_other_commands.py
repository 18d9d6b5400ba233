"""`trace`, `close`, `check`, `simulate`, `serve`."""

from __future__ import annotations

import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from beanclear.cli import tracing
from beanclear.cli.results import TraceChain

Run = Callable[..., Result]

STEP = SimpleNamespace(
    stage="wallet", source="alipay", account="2088", date=datetime.date(2026, 8, 2), kind="sale",
    amount_minor=12800, currency="CNY", file="a.csv", row=9, record_id="r1",
    clearing_account="Assets:Receivable:Tmall", key="5001", matched_by="key",
    references={"trade_id": "t"}, posted_minor=-12800,
)  # fmt: skip
CHAIN = TraceChain(
    clearing_account="Assets:Receivable:Tmall", currency="CNY", key="5001", state="closed",
    as_of=datetime.date(2026, 8, 31), matched_by="key", rule="order",
    steps=(STEP,),  # type: ignore[arg-type]
)  # fmt: skip


def answer(pipeline: SimpleNamespace, value: object) -> None:
    pipeline.answer = None
    module = sys.modules["beanclear.cli.pipeline"]
    for name in ("close_period", "check_books"):
        setattr(module, name, lambda *_asked, **_options: value)


def test_trace(run: Run, monkeypatch: pytest.MonkeyPatch, books: Path) -> None:
    monkeypatch.setattr(tracing, "trace", lambda *_asked, **_options: [CHAIN])
    result = run("trace", "5001", books)
    assert result.exit_code == 0
    assert result.stdout == (
        "Trace of 5001: Assets:Receivable:Tmall, 5001, difference 0.00 CNY: matched by key (the"
        " order number is equal)\n"
        "  stage   date        source       kind      amount  place     posted\n"
        "  wallet  2026-08-02  alipay/2088  sale  128.00 CNY  a.csv:9  -128.00\n\n"
    )
    found = json.loads(run("trace", "5001", books, "--json").stdout)
    assert (found["schema"], found["key"]) == ("beanclear.trace", "5001")
    assert found["steps"][0]["amount"] == "128.00"
    assert found["steps"][0]["references"] == {"trade_id": "t"}
    assert found["chains"] == [
        {
            "clearing_account": "Assets:Receivable:Tmall", "key": "5001", "currency": "CNY",
            "as_of": "2026-08-31", "state": "closed", "due": None, "difference": "0.00",
            "later": "0.00", "matched_by": "key", "rule": "order", "evidence": None, "open": [],
            "lines": 1,
        }
    ]  # fmt: skip


def test_trace_of_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, books: Path) -> None:
    monkeypatch.setattr(tracing, "trace", lambda *_asked, **_options: [])
    result = run("trace", "nope", books)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("nope: no record has this key")
    assert "masked" not in result.stderr
    masked = run("trace", "t**1", books)
    assert masked.stderr.splitlines()[-1] == (
        "A nickname with * was masked by the platform: it names many buyers and is not kept."
        " Ask for a number of the order."
    )


def test_close(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    closed = SimpleNamespace(changed=("decisions/2026.beancount",), period="2026-07", open_items=())
    answer(pipeline, closed)
    result = run("close", "2026-07", books, "--by", "Li")
    assert (result.exit_code, result.stdout) == (0, "decisions/2026.beancount\n")
    assert result.stderr == "2026-07 is closed.\n"
    found = json.loads(run("close", "2026-07", books, "--by", "Li", "--json").stdout)
    assert found == {
        "schema": "beanclear.close", "version": 1, "period": "2026-07", "dry_run": False,
        "changed": ["decisions/2026.beancount"], "items": [],
    }  # fmt: skip
    assert run("close", "July", books, "--by", "Li").exit_code == 2


def test_check_of_books_whose_configuration_nobody_can_read(run: Run, books: Path) -> None:
    (books / "beanclear.toml").write_text("this is [not toml", encoding="utf-8")
    result = run("check", books)
    assert result.exit_code == 3
    assert result.stderr.startswith("beanclear.toml: this is not valid TOML")


@pytest.mark.parametrize(
    ("errors", "stale", "code"),
    [((), None, 0), ((("a.beancount", 3, "broken"),), None, 1), ((), "--- a/x\n+++ b/x\n", 1)],
)
def test_check(
    *,
    run: Run,
    pipeline: SimpleNamespace,
    books: Path,
    errors: tuple[tuple[str, int, str], ...],
    stale: str | None,
    code: int,
) -> None:
    answer(pipeline, SimpleNamespace(errors=errors, stale=stale))
    result = run("check", books)
    assert result.exit_code == code
    assert result.stdout == (stale or "")
    if errors:
        assert result.stderr == "a.beancount:3: broken\n"
    found = json.loads(run("check", books, "--json").stdout)
    assert found["ok"] is (code == 0)
    assert found["errors"] == [
        {"file": file, "line": line, "message": message} for file, line, message in errors
    ]


def test_simulate(run: Run, tmp_path: Path) -> None:
    result = run("simulate", tmp_path / "shop", "--orders", "20", "--days", "30", "--faults", "0")
    assert result.exit_code == 0, result.stderr
    assert "truth.json" in result.stdout.splitlines()
    again = run("simulate", tmp_path / "shop", "--orders", "20", "--days", "30")
    assert again.exit_code == 2
    assert "the folder is not empty" in again.stderr
    wrong = run("simulate", tmp_path / "other", "--orders", "-1")
    assert wrong.exit_code == 2
    assert "this shop cannot be simulated" in wrong.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_serve_shows_the_books_and_ends_on_interrupt(books: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "beanclear.cli", "serve", str(books), "--port", str(port)],
        env={**os.environ, "LANG": "C"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        page = fetch(f"http://127.0.0.1:{port}/", time.monotonic() + 60)
        assert "shop" in page
    finally:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, "")
    assert f"http://127.0.0.1:{port}" in errors


def fetch(url: str, deadline: float) -> str:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_serve_on_a_used_port(run: Run, books: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", books, "--port", str(port))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"port {port} cannot be used")
