"""The table of figures: what is compared, the bar, and how a measured row is kept and shown.

`results.json` holds what was measured; `docs/benchmarks.md` and its Chinese twin show it between
two marks, and a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.measure import Sample

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENTS = {"en": ROOT / "docs" / "benchmarks.md", "zh": ROOT / "docs" / "benchmarks.zh.md"}
BEGIN, END = "<!-- figures: make bench writes them -->", "<!-- end of figures -->"

Language = Literal["en", "zh"]
Words = tuple[str, str]  # English, Chinese
Stored = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A limit. `kind` names what is held against it, see `value`."""

    kind: Literal["times", "faster", "memory", "peak", "wrong", "rise", "seconds"]
    limit: float

    def value(self, row: Stored) -> float:
        """What was measured, in the unit of the limit."""
        ours, peer = row["ours"], row.get("peer", {})
        match self.kind:
            case "times":
                return float(ours["wall"] / peer["wall"])
            case "faster":
                return float(peer["wall"] / ours["wall"])
            case "memory":
                return float(ours["peak"] / peer["peak"])
            case "peak":
                return float(ours["peak"])
            case "wrong":
                return float(row["facts"]["wrong"])
            case "rise":
                return float(row["facts"]["rise"])
            case "seconds":
                return float(ours["wall"])

    def met(self, row: Stored) -> bool:
        """Whether the row keeps the limit."""
        value = self.value(row)
        return value >= self.limit if self.kind == "faster" else value <= self.limit

    def shown(self, value: float, language: Language) -> str:
        """`value` with its unit."""
        zh = language == "zh"
        match self.kind:
            case "times":
                return f"{value:.3g} 倍" if zh else f"{value:.3g} ×"
            case "faster":
                return f"快 {value:.3g} 倍" if zh else f"{value:.3g} × faster"
            case "memory":
                return f"{value:.2f} 倍内存" if zh else f"{value:.2f} × memory"
            case "peak":
                return f"{value:,.0f} MiB"
            case "wrong":
                return f"错配 {value:.0f}" if zh else f"{value:.0f} wrong"
            case "rise":
                return f"每行 {value - 1:+.0%}" if zh else f"{value - 1:+.0%} a line"
            case "seconds":
                return f"{value:.2f} 秒" if zh else f"{value:.2f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; words are formatted with the row's sizes."""

    what: Words
    work: Words
    against: Words
    bars: tuple[Bar, ...]
    command: str


