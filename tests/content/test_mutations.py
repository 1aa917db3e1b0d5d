"""Whatever is done to a content file, checking it ends in problems with lines of that file, never in a crash."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssa_engine.content.library import check_library
from tests.content.faults import FORMATS_TOO, SOUND
from tests.content.media import write_media

PIECES = (
    "- ", ": ", "? ", "[", "]", "{", "}", ",", "#", "&x ", "*x", "!!int ", "!!set ", "!!str ", "!!null ", "!x ", "|\n",
    ">-\n", "'", '"', "\\", "%", "@", "`", "\t", "\n", "\r", "\n---\n", "\n...\n", "~", "no", "2027-02-31", "1e999",
    "<<: ", "=", "\u2028", "\ufeff", "\0", "😀", "  ", "-1", "null: ",
)  # fmt: skip
FILES = {
    path.name: path.read_text(encoding="utf-8") for folder in (SOUND, FORMATS_TOO) for path in sorted(folder.iterdir())
}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the media files that the sound items name."""
    folder = tmp_path_factory.mktemp("media")
    write_media(folder)
    return folder


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(FILES)),
    cuts=st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=5)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_file_that_was_cut_and_filled_anywhere_gives_problems_and_no_crash(
    name: str, cuts: list[tuple[int, int, str]], media: Path
) -> None:
    text = FILES[name]
    for place, length, piece in cuts:
        start = place % (len(text) + 1)
        text = text[:start] + piece + text[start + length :]
    raw = text.encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        for other, sound in FILES.items():
            (Path(folder) / other).write_bytes(raw if other == name else sound.encode())
        (Path(folder) / "media").symlink_to(media)
        library, problems = check_library([Path(folder)])
    assert library.files == len(FILES) == 5
    for problem in problems:
        lines = text if problem.path.name == name else FILES[problem.path.name]
        assert 1 <= problem.line <= len(lines.splitlines()) + 1, problem
        assert problem.message


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_problem_and_no_crash(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.yaml"
        path.write_bytes(raw)
        _, problems = check_library([Path(folder)])
    assert {problem.path for problem in problems} == {path}
