"""A report as HTML and as PDF: both say the same, both can be read without seeing, and both come out the same again."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.report_methods import technical_report
from ssa_engine.core.technical_report import Figure, Report, Row
from ssa_engine.exchange.report_charts import chart, round_ticks
from ssa_engine.exchange.report_html import report_html
from ssa_engine.exchange.report_pdf import report_pages, report_pdf
from tests.core.reports import report_data
from tests.exchange.pdf_text import Pdf


class Cells(HTMLParser):
    """The cells of all tables, the paragraphs, and every element with what it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.paragraphs: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")
        if tag == "p":
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._open):
            self.cells[-1] += data
        elif "p" in self._open:
            self.paragraphs[-1] += data


@pytest.fixture(scope="module")
def report(library: Library) -> Report:
    return technical_report(report_data(library, groups=("f", "f", "f", "m", "m", "m"), minimum=2))


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return report_html(report).decode()


@pytest.fixture(scope="module")
def pdf(report: Report) -> Pdf:
    return Pdf(report_pdf(report))


def squeezed(text: str) -> str:
    """Text without blanks: where lines break and words part is the typesetter's affair."""
    return re.sub(r"\s", "", text)


def test_every_cell_and_paragraph_of_the_html_is_in_the_pdf_and_in_that_order(html: str, pdf: Pdf) -> None:
    text, at = squeezed(pdf.text()), 0
    cells = Cells(html).cells
    assert len(cells) > 300
    missing = []
    for cell in map(squeezed, cells):
        found = text.find(cell, at)
        if found < 0:
            missing.append(cell)
        else:
            at = found
    assert missing == []
    text = re.sub(r"\d+of\d+Technicalreport:ComputedTomography,20261September2026", "", text)  # between two pages
    paragraphs = [one for one in map(squeezed, Cells(html).paragraphs) if not one.startswith("StructuredSelf")]
    assert [one for one in paragraphs if one not in text] == []


def test_every_figure_of_a_table_is_in_both(report: Report, html: str, pdf: Pdf) -> None:
    numbers = {
        cell for table in report.tables for cells in table.cells() for cell in cells if re.search(r"\d[.,]\d", cell)
    }
    assert len(numbers) > 40
    text = squeezed(pdf.text())
    assert {number for number in numbers if number not in html or squeezed(number) not in text} == set()


def test_the_pdf_is_tagged_and_has_a_title_a_language_and_words_for_its_figures(report: Report, pdf: Pdf) -> None:
    raw = pdf.content
    assert b"/Marked true" in raw
    assert b"/StructTreeRoot" in raw
    assert re.search(rb"/Lang\s*\(en\)", raw)
    assert b"/DisplayDocTitle true" in raw
    assert re.search(rb"pdfuaid:part[>=\"]+1", raw)
    title = f"{report.title}: {report.programme}, {report.period.title}"
    assert title.encode() in raw
    figures = [block for section in report.sections for block in section.blocks if isinstance(block, Figure)]
    assert len(figures) == 8
    assert raw.count(b"/S/Figure") == len(figures)
    assert raw.count(b"/Alt") >= len(figures)
    assert raw.count(b"/S/Table") == len(report.tables)
    assert raw.count(b"/S/H1") == len(report.sections) + 1  # and the contents
    assert 8 <= len(pdf.pages) <= 14
    assert len(report_pages(report, ppi=20)) == len(pdf.pages)


def test_the_html_stands_alone_and_names_its_tables_figures_and_heads(report: Report, html: str) -> None:
    page = Cells(html)
    assert not [found for _, found in page.elements if "src" in found or found.get("href", "#")[:1] != "#"]
    assert html.count("<h1>") == 1
    assert [tag for tag, _ in page.elements if tag == "h2"] == ["h2"] * len(report.sections)
    tables = [tag for tag, _ in page.elements if tag == "table"]
    assert len(tables) == html.count("<caption><span>") == len(report.tables)
    assert all(found["scope"] in ("col", "row") for tag, found in page.elements if tag == "th")
    drawings = [found for tag, found in page.elements if tag == "svg"]
    assert all(found["role"] == "img" and found["aria-label"] for found in drawings)
    assert not re.search(r"\b(pass(ed)?|fail(ed)?|exam|wrong)\b", html, re.IGNORECASE)


def test_the_same_report_gives_the_same_bytes(report: Report, library: Library) -> None:
    again = technical_report(report_data(library, groups=("f", "f", "f", "m", "m", "m"), minimum=2))
    assert report_html(report) == report_html(again)
    assert report_pdf(report) == report_pdf(again)


def test_words_that_would_be_markup_stay_words(library: Library) -> None:
    data = report_data(library)
    policy = data.policies[1]
    hostile = '#panic <b>*x*</b> $1$ [a] @b \\ "q" {{ }} & “é”'
    changed = type(policy)(
        **{name: getattr(policy, name) for name in policy.__dataclass_fields__} | {"reason": hostile}
    )
    own = type(data)(
        **{name: getattr(data, name) for name in data.__dataclass_fields__}
        | {"policies": (data.policies[0], changed, data.policies[2])}
    )
    report = technical_report(own)
    assert hostile in Cells(report_html(report).decode()).cells
    assert squeezed(hostile) in squeezed(Pdf(report_pdf(report)).text())


def test_a_chart_is_sound_and_has_neither_classes_nor_styles() -> None:
    rows = (Row("a & <b>", 0.5, 0.25, 0.75, 0.6), Row("unknown", None))
    figure = Figure(id="f", caption="F", alt="F.", kind="intervals", x="x", rows=rows, span=(0.0, 1.0), mark="standard")
    root = ET.fromstring(chart(figure))
    names = {name for element in root.iter() for name in element.attrib}
    assert not {"class", "style"} & names
    circle = next(element for element in root.iter() if element.tag.endswith("circle"))
    whisker = [
        element for element in root.iter() if element.tag.endswith("line") and element.get("stroke-width") == "2"
    ]
    assert float(circle.get("cx", "")) == pytest.approx(
        (float(whisker[0].get("x1", "")) + float(whisker[0].get("x2", ""))) / 2, abs=0.11
    )


def test_the_bars_of_a_histogram_are_as_high_as_their_counts() -> None:
    figure = Figure(
        id="f", caption="F", alt="F.", kind="histogram", x="x", y="n", bins=((0, 1, 2), (1, 2, 4), (2, 3, 0))
    )
    bars = [element for element in ET.fromstring(chart(figure)).iter() if element.tag.endswith("rect")]
    heights = [float(bar.get("height", "")) for bar in bars]
    assert heights[1] == 2 * heights[0] > heights[2] == 0


def test_bars_of_unequal_width_are_as_high_as_their_counts_for_one_width() -> None:
    bins = ((0, 5, 10), (5, 15, 10))
    figure = Figure(id="f", caption="F", alt="F.", kind="histogram", x="x", y="n", bins=bins, per=5.0)
    bars = [element for element in ET.fromstring(chart(figure)).iter() if element.tag.endswith("rect")]
    heights = [float(bar.get("height", "")) for bar in bars]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.11)


@pytest.mark.parametrize(
    ("low", "high", "most", "found"),
    [
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 7, 5, [0, 2, 4, 6]),
        (3, 3, 5, [3]),
        (-0.3, 0.5, 5, [-0.2, 0, 0.2, 0.4]),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, found: list[float]) -> None:
    assert round_ticks(low, high, most) == pytest.approx(found)
