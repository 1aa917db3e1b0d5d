"""Differential item functioning by tables: Mantel–Haenszel, ETS classes, standardised p difference, purification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2 as chi_squared
from scipy.stats import norm

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.matrix import ResponseMatrix

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ETS_MODERATE, ETS_LARGE = 1.0, 1.5
"""On the delta scale: from here an item can be B, from here C (Dorans & Holland 1993)."""
FEW = 200
"""With fewer attempts in the smaller group a figure carries a caution (Zwick 2012)."""
PURIFYING_ROUNDS = 50


@dataclass(frozen=True, eq=False, slots=True)
class ScoreTables:
    """Answers by matching score. Attempts with one score have `right` of `presented` items right.

    `counts[item, score, group, answer]`: group 0 is the reference group, 1 the focal group; answer 0 is wrong, 1 right.
    """

    right: npt.NDArray[np.int64]
    presented: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


def score_tables(responses: ResponseMatrix, focal: Flags, anchors: Flags) -> ScoreTables:
    """Count the answers to every item by matching score: items right of those of `anchors` that were presented.

    The studied item is always part of the score, also where it is not one of the anchors (as in Holland & Thayer 1988).
    """
    presented, right = responses.presented, responses.values == 1
    width = int(anchors.sum()) + 2
    base = presented[:, anchors].sum(axis=1) * width + right[:, anchors].sum(axis=1)
    levels = np.unique(np.concatenate([base, base + width, base + width + 1]))
    counts = np.zeros((len(responses.items), len(levels), 2, 2), dtype=np.int64)
    for item in range(len(responses.items)):
        seen = presented[:, item]
        answer = right[seen, item].astype(np.int64)
        score = base[seen] + (0 if anchors[item] else width + answer)
        cells = (np.searchsorted(levels, score) * 2 + focal[seen]) * 2 + answer
        counts[item] = np.bincount(cells, minlength=len(levels) * 4).reshape(-1, 2, 2)
    used = counts.any(axis=(0, 2, 3))
    return ScoreTables(levels[used] % width, levels[used] // width, counts[:, used])


def strata(tables: ScoreTables) -> npt.NDArray[np.int64]:
    """Return `counts[item, stratum, group, answer]` by proportion correct among the items presented.

    The strata of an item are the proportions 0/L, 1/L, …, L/L, where L is the mean number of items in the matching
    score of the attempts that had it, rounded; each attempt goes to the nearest (halves up). Where every attempt had
    as many items, and so with complete data, these are the total scores.
    """
    attempts = tables.counts.sum(axis=(2, 3))
    length = np.rint(attempts @ tables.presented / np.maximum(attempts.sum(axis=1), 1))
    level = np.floor(length[:, None] * tables.right / tables.presented + 0.5 + 1e-9).astype(np.int64)
    width = int(level.max(initial=0)) + 1
    cells = (np.arange(len(level))[:, None] * width + level).ravel()
    flat = tables.counts.reshape(-1, 4)
    summed = [np.bincount(cells, weights=flat[:, cell], minlength=len(level) * width) for cell in range(4)]
    return np.rint(np.stack(summed, axis=-1)).astype(np.int64).reshape(len(level), width, 2, 2)


def mantel_haenszel(counts: npt.NDArray[np.int64], *, correction: bool = True) -> pd.DataFrame:
    """Return Mantel–Haenszel statistics of tables `counts[item, stratum, group, answer]`; one row per item.

    Returns
    -------
    DataFrame
        With A, B the right and wrong answers of the reference group, C, D those of the focal group and T the attempts
        in a stratum of two or more (Mantel & Haenszel 1959, J. Natl. Cancer Inst. 22:719-748; for items Holland &
        Thayer 1988, in Wainer & Braun, Test Validity, 129-145):

        `chi2` = (|Σ(A − E)| − ½)² / ΣV, without the ½ where there is no `correction`; E = (A+B)(A+C)/T and
        V = (A+B)(C+D)(A+C)(B+D) / (T²(T−1)). `difference` = Σ(A − E). `p` on one degree of freedom.
        `alpha` = Σ(AD/T) / Σ(BC/T). `var_log_alpha` = Σ (AD + αBC)(A + D + α(B + C))/T² / (2 (ΣAD/T)²)
        (Phillips & Holland 1987, Biometrics 43:425-431; the same as Robins, Breslow & Greenland 1986, Biometrics
        42:311-323). Missing where a divisor is 0 or alpha is not finite and positive.

    Notes
    -----
    The correction is taken as printed by Holland and Thayer and done by R's difR: a difference below ½ is squared all
    the same. (R's mantelhaen.test gives 0 there.)
    """
    shaped = counts.astype(float)
    b, a, d, c = (shaped[..., 0, 0], shaped[..., 0, 1], shaped[..., 1, 0], shaped[..., 1, 1])
    total = a + b + c + d
    use = total > 1
    t = np.where(use, total, 2.0)
    difference = np.where(use, a - (a + b) * (a + c) / t, 0.0).sum(axis=-1)
    variance = np.where(use, (a + b) * (c + d) * (a + c) * (b + d) / (t**2 * (t - 1)), 0.0).sum(axis=-1)
    chi2 = _ratio((np.abs(difference) - (0.5 if correction else 0.0)) ** 2, variance)
    for_reference = np.where(use, a * d / t, 0.0).sum(axis=-1)
    for_focal = np.where(use, b * c / t, 0.0).sum(axis=-1)
    alpha = np.where(for_reference > 0, _ratio(for_reference, for_focal), np.nan)
    odds = alpha[:, None]
    spread = np.where(use, (a * d + odds * b * c) * (a + d + odds * (b + c)) / t**2, 0.0).sum(axis=-1)
    return pd.DataFrame(
        {
            "chi2": chi2,
            "p": chi_squared.sf(chi2, 1),
            "difference": difference,
            "alpha": alpha,
            "var_log_alpha": _ratio(spread, 2 * for_reference**2),
        }
    )


def ets_class(delta: Floats, delta_se: Floats, level: float = 0.05) -> npt.NDArray[np.object_]:
    """Return the ETS class of each item; None where delta is missing.

    A: |delta| below 1, or not different from 0 at `level` (two-sided). C: |delta| at least 1.5 and more than 1 at
    `level` (one-sided). B: the others. (Dorans & Holland 1993, in Holland & Wainer, Differential Item Functioning,
    35-66; Zwick 2012, ETS Research Report 12-08.)
    """
    size = np.abs(delta)
    known = ~np.isnan(size) & ~np.isnan(delta_se)
    safe, se = np.where(known, size, 0.0), np.where(known, delta_se, 1.0)
    negligible = (safe < ETS_MODERATE) | (safe < norm.ppf(1 - level / 2) * se)
    large = (safe >= ETS_LARGE) & (safe - ETS_MODERATE > norm.ppf(1 - level) * se)
    named = np.where(negligible, "A", np.where(large, "C", "B")).astype(object)
    named[~known] = None
    return named


def standardised_p_difference(counts: npt.NDArray[np.int64]) -> Floats:
    """Return the focal group's proportion correct less the reference group's, at equal score.

    Σ n_F (P_F − P_R) / Σ n_F over strata with both groups, weighted by the focal group's attempts (Dorans & Kulick
    1986, J. Educ. Meas. 23:355-368). Missing where no stratum has both.
    """
    attempts = counts.sum(axis=3)
    both = (attempts > 0).all(axis=2)
    shares = counts[..., 1] / np.maximum(attempts, 1)
    weights = np.where(both, attempts[..., 1], 0)
    return _ratio((weights * (shares[..., 1] - shares[..., 0])).sum(axis=1), weights.sum(axis=1).astype(float))


def mantel_haenszel_dif(
    responses: ResponseMatrix,
    focal: Flags,
    *,
    correction: bool = True,
    purify: bool = False,
    anchors: Flags | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Return Mantel–Haenszel DIF of every item.

    Parameters
    ----------
    responses : ResponseMatrix
        Attempts × items; the attempts of the two groups (`two_groups`).
    focal : array of bool, one per attempt
        Which attempts are in the focal group.
    correction : bool
        Whether to take the continuity correction.
    purify : bool
        Leave flagged items out of the matching score and test again, until the flagged ones stay the same.
    anchors : array of bool, one per item
        Which items may be in the matching score (default: all; pilots should not).
    level : float
        Significance level.

    Returns
    -------
    DataFrame
        Index `item_id`; `n_reference`, `n_focal`, `chi2`, `p`, `alpha` (odds ratio; above 1 favours the reference
        group), `var_log_alpha`, `delta` = −2.35 ln alpha (below 0: harder for the focal group), `delta_se`,
        `ets_class`, `std_p_diff`, `flagged` (p below `level`), `anchor` (was in the matching score), `note`.

    Raises
    ------
    Invalid
        If a group is empty or no item can be in the matching score.
    """

    def analyse(using: Flags) -> tuple[pd.DataFrame, Flags]:
        counts = strata(score_tables(responses, focal, using))
        found = _dif_frame(counts, correction=correction, level=level)
        return found, found["flagged"].to_numpy(dtype=bool)

    frame = purified(analyse, start_anchors(responses, focal, anchors), purify=purify)
    return frame.set_axis(responses.items).rename_axis("item_id")


