"""The figures of a console page: tables with the files beside them, figures by themselves, points of charts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.web.psychometrician.page_tree import Node

NUMBER = re.compile(r"(?<![\w.])[−-]?\d+(?:\.\d+)?(?!\w)")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?")
Row = dict[str, str]


@dataclass(frozen=True)
class Figure:
    """One value that a page shows, and where the file beside it says it."""

    column: str
    text: str
    value: str | None
    """None where the text is all there is."""
    file: str = ""
    row: str = ""
    """The first cell of its row in the file; empty for a cell whose row follows from its place."""

    @property
    def is_number(self) -> bool:
        return is_number(self.text if self.value is None else self.value)


@dataclass(frozen=True)
class Table:
    """A table of a page: its rows of figures, and the file that says the same."""

    id: str
    file: str
    rows: list[list[Figure]]
    only: Row
    part: bool
    crosswise: bool
    node: Node


def is_number(text: str) -> bool:
    """Whether a text is one number, perhaps a percentage or with a sign."""
    try:
        float(text.strip().removesuffix("%").strip().replace("−", "-"))
    except ValueError:
        return False
    return True


def tables_of(page: Node) -> list[Table]:
    """Every table of results on a page; those of forms are left out."""
    return [_table(one) for one in page.all("table") if all(above.tag != "form" for above in one.up())]


def _table(node: Node) -> Table:
    heads = [one for row in node.all("thead") for one in row.all("th", "td")]
    only = [part.partition("=") for part in node.attributes.get("data-only", "").split(";") if part]
    return Table(
        node.attributes.get("id", ""),
        node.attributes.get("data-csv", ""),
        [
            _figures(row, heads, node.attributes.get("data-csv", ""))
            for body in node.all("tbody")
            for row in body.all("tr")
        ],
        {name: value for name, _, value in only},
        "data-part" in node.attributes,
        "data-crosswise" in node.attributes,
        node,
    )


def _figures(row: Node, heads: list[Node], file: str) -> list[Figure]:
    found = []
    for head, cell in zip(heads, row.all("th", "td"), strict=False):
        inner = [one for one in cell.walk() if one is not cell and "data-name" in one.attributes]
        name = cell.attributes.get("data-name", head.attributes.get("data-name", ""))
        other = head.attributes.get("data-csv", "")
        own = Figure(
            name,
            cell.text(own=True),
            cell.attributes.get("data-value"),
            other or file,
            row.attributes.get("data-row", "") if other else "",
        )
        found += [own] if not inner else []
        found += [Figure(one.attributes["data-name"], one.text(), one.attributes["data-value"], file) for one in inner]
    return found


def single_figures(page: Node) -> list[Figure]:
    """Figures outside of tables, with the file and the row that say them."""
    return [
        Figure(
            one.attributes["data-name"],
            one.text(own=True),
            one.attributes.get("data-value"),
            one.inherited("data-csv"),
            one.inherited("data-row"),
        )
        for one in page.walk()
        if "data-name" in one.attributes and one.tag in ("dd", "span", "strong") and not _within(one, "table")
    ]


def _within(node: Node, *tags: str) -> bool:
    return any(one.tag in tags for one in node.up())


def unnamed_facts(page: Node) -> list[str]:
    """Facts and tiles with a number of which no file is named: their terms."""
    found = []
    for facts in page.all("dl"):
        if not {"facts", "tiles"} & set(facts.attributes.get("class", "").split()):
            continue
        for one in facts.all("dd"):
            named = any("data-name" in below.attributes for below in one.walk())
            if not named and NUMBER.search(one.text()):
                siblings = one.parent.all("dt") if one.parent else []
                found.append(siblings[0].text() if siblings else one.text())
    return found


def says(shown: str, exact: float) -> bool:
    """Whether a text is that number, rounded to the digits it shows."""
    found = NUMBER.search(shown)
    if found is None:
        return False
    digits = len(found[0].partition(".")[2])
    value = float(found[0].replace("−", "-"))
    return bool(abs(value - exact * (100 if "%" in shown else 1)) <= 0.5 * 10**-digits * (1 + 1e-9) + 1e-12)


class Files:
    """The files of a site, each asked for once."""

    def __init__(self, get: Callable[[str], str]) -> None:
        self._get = get
        self._kept: dict[str, list[Row]] = {}

    def rows(self, address: str) -> list[Row]:
        """A file, row by row."""
        if address not in self._kept:
            self._kept[address] = list(csv.DictReader(io.StringIO(self._get(address))))
        return self._kept[address]

    def row(self, figure: Figure) -> Row | None:
        """The row of a file that a figure names by its first cell."""
        rows = self.rows(figure.file)
        return next((one for one in rows if next(iter(one.values())) == figure.row), None)


def dataset_of(address: str) -> str:
    """Name a file by its kind of page and its table: 'cohort/summary'."""
    folders = [part for part in urlsplit(address).path.split("/")[3:] if part]
    table = folders[-1].removesuffix(".csv")
    page = folders[1] if folders[0] == "policy" else folders[0].removesuffix(".csv")
    return f"{page}/{table}"


def page_of(address: str) -> str:
    """Name a page by its kind: 'policy/compare'."""
    return "/".join(part for part in urlsplit(address).path.split("/")[2:] if not (part.isdigit() or part.isupper()))


def difference(figure: Figure, row: Row | None) -> str:
    """Say how a figure and the file differ; nothing if they agree."""
    if row is None:
        return f"no row {figure.row!r} in {figure.file}"
    if figure.column not in row:
        return f"no column {figure.column!r} in {figure.file}"
    written = row[figure.column]
    if figure.value is None:
        if is_number(figure.text) and not (is_number(written) and says(figure.text, float(written))):
            return f"{figure.column}: shows {figure.text!r}, file says {written!r}"
        return ""
    if TIME.fullmatch(figure.value):
        return "" if figure.value[:19] == written[:19] else f"{figure.column}: {figure.value} is not {written}"
    if figure.value != written:
        return f"{figure.column}: has {figure.value!r}, file says {written!r}"
    shown = figure.text if is_number(figure.text) else figure.text.lstrip("+−")  # in words a sign is said by them
    right = says(shown, float(written) if shown == figure.text else abs(float(written))) if is_number(written) else True
    return "" if right else f"{figure.column}: {written!r} is shown as {figure.text!r}"


def differences(table: Table, files: Files) -> list[str]:
    """Say where a table and the file beside it differ."""
    rows = [one for one in files.rows(table.file) if all(one.get(name) == value for name, value in table.only.items())]
    shown = table.rows
    if table.crosswise:  # every cell after the head is a row of the file
        shown = [[row[0], cell] for row in table.rows for cell in row[1:]]
    if len(rows) != len(shown) and not (table.part and len(shown) <= len(rows)):
        return [f"{len(shown)} rows, {len(rows)} in {table.file}"]
    found = []
    for figures, row in zip(shown, rows, strict=False):
        for one in figures:
            if one.column:
                found.append(difference(one, files.row(one) if one.row else row))
            elif one.is_number:
                found.append(f"{one.text!r} stands in a column without a name")
    return [one for one in found if one]


def points(page: Node) -> list[tuple[Node, str]]:
    """The words of every point and mark of every chart, beginning with the names of its series."""
    found = []
    for chart in page.all("svg"):
        for title in chart.all("title"):
            if title.parent is not chart:
                words = "".join(one.words for one in title.children).strip()
                found += [(chart, words)]
    return found


def files_beside(node: Node) -> list[str]:
    """The addresses of the files in the section of an element."""
    section = next((one for one in node.up() if one.tag in ("section", "main")), None)
    return [] if section is None else sorted({
        one.attributes[name]
        for one in section.walk()
        for name in ("href", "data-csv")
        if urlsplit(one.attributes.get(name, "")).path.endswith(".csv")
    })  # fmt: skip


def numbers_of(words: str) -> list[str]:
    """The numbers that a point of a chart says, each with its percent sign; not those in the name of its series."""
    told = words.rpartition(": ")[2] if words.count(": ") < 2 else words.partition(": ")[2]
    return [
        f"{one[0]} %" if told[one.end() : one.end() + 2].strip().startswith("%") else one[0]
        for one in NUMBER.finditer(told)
    ]


def sentences(page: Node) -> Iterator[str]:
    """The words outside of tables, charts, forms, links between pages and the item itself, element by element."""
    apart = ("table", "svg", "form", "nav", "dl", "code", "time")
    for node in page.all("main")[0].walk():
        classes = {name for above in node.up() for name in above.attributes.get("class", "").split()}
        if node.tag in apart or _within(node, *apart) or classes & {"candidate", "rationale"}:
            continue
        words = " ".join(" ".join(one.words for one in node.children if one.tag == "").split())
        if words:
            yield words


def files_of(page: Node) -> list[str]:
    """The addresses of the files of results that a page links to."""
    links = {one.attributes.get("href", "") for one in page.all("a")}
    kinds = {one: page_of(one).partition("/")[0] for one in links if urlsplit(one).path.endswith(".csv")}
    return sorted(one for one, kind in kinds.items() if kind not in ("exports", "audit.csv"))