ROWS: dict[str, Row] = {
    "import": Row(
        what=("import", "导入"),
        work=("Alipay zip of {rows:,} lines to records", "支付宝 zip，{rows:,} 行，读成记录"),
        against=("pyarrow.csv, strings only", "pyarrow.csv，只读成字符串"),
        bars=(Bar(kind="times", limit=3), Bar(kind="peak", limit=700)),
        command="import",
    ),
    "match-duckdb": Row(
        what=("keyed matching", "按单号匹配"),
        work=("{orders:,} orders, {lines:,} wallet lines", "{orders:,} 单、{lines:,} 条钱包流水"),
        against=("bare DuckDB join and group-by", "DuckDB 裸连接与分组"),
        bars=(Bar(kind="times", limit=1.5),),
        command="match",
    ),
    "match-pandas": Row(
        what=("keyed matching", "按单号匹配"),
        work=("the same", "同上"),
        against=("pandas merge, strings in Arrow", "pandas merge，Arrow 字符串"),
        bars=(Bar(kind="faster", limit=3), Bar(kind="memory", limit=0.5)),
        command="match",
    ),
    "text": Row(
        what=("clearing in text", "文本中的清算"),
        work=(
            "{postings:,} keyed postings; the matching step of `run`",
            "{postings:,} 条带单号的分录；`run` 的匹配一步",
        ),
        against=(
            "zerosum; {wrong_pairs:.0%} of its pairs are wrong",
            "zerosum；它配错 {wrong_pairs:.0%}",
        ),
        bars=(Bar(kind="faster", limit=40), Bar(kind="wrong", limit=0)),
        command="text",
    ),
    "text-process": Row(
        what=("clearing in text", "文本中的清算"),
        work=("the same; the whole of `run`", "同上；整个 `run`"),
        against=("loading them with zerosum", "带 zerosum 载入"),
        bars=(),
        command="text",
    ),
    "text-linear": Row(
        what=("clearing in text", "文本中的清算"),
        work=(
            "{postings:,} → {larger:,} postings, parsing included",
            "{postings:,} → {larger:,} 条分录，含解析",
        ),
        against=("itself", "自身"),
        bars=(Bar(kind="rise", limit=1.2),),
        command="text",
    ),
    "run": Row(
        what=("whole run", "整个运行"),
        work=(
            "{orders:,} orders, {mebibytes:,} MiB of exports → checked books",
            "{orders:,} 单、{mebibytes:,} MiB 导出文件 → 已核对的账簿",
        ),
        against=("bare script: read once and join", "裸脚本：读一遍并连接"),
        bars=(Bar(kind="times", limit=3), Bar(kind="peak", limit=2048)),
        command="run",
    ),
    "day": Row(
        what=("next day", "次日"),
        work=("{added:,} orders added to that", "在其上增加 {added:,} 单"),
        against=("the whole run", "整个运行"),
        bars=(Bar(kind="times", limit=0.05),),
        command="run",
    ),
    "check": Row(
        what=("books: bean-check", "账簿：bean-check"),
        work=("books of {orders:,} orders", "{orders:,} 单的账簿"),
        against=(
            "one transaction an order, {peer_orders:,} orders",
            "一单一笔分录，{peer_orders:,} 单",
        ),
        bars=(Bar(kind="faster", limit=10),),
        command="books",
    ),
    "fava": Row(
        what=("books: Fava's first page", "账簿：Fava 首页"),
        work=("books of {orders:,} orders", "{orders:,} 单的账簿"),
        against=(
            "one transaction an order, {peer_orders:,} orders",
            "一单一笔分录，{peer_orders:,} 单",
        ),
        bars=(Bar(kind="faster", limit=10),),
        command="books",
    ),
    "desk": Row(
        what=("desk: our pages", "工作台：本项目页面"),
        work=(
            "books of {orders:,} orders, {items:,} open items; the slowest of {pages} pages",
            "{orders:,} 单的账簿，{items:,} 个未清项；{pages} 个页面中最慢的一个",
        ),
        against=("when first asked for; again: {warm:.2f} s", "首次打开；再次打开：{warm:.2f} 秒"),
        bars=(Bar(kind="seconds", limit=2),),
        command="desk",
    ),
    "desk-fava": Row(
        what=("desk: Fava's pages", "工作台：Fava 页面"),
        work=("the same, with what they fetch", "同上，含其取数"),
        against=("when first asked for; again: {warm:.2f} s", "首次打开；再次打开：{warm:.2f} 秒"),
        bars=(Bar(kind="seconds", limit=2),),
        command="desk",
    ),
    "desk-search": Row(
        what=("desk: trace of an order", "工作台：追溯一个订单"),
        work=("the same, from the address to the answer", "同上，从提交到显示"),
        against=("when first asked for; again: {warm:.2f} s", "首次查询；再次查询：{warm:.2f} 秒"),
        bars=(Bar(kind="seconds", limit=1),),
        command="desk",
    ),
    "growth-match": Row(
        what=("growth: keyed matching", "增长：按单号匹配"),
        work=("{sizes} wallet lines", "{sizes} 条钱包流水"),
        against=("itself, the worst step", "自身，最差的一步"),
        bars=(Bar(kind="rise", limit=1.2),),
        command="growth",
    ),
    "growth-run": Row(
        what=("growth: whole run", "增长：整个运行"),
        work=("{sizes} lines in exports", "导出文件 {sizes} 行"),
        against=("itself, the worst step", "自身，最差的一步"),
        bars=(Bar(kind="rise", limit=1.2),),
        command="growth",
    ),
    "memory": Row(
        what=("memory", "内存"),
        work=("keyed matching of {lines:,} wallet lines", "{lines:,} 条钱包流水按单号匹配"),
        against=("–", "–"),
        bars=(Bar(kind="peak", limit=4096),),
        command="growth",
    ),
}
HEADS: dict[Language, str] = {
    "en": "| What | Work | Against | Bar | Measured | Met | Ours | Peer | Rounds | Command |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n",
    "zh": "| 项目 | 工作 | 对照 | 要求 | 实测 | 达到 | 本项目 | 对照用时 | 轮数 | 命令 |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n",
}
NOTES: dict[Language, str] = {
    "en": "Measured on {dates}: {cores} cores ({processor}), {memory} GiB of memory, "
    "Python {python}, DuckDB {duckdb}, pyarrow {pyarrow}, pandas {pandas}; "
    "medians of the rounds. Seconds of wall time, of all processors in brackets; memory of the "
    "largest process.\n\n",
    "zh": "测于 {dates}：{cores} 核（{processor}），内存 {memory} GiB，"
    "Python {python}，DuckDB {duckdb}，pyarrow {pyarrow}，pandas {pandas}；"
    "取各轮的中位数。"
    "秒为墙钟时间，括号内为处理器时间；内存为最大进程的峰值。\n\n",
}


