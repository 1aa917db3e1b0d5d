"""A technical report as one HTML file that needs nothing else: headings, captions, words for its charts, print."""

from __future__ import annotations

import re
from html import escape

from ssa_engine.core.technical_report import Block, Figure, Methods, Report, Table
from ssa_engine.core.text import long_date
from ssa_engine.exchange.report_charts import chart

STYLE = """
:root{color-scheme:light dark;--ink:#1f2933;--quiet:#52606d;--line:#c9d1d9;--surface:#fff;--accent:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaee;--quiet:#a9b4bf;--line:#46525e;--surface:#161c22;
--accent:#7fb8f0}}
*{box-sizing:border-box}
body{margin:0;background:var(--surface);color:var(--ink);font:17px/1.55 Georgia,"Times New Roman",serif}
main,header,nav{max-width:62rem;margin:0 auto;padding:0 1rem}
header{padding-top:3rem}
h1{font-size:2.1rem;line-height:1.2;margin:0}
h2{font-size:1.4rem;line-height:1.3;margin:3rem 0 .75rem;border-top:1px solid var(--line);padding-top:1.25rem}
p{max-width:42rem}
.about,.note,figcaption .words,dd .source{color:var(--quiet)}
.note{font-size:.9rem;margin:.4rem 0 0}
a{color:var(--accent)}
nav ol{columns:2;column-gap:2rem;padding-left:1.5rem}
@media (max-width:40rem){nav ol{columns:1}}
.scroll{overflow-x:auto;margin:1.25rem 0 0}
.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums lining-nums;min-width:min(100%,30rem)}
caption{text-align:left;font-weight:bold;padding-bottom:.5rem}
caption span{display:inline-block;max-width:calc(100vw - 2rem)}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th:first-child,td:first-child{padding-left:0}
thead th{border-bottom:2px solid var(--ink);vertical-align:bottom}
tbody th{font-weight:normal}
.figure{text-align:right;white-space:nowrap}
figure{margin:1.5rem 0 0}
figure svg{max-width:100%;height:auto;background:#fff;padding:.5rem}
figcaption{font-weight:bold;font-size:.92rem}
figcaption .words{font-weight:normal;display:block}
dt{font-weight:bold;margin-top:.75rem}
dd{margin-left:0}
footer{max-width:62rem;margin:3rem auto;padding:0 1rem;color:var(--quiet)}
@media print{:root{--ink:#000;--quiet:#333;--line:#999;--surface:#fff}body{font-size:10.5pt}nav{display:none}
h2{break-after:avoid}figure,tr{break-inside:avoid}.scroll{overflow:visible}thead{display:table-header-group}}
"""


def report_html(report: Report) -> bytes:
    """Return the report as one file in UTF-8."""
    numbers = {"table": 0, "figure": 0}
    contents = "".join(f'<li><a href="#{one.id}">{escape(one.title)}</a></li>' for one in report.sections)
    sections = "".join(
        f'<section aria-labelledby="{one.id}"><h2 id="{one.id}">{number}. {escape(one.title)}</h2>'
        + "".join(_block(block, numbers) for block in one.blocks)
        + "</section>\n"
        for number, one in enumerate(report.sections, start=1)
    )
    head = f"{report.title}: {report.programme}, {report.period.title}"
    text = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(head)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="keywords" content="{escape(", ".join(report.keywords))}">\n<style>{STYLE}</style>\n'
        "</head>\n<body>\n"
        f"<header><h1>{escape(report.title)}: {escape(report.programme)}</h1>"
        f'<p class="about">Structured Self-Assessment, {escape(report.period.so_far(report.made_on))}. '
        f"Made on {long_date(report.made_on)}.</p></header>\n"
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav>\n<main>\n{sections}</main>\n'
        f"<footer>Structured Self-Assessment. {escape(report.discipline)}, {escape(report.period.title)}.</footer>\n"
        "</body>\n</html>\n"
    )
    return text.encode()


def _block(block: Block, numbers: dict[str, int]) -> str:
    if isinstance(block, str):
        return f"<p>{escape(block, quote=False)}</p>"
    if isinstance(block, Table):
        numbers["table"] += 1
        return _table(block, numbers["table"])
    if isinstance(block, Figure):
        numbers["figure"] += 1
        return _figure(block, numbers["figure"])
    return _methods(block)


def _table(table: Table, number: int) -> str:
    caption = f"Table {number}. {escape(table.caption, quote=False)}"
    heads = "".join(
        f'<th scope="col"{_aligned(column.kind)}>{escape(column.head, quote=False)}</th>' for column in table.columns
    )
    rows = []
    for cells in table.cells():
        written = [escape(cell, quote=False) for cell in cells]
        kinds = [_aligned(column.kind) for column in table.columns]
        first = f'<th scope="row"{kinds[0]}>{written[0]}</th>'
        rest = "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds[1:], written[1:], strict=True))
        rows.append(f"<tr>{first}{rest}</tr>\n")
    note = f'<p class="note">{escape(table.note, quote=False)}</p>' if table.note else ""
    label = escape(re.sub(r"<.*?>", "", caption))
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table id="table-{table.id}">'
        f"<caption><span>{caption}</span></caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table></div>"
        f"{note}\n"
    )


def _aligned(kind: str) -> str:
    return "" if kind == "text" else ' class="figure"'


def _figure(figure: Figure, number: int) -> str:
    drawing = chart(figure).replace("<svg ", f'<svg role="img" aria-label="{escape(figure.alt)}" ', 1)
    return (
        f'<figure id="figure-{figure.id}">{drawing}<figcaption>Figure {number}. {escape(figure.caption, quote=False)}'
        "</figcaption></figure>\n"
    )


def _methods(methods: Methods) -> str:
    entries = "".join(
        f"<dt>{escape(name, quote=False)}</dt><dd>{escape(formula, quote=False)}"
        f'<br><span class="source">{escape(source, quote=False)}</span></dd>\n'
        for name, formula, source in methods.entries
    )
    return f"<dl>{entries}</dl>"
