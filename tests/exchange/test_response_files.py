"""Files of responses: ids are text whatever they look like, CSV and Parquet say the same, bad files get a sentence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.response_files import read_marked, read_responses, write_table

FRAME = pd.DataFrame(
    {
        "attempt_id": ["007", "1e5", "NA"],
        "item_id": ["ct-1", "nan", "null"],
        "answer": ["a", None, "no"],
        "scored": [True, False, True],
        "seconds": [1.5, 20.0, 3.25],
    }
)


@pytest.mark.parametrize("name", ["responses.csv", "responses.parquet", "RESPONSES.PQ"])
def test_ids_and_answers_stay_text_and_an_empty_answer_is_missing(name: str, tmp_path: Path) -> None:
    write_table(FRAME, tmp_path / "out" / name)
    found = read_responses(tmp_path / "out" / name)
    assert found["attempt_id"].tolist() == ["007", "1e5", "NA"]
    assert found["item_id"].tolist() == ["ct-1", "nan", "null"]
    assert (found["answer"].isna().tolist(), found["answer"].dropna().tolist()) == ([False, True, False], ["a", "no"])
    assert (str(found["scored"].dtype), found["scored"].tolist()) == ("bool", [True, False, True])
    assert found["seconds"].tolist() == [1.5, 20.0, 3.25]


def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_bytes(b"\xef\xbb\xbfattempt_id,item_id,answer\r\n1,x,a\r\n")
    found = read_responses(path)
    assert (list(found.columns), found.iloc[0].tolist()) == (["attempt_id", "item_id", "answer"], ["1", "x", "a"])


@pytest.mark.parametrize("word", ["true", "TRUE", "True", "1"])
def test_scored_understands_the_words_other_programs_write(word: str, tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_text(f"attempt_id,item_id,answer,scored\n1,x,a,{word}\n1,y,a,false\n".replace("false", "0"))
    found = read_responses(path)["scored"]
    assert (str(found.dtype), found.tolist()) == ("bool", [True, False])


@pytest.mark.parametrize("cell", ["", "maybe", "2", "-"])
def test_scored_that_says_neither_is_told_with_its_line(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_text(f"attempt_id,item_id,answer,scored\n1,x,a,true\n1,y,a,{cell}\n1,z,a,false\n")
    with pytest.raises(Invalid) as caught:
        read_responses(path)
    assert str(caught.value) == f"{path}:3: 'scored' must be true or false in every row."


def test_scored_that_is_missing_in_parquet_is_never_taken_for_true(tmp_path: Path) -> None:
    path = tmp_path / "responses.parquet"
    FRAME.assign(scored=pd.Series([True, None, False], dtype="boolean")).to_parquet(path)
    with pytest.raises(Invalid, match="'scored' must be true or false in every row"):
        read_responses(path)


BAD: dict[str, bytes] = {
    "empty.csv": b"",
    "latin.csv": b"attempt_id,item_id,answer\n1,caf\xe9,a\n",
    "ragged.csv": b"attempt_id,item_id,answer\n1,x,a\n1,y,a,b,c,d\n",
    "quote.csv": b'attempt_id,item_id,answer\n1,"x,a\n',
    "text.parquet": b"attempt_id,item_id,answer\n1,x,a\n",
    "empty.parquet": b"",
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_named_in_a_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(Invalid) as caught:
        read_responses(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: cannot be read")
    assert (sentence.endswith("."), "\n" in sentence) == (True, False)


@pytest.mark.parametrize(("name", "why"), [("empty.csv", "as it is empty"), ("latin.csv", "Save it as UTF-8")])
def test_what_is_the_matter_with_the_whole_file_is_said(name: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(Invalid, match=why):
        read_responses(path)


def test_a_file_with_other_separators_is_told_what_separates_columns(tmp_path: Path) -> None:
    path = tmp_path / "semicolons.csv"
    path.write_text("attempt_id;item_id;correct\na;b;1\n", encoding="utf-8")
    with pytest.raises(Invalid, match="separate columns by commas"):
        read_marked(path)


def test_a_file_that_is_not_there_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read as a table"):
        read_responses(tmp_path / "nowhere.csv")
