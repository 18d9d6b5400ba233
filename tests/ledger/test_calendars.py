"""Chinese business days, the books' own days, and the file that names them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from beanclear.ledger import calendars, config
from beanclear.ledger.calendar import Calendar, Days
from beanclear.ledger.calendars import CalendarDay, Calendars
from beanclear.ledger.errors import BooksError
from beanclear.ledger.records import Kind
from tests.conftest import TinyBooks

PAYER = "财付通支付科技有限公司客户备付金"


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "count", "after"),
    [
        # 春节 2026: free 15 to 23 February; Saturdays the 14th and the 28th are worked.
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-27", 1, "2026-02-28"),
        ("2026-02-28", 1, "2026-03-02"),
        ("2026-02-16", 0, "2026-02-24"),
        # 国庆 2026: free 1 to 7 October; Sunday 20 September and Saturday 10 October are worked.
        ("2026-09-18", 1, "2026-09-20"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-10-10", 1, "2026-10-12"),
    ],
)
def test_holidays_and_the_weekends_worked_for_them(day: str, count: int, after: str) -> None:
    assert Calendar().add_business_days(date(day), count) == date(after)


@pytest.mark.parametrize(
    ("day", "count", "before"),
    [
        ("2026-02-24", 1, "2026-02-14"),
        ("2026-10-12", 1, "2026-10-10"),
        ("2026-10-08", 2, "2026-09-29"),
        ("2026-02-16", 0, "2026-02-16"),
    ],
)
def test_business_days_backwards(day: str, count: int, before: str) -> None:
    calendar = Calendar()
    assert calendar.subtract_business_days(date(day), count) == date(before)
    assert Days(unit="B", count=count).before(date(day), calendar) == date(before)
    with pytest.raises(ValueError, match="backwards"):
        calendar.subtract_business_days(date(day), -1)


def test_calendar_days_know_no_holidays() -> None:
    calendar = Calendar()
    stretch = Days.parse("T+3")
    assert stretch.after(date("2026-02-13"), calendar) == date("2026-02-16")
    assert stretch.before(date("2026-02-16"), calendar) == date("2026-02-13")
    assert str(stretch) == "T+3"


@pytest.mark.parametrize("text", ["", "5", "B5", "B+", "X+5", "B+1000", "B-1", " B+1"])
def test_a_stretch_that_is_not_understood(text: str) -> None:
    with pytest.raises(ValueError, match=r'write days such as "T\+3" \(calendar\) or "B\+5"'):
        Days.parse(text)


def test_years_that_nobody_announced_are_told() -> None:
    kept = Calendars()
    calendar = kept["china"]
    assert calendar.add_business_days(date("2026-09-30"), 1) == date("2026-10-08")
    assert not kept.estimated_years
    assert calendar.add_business_days(date("2049-09-30"), 1) == date("2049-10-01")
    assert kept.estimated_years == (2049,)


def test_a_calendar_by_name_differs_by_its_own_days() -> None:
    kept = Calendars([
        CalendarDay(day=date("2026-07-02"), worked=False),
        CalendarDay(day=date("2026-07-04"), worked=True),
        CalendarDay(day=date("2026-07-02"), worked=True, name="bank"),
        CalendarDay(day=date("2026-07-03"), worked=False, name="bank"),
    ])  # fmt: skip
    assert kept.names == ("bank", "china")
    days = [date(f"2026-07-0{number}") for number in (2, 3, 4)]
    assert [kept["china"].is_business_day(day) for day in days] == [False, True, True]
    assert [kept["bank"].is_business_day(day) for day in days] == [True, False, True]
    with pytest.raises(KeyError):
        kept["other"]


def test_a_file_of_days(tmp_path: Path) -> None:
    (tmp_path / "days.txt").write_text(
        "# ours\n\n2027-02-05 holiday   # 春节\n  2027-02-20\tworkday\n2026-12-31 holiday bank\n",
        encoding="utf-8-sig",
    )
    assert calendars.read(tmp_path, "days.txt") == (
        CalendarDay(day=date("2027-02-05"), worked=False),
        CalendarDay(day=date("2027-02-20"), worked=True),
        CalendarDay(day=date("2026-12-31"), worked=False, name="bank"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "2026-07-01 holiday\n2026-13-01 holiday\n",
            "days.txt:2: '2026-13-01 holiday' is no day of a calendar: write a date, holiday or "
            "workday, and the calendar's name if it is one's only",
        ),
        ("2026-07-01\n", "days.txt:1: '2026-07-01' is no day of a calendar: write a date"),
        ("2026-07-01 free\n", "days.txt:1: '2026-07-01 free' is no day of a calendar"),
        ("2026-07-01 holiday a b\n", "days.txt:1: '2026-07-01 holiday a b' is no day"),
        (
            "2026-07-01 holiday\n# x\n2026-07-01 workday\n",
            "days.txt:3: line 1 says what 2026-07-01 is already: keep one of the two",
        ),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "days.txt").write_text(text)
    (tmp_path / "beanclear.toml").write_text('[calendar]\nfile = "days.txt"\n')
    with pytest.raises(BooksError) as caught:
        config.load(tmp_path / "beanclear.toml")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('file = "none.txt"', "none.txt: the calendar cannot be read (No such file or directory)"),
        ('file = "../days.txt"', "beanclear.toml: the calendar '../days.txt' lies outside of the"),
        ('file = "/etc/days"', "beanclear.toml: the calendar '/etc/days' lies outside of the"),
        ('file = ""', "beanclear.toml: the key calendar.file is wrong"),
        ("file = 3", "beanclear.toml: the key calendar.file must be text in quotes"),
        ("days_of_file = []", "beanclear.toml: the key calendar is wrong (the key days_of_file is"),
    ],
)
def test_the_file_must_be_there(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "beanclear.toml").write_text(f"[calendar]\n{text}\n")
    with pytest.raises(BooksError) as caught:
        config.load(tmp_path / "beanclear.toml")
    assert str(caught.value).startswith(message)


def test_days_of_beanclear_toml_go_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "days.txt").write_text("2026-07-02 holiday\n2026-07-03 holiday\n")
    path = tmp_path / "beanclear.toml"
    path.write_text('[calendar]\nfile = "days.txt"\nworkdays = [2026-07-03]\n')
    calendar = config.load(path).calendar
    assert not calendar.is_business_day(date("2026-07-02"))
    assert calendar.is_business_day(date("2026-07-03"))


def test_the_days_of_the_file_are_part_of_the_configuration(tmp_path: Path) -> None:
    # Whatever is kept from a run is dropped when the configuration says something else.
    (tmp_path / "beanclear.toml").write_text('[calendar]\nfile = "days.txt"\n')
    texts = []
    for day in ("2026-07-02", "2026-07-03"):
        (tmp_path / "days.txt").write_text(f"{day} holiday\n")
        texts.append(config.load(tmp_path / "beanclear.toml").model_dump_json())
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    ("days", "own", "due"),
    [
        ("", "", "2026-07-08"),
        ("2026-07-06 holiday\n", "", "2026-07-09"),
        ("2026-07-04 workday\n", "", "2026-07-07"),
        ("2026-07-06 holiday bank\n", "", "2026-07-08"),
        ("2026-07-06 holiday bank\n", '[[matching]]\ncalendar = "bank"\n', "2026-07-09"),
    ],
)
def test_a_day_of_the_file_moves_the_due_date(
    tiny: TinyBooks, days: str, own: str, due: str
) -> None:
    tiny.write("days.txt", days)
    tiny.configure(f'{own}[calendar]\nfile = "days.txt"\n')
    tiny.covering("ccb/bank")
    tiny.wallet(Kind.PAYOUT, -900, "07-01", record_id="P")
    tiny.bank(77, "07-02", PAYER, record_id="D")
    (item,) = [item for item in tiny.found().items if item.key == "P"]
    assert item.due == date(due)