def _dif_frame(counts: npt.NDArray[np.int64], *, correction: bool, level: float) -> pd.DataFrame:
    frame = mantel_haenszel(counts, correction=correction)
    delta = -2.35 * np.log(frame["alpha"].to_numpy())
    delta_se = 2.35 * np.sqrt(frame["var_log_alpha"].to_numpy())
    difference = frame.pop("difference").abs().to_numpy()
    # A sum that lies within the correction of what was expected is no evidence, however small its variance.
    within = (difference < 0.5) & (frame["p"].to_numpy() < level) & correction
    answers = counts.sum(axis=1)
    frame.insert(0, "n_reference", answers[:, 0].sum(axis=1))
    frame.insert(1, "n_focal", answers[:, 1].sum(axis=1))
    notes = presence_notes(answers)
    untestable = "No score level has both groups and both right and wrong answers, so the groups cannot be compared."
    one_sided = "All differences go one way, so the odds ratio is 0 or infinite and has no delta."
    inside = "The difference is smaller than the continuity correction, so the item is not flagged."
    notes = np.where((notes == "") & frame["chi2"].isna(), untestable, notes)
    notes = np.where((notes == "") & frame["alpha"].isna(), one_sided, notes)
    notes = np.where((notes == "") & within, inside, notes)
    return frame.assign(
        delta=delta,
        delta_se=delta_se,
        ets_class=ets_class(delta, delta_se, level),
        std_p_diff=standardised_p_difference(counts),
        flagged=(frame["p"] < level).to_numpy() & ~within,
        note=with_caution(notes, answers),
    )


