"""No page of the console asks the database more of a large cohort than of a small one."""

from __future__ import annotations

from pathlib import Path

from ssa_engine.content.library import Library
from tests.compiled_templates import CompiledTemplates
from tests.web.psychometrician.counting import questions_of_every_page

FEW, MANY = 10, 120
MOST = 40
"""Questions of any one page or file, on SQLite."""


def test_every_page_and_file_asks_as_many_questions_of_ten_sittings_as_of_many(
    tmp_path: Path, library: Library, compiled_templates: CompiledTemplates
) -> None:
    few, many = (questions_of_every_page(tmp_path, library, size, compiled_templates) for size in (FEW, MANY))
    assert {page: (count, many[page]) for page, count in few.items() if many[page] != count} == {}
    assert len(few) >= 45
    assert max(few.values()) <= MOST, few
