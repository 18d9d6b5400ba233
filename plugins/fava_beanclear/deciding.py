"""What the page of open items sends when somebody decides, as the command line takes it."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Decided(BaseModel):
    """What the page asks to be decided; the command line checks the rest."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    action: Literal["match", "write-off", "classify", "explain"]
    account: str = Field(pattern=r"^[A-Z][\w-]*(:[^\s:]+)+$", max_length=200)
    keys: list[str] = Field(min_length=1, max_length=200)
    by: str = Field(min_length=1, max_length=80)
    reason: str = Field(default="", max_length=500)
    to: str = Field(default="", max_length=200)
    until: datetime.date | None = None
    preview: bool = False
    last: bool = True  # of several decisions only the last derives the books again


def asked(content: Any) -> Decided:  # noqa: ANN401 - JSON
    """What was sent, checked.

    Raises:
      ValueError: it is no decision; the text names the field.
    """
    try:
        return Decided.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{first['loc'][0] if first['loc'] else ''}: {first['msg']}") from None


def arguments(asked: Decided) -> list[str]:
    """The command line of a decision; values that could look like options are bound to theirs."""
    words = [asked.action, f"--account={asked.account}", f"--by={asked.by}"]
    if asked.reason:
        words.append(f"--reason={asked.reason}")
    if asked.to:
        words.append(f"--to={asked.to}")
    if asked.until is not None:
        words.append(f"--until={asked.until.isoformat()}")
    if asked.preview:
        words.append("--dry-run")
    elif not asked.last:
        words.append("--no-run")
    return [*words, "--json", "--", *asked.keys]