def start_anchors(responses: ResponseMatrix, focal: Flags, anchors: Flags | None) -> Flags:
    """Return the items of the first matching score, once sure that there is something to compare."""
    if not focal.any() or focal.all():
        raise Invalid("One of the two groups is empty. Compare two groups that both have attempts.")
    using = np.ones(len(responses.items), dtype=np.bool_) if anchors is None else np.asarray(anchors, dtype=np.bool_)
    if not using.any():
        raise Invalid("No item may be in the matching score. Name at least one scored item.")
    return using


def purified(analyse: Callable[[Flags], tuple[pd.DataFrame, Flags]], anchors: Flags, *, purify: bool) -> pd.DataFrame:
    """Return what `analyse` finds; with `purify`, once the items it flags are those left out of the matching score.

    Every round tests all items and starts from all of `anchors`, less those flagged in the round before (Holland &
    Thayer 1988 in one step; repeated as in Candell & Drasgow 1988, Appl. Psychol. Meas. 12:253-260).
    """
    using, said = anchors, ""
    frame, flagged = analyse(using)
    for _ in range(PURIFYING_ROUNDS if purify else 0):
        clean = anchors & ~flagged
        if (clean == using).all():
            break
        if not clean.any():
            said = "Purification stopped: it would have left no item to match on."
            break
        using = clean
        frame, flagged = analyse(using)
    else:
        said = f"Purification did not settle in {PURIFYING_ROUNDS} rounds." if purify else ""
    notes = [" ".join(part for part in (note, said) if part) for note in frame["note"]]
    return frame.assign(anchor=using, note=notes)


def presence_notes(answers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Say of each item (`answers[item, group, answer]`) who did not have it, or that all answers are alike."""
    reference, focal = (answers[:, group].sum(axis=1) == 0 for group in (0, 1))
    wrong, right = (answers[:, :, answer].sum(axis=1) == 0 for answer in (0, 1))
    return np.select(
        [reference & focal, reference, focal, wrong, right],
        [
            "Nobody had this item.",
            "Nobody in the reference group had this item.",
            "Nobody in the focal group had this item.",
            "Everybody has this item right, so the groups cannot differ in it.",
            "Nobody has this item right, so the groups cannot differ in it.",
        ],
        default="",
    ).astype(object)


def with_caution(notes: npt.NDArray[np.object_], answers: npt.NDArray[np.int64]) -> list[str]:
    """Add, where an item could be tested, that a group is small."""
    smaller = answers.sum(axis=2).min(axis=1)
    few = [f"Only {count} attempts in the smaller group: read with care." for count in smaller]
    return [
        f"{note} {caution}".strip() if 0 < count < FEW else str(note)
        for note, caution, count in zip(notes, few, smaller, strict=True)
    ]


def _ratio(over: Floats, under: Floats) -> Floats:
    """Return over / under, missing where `under` is not above 0."""
    return np.asarray(np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0))
