"""Sheets of a panel: good ones become frames, and every bad row is a sentence by its line."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.rating_sheets import (
    read_bookmarks,
    read_cuts,
    read_cuts_and_shares,
    read_item_parameters,
    read_p_values,
    read_ratings,
    read_scores,
)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "sheet.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refusal(read: Callable[[], object], path: Path) -> list[str]:
    """Return the sentences, each without the name of the file."""
    with pytest.raises(Invalid) as caught:
        read()
    return [line.removeprefix(f"{path}:").strip() for line in str(caught.value).splitlines()]


def test_ratings_are_read_with_rounds_and_gaps_and_whatever_stands_around_them(tmp_path: Path) -> None:
    path = written(
        tmp_path, "\ufeffround,judge,item_id,rating,remark", "1, Ann ,i1,.5,easy", "2,Ann,i1,,", "1,Bo,i1,1,"
    )
    frame = read_ratings(path)
    assert frame["judge"].tolist() == ["Ann", "Ann", "Bo"]
    assert frame["round"].tolist() == [1, 2, 1]
    assert frame["rating"].tolist() == pytest.approx([0.5, math.nan, 1], nan_ok=True)


def test_a_sheet_without_rounds_is_of_round_one_and_percentages_become_proportions(tmp_path: Path) -> None:
    frame = read_ratings(written(tmp_path, "judge,item_id,rating", "Ann,i1,55", "Ann,i2,100"), percent=True)
    assert frame["round"].tolist() == [1, 1]
    assert frame["rating"].tolist() == pytest.approx([0.55, 1])


def test_every_bad_rating_is_told_by_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path, "judge,item_id,rating,round",
        "Ann,i1,.5,1", ",i1,.5,1", "Ann,,.5,1", "Ann,i2,much,1", "Ann,i3,55,1", "Ann,i4,-.1,1", "Ann,i5,.5,first",
        "Ann,i6,.5,1.5", "Ann,i1,.6,1", "Ann,i7,nan,1", "Bo,i1,.7,1",
    )  # fmt: skip
    assert refusal(lambda: read_ratings(path), path) == [
        "3: 'judge' is empty. Fill it in.",
        "4: 'item_id' is empty. Fill it in.",
        "5: 'rating' is 'much'. Write a number.",
        "6: 'rating' is 55. Write a number from 0 to 1, or declare percentages.",
        "7: 'rating' is -.1. Write a number from 0 to 1.",
        "8: 'round' is 'first'. Write a number.",
        "9: 'round' is '1.5'. Write 1, 2 and so on.",
        f"10: judge 'Ann', item_id 'i1', round '1' stands at {path}:2 already. Keep one of the rows.",
        "11: 'rating' is 'nan'. Write a number.",
    ]


def test_the_same_item_may_stand_in_two_areas_but_an_area_may_not_be_empty(tmp_path: Path) -> None:
    good = written(tmp_path, "judge,item_id,rating,content_area", "Ann,i1,.5,x", "Ann,i1,.6,y")
    assert read_ratings(good)["content_area"].tolist() == ["x", "y"]
    bad = written(tmp_path, "judge,item_id,rating,content_area", "Ann,i1,.5,x", "Ann,i1,.6,")
    assert refusal(lambda: read_ratings(bad), bad) == ["3: 'content_area' is empty. Fill it in."]


@pytest.mark.parametrize(
    ("read", "head"),
    [
        (read_ratings, "judge,item_id"),
        (read_bookmarks, "judge,round"),
        (read_cuts_and_shares, "judge,min_cut,max_cut"),
        (read_scores, "attempt_id"),
        (read_item_parameters, "item_id,a"),
        (read_p_values, "item_id"),
        (read_cuts, "area,method"),
    ],
)
def test_a_missing_column_or_an_empty_file_is_told(read: Callable[[Path], object], head: str, tmp_path: Path) -> None:
    path = written(tmp_path, head, "a,b,c")
    (said,) = refusal(lambda: read(path), path)
    assert said.startswith("1: ")
    assert "needed are" in said
    path.write_text("")
    assert "needed are" in refusal(lambda: read(path), path)[0]


def test_the_columns_that_are_missing_are_named_one_or_several(tmp_path: Path) -> None:
    path = written(tmp_path, "judge,item_id", "Ann,i1")
    needed = "needed are judge, item_id, rating."
    assert refusal(lambda: read_ratings(path), path) == [f"1: the column rating is missing; {needed}"]
    path = written(tmp_path, "judge", "Ann")
    assert refusal(lambda: read_ratings(path), path) == [f"1: the columns item_id, rating are missing; {needed}"]


@pytest.mark.parametrize("read", [read_ratings, read_cuts_and_shares, read_scores, read_item_parameters])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_file_with_another_separator_is_told_what_was_found(
    read: Callable[[Path], object], separator: str, tmp_path: Path
) -> None:
    head = separator.join(["judge", "item_id", "rating"])
    path = written(tmp_path, head, separator.join(["Ann", "i1", ".5"]))
    (said,) = refusal(lambda: read(path), path)
    assert said.endswith(f" Found: '{head}'. Separate columns by commas.")
    assert "needed are" in said


def test_a_sheet_with_a_head_alone_and_a_file_that_is_no_text_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "judge,item_id,rating")
    assert refusal(lambda: read_ratings(path), path) == ["has no rows, only a head."]
    path.write_bytes(b"judge,item_id,rating\nAnn,\xff,.5\n")
    assert "cannot be read as UTF-8 CSV" in refusal(lambda: read_ratings(path), path)[0]
    parquet = tmp_path / "sheet.parquet"
    parquet.write_bytes(b"no parquet")
    assert "cannot be read" in refusal(lambda: read_ratings(parquet), parquet)[0]


def test_parquet_reads_as_csv_does(tmp_path: Path) -> None:
    path = tmp_path / "sheet.parquet"
    frame = pd.DataFrame({"judge": ["Ann", "Bo"], "item_id": ["i1", "i1"], "rating": [0.5, math.nan], "round": [1, 2]})
    frame.to_parquet(path)
    pd.testing.assert_frame_equal(read_ratings(path), frame, check_dtype=False)


def test_whole_numbers_with_gaps_and_values_that_are_no_number_read_from_parquet_as_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "sheet.parquet"
    pq.write_table(pa.table({"judge": ["Ann", "Bo"], "page_item_id": pa.array([2, None])}), path)
    pages = read_bookmarks(path)["page_item_id"]
    assert pages.dropna().tolist() == ["2"]
    assert pages.isna().tolist() == [False, True]
    columns = {"judge": ["Ann", "Bo"], "item_id": [1, 1], "rating": [0.5, math.nan]}
    pq.write_table(pa.table(columns), path)
    assert read_ratings(path)["rating"].tolist() == pytest.approx([0.5, math.nan], nan_ok=True)


def test_a_bookmark_that_was_not_set_is_missing_and_a_second_one_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "judge,page_item_id,round", "Ann,i1,1", "Bo,,1", "Ann,i2,2")
    frame = read_bookmarks(path)
    assert frame["page_item_id"].isna().tolist() == [False, True, False]
    path = written(tmp_path, "judge,page_item_id", "Ann,i1", "Ann,i2")
    assert refusal(lambda: read_bookmarks(path), path) == [
        f"3: judge 'Ann', round '1' stands at {path}:2 already. Keep one of the rows."
    ]


def test_ranges_or_points_of_cut_and_share_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "judge,min_cut,max_cut,lowest_share_below,highest_share_below", "Ann,55,70,5,20")
    frame = read_cuts_and_shares(path, percent=True)
    assert frame.iloc[0, 1:].tolist() == pytest.approx([0.55, 0.7, 0.05, 0.2])
    path = written(tmp_path, "judge,cut,share_below,cut_uncertainty,share_uncertainty", "Ann,.6,.1,.05,.1")
    assert read_cuts_and_shares(path).iloc[0, 1:].tolist() == [0.6, 0.1, 0.05, 0.1]
    path = written(tmp_path, "judge,cut,share_below", "Ann,.6,.1")
    assert list(read_cuts_and_shares(path)) == ["judge", "cut", "share_below"]


def test_a_range_that_is_upside_down_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path, "judge,min_cut,max_cut,lowest_share_below,highest_share_below", "Ann,.7,.6,.1,.2", "Bo,.6,.7,.3,.2"
    )
    assert refusal(lambda: read_cuts_and_shares(path), path) == [
        "2: 'min_cut' is above 'max_cut'. Exchange them.",
        "3: 'lowest_share_below' is above 'highest_share_below'. Exchange them.",
    ]


def test_scores_are_proportions_or_numbers_right_of_so_many(tmp_path: Path) -> None:
    path = written(tmp_path, "attempt_id,score", "1,7", "2,10")
    assert read_scores(path, items=10)["score"].tolist() == [0.7, 1]
    assert read_scores(path, items=10)["items"].tolist() == [10, 10]
    assert refusal(lambda: read_scores(path), path) == [
        "2: 'score' is 7. Give proportions right, or say how many items there are.",
        "3: 'score' is 10. Give proportions right, or say how many items there are.",
    ]
    assert refusal(lambda: read_scores(path, items=8), path) == ["3: 'score' is 10. Write a number from 0 to 8."]


def test_proportions_stay_proportions_though_the_number_of_items_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "attempt_id,score,items,content_area", "1,.7,10,x", "1,1,12,y")
    assert read_scores(path, items=10)["score"].tolist() == [0.7, 1]
    assert read_scores(path)["items"].tolist() == [10, 12]


def test_scores_of_no_items_or_of_a_part_of_one_are_told_by_their_line(tmp_path: Path) -> None:
    path = written(
        tmp_path, "attempt_id,score,items", "1,.7,0", "2,.7,20.5", "3,.7,-1", "4,.7,many", "5,.7,20.0", "6,.7,"
    )
    assert refusal(lambda: read_scores(path), path) == [
        "2: 'items' is 0. Write a whole number from 1.",
        "3: 'items' is 20.5. Write a whole number from 1.",
        "4: 'items' is -1. Write a whole number from 1.",
        "5: 'items' is 'many'. Write a number.",
    ]


def test_item_parameters_and_proportions_right_are_read_and_bad_ones_told(tmp_path: Path) -> None:
    path = written(tmp_path, "item_id,a,b,c", "i1,1.2,-.5,.2", "i2,.8,1,")
    assert read_item_parameters(path).to_numpy()[1].tolist() == [0.8, 1, 0]
    path = written(tmp_path, "item_id,a,b,c", "i1,0,-.5,0", "i2,1,,0", "i3,1,0,1")
    assert refusal(lambda: read_item_parameters(path), path) == [
        "2: 'a' is 0. An item of a panel's booklet needs an a above 0.",
        "3: 'b' is empty. Fill it in.",
        "4: 'c' is 1. Write a number from 0 to below 1.",
    ]
    path = written(tmp_path, "item_id,p_value", "i1,.7", "i2,")
    assert read_p_values(path).tolist() == pytest.approx([0.7, math.nan], nan_ok=True)


def test_a_decimal_comma_is_told_and_never_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("judge,item_id,rating\nAnn,i1,0.5\nAnn,i2,0,5\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"ratings.csv:3: has more cells than the head has columns. Write decimals with"):
        read_ratings(path)