def stored(sample: Sample) -> Stored:
    """What is kept of a sample."""
    return {
        "wall": round(sample.wall, 3),
        "processor": round(sample.processor, 3),
        "peak": round(sample.peak),
    }


def line(name: str, row: Stored, language: Language) -> str:
    """One line of the table."""
    spec, place = ROWS[name], 0 if language == "en" else 1
    limits = []
    for bar in spec.bars:
        sign = "≥" if bar.kind == "faster" else "≤" if bar.limit else ""
        limits.append(f"{sign} {bar.shown(bar.limit, language)}".strip())
    shown = list(spec.bars) or [Bar(kind="faster", limit=0)]
    met = {True: ("yes", "是"), False: ("**no**", "**否**")}
    whether = met[all(bar.met(row) for bar in spec.bars)][place] if spec.bars else "–"
    cells = [
        spec.what[place],
        spec.work[place].format_map(row["facts"]),
        spec.against[place].format_map(row["facts"]),
        ", ".join(limits) or "–",
        ", ".join(bar.shown(bar.value(row), language) for bar in shown),
        whether,
        _cost(row.get("ours")),
        _cost(row.get("peer")),
        str(row["repeat"]),
        f"`make bench ONLY={spec.command} {row['scale']}`",
    ]
    return f"| {' | '.join(cells)} |\n"


def _cost(sample: Mapping[str, float] | None) -> str:
    if not sample:
        return "–"
    busy = f" ({sample['processor']:.3g} CPU)" if sample["processor"] else ""
    return f"{sample['wall']:.3g} s{busy}, {sample['peak']:,.0f} MiB"


def table(results: Stored, language: Language) -> str:
    """The whole table with the words above it."""
    rows = results["rows"]
    dates = sorted({row["date"] for row in rows.values()})
    note = NOTES[language].format(dates=", ".join(dates), **results["machine"])
    body = "".join(line(name, rows[name], language) for name in ROWS if name in rows)
    return note + HEADS[language] + body


def load() -> Stored:
    """What was measured so far."""
    if not RESULTS.exists():
        return {"machine": {}, "rows": {}}
    found: Stored = json.loads(RESULTS.read_text("utf-8"))
    return found


def inserted(text: str, figures: str) -> str:
    """A document with the figures between its marks."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{figures}\n{END}{after}"


def keep(results: Stored) -> None:
    """Write the results, and the tables of both documents."""
    text = json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    for language, path in DOCUMENTS.items():
        figures = table(results, "zh" if language == "zh" else "en")
        path.write_text(inserted(path.read_text("utf-8"), figures), encoding="utf-8")
