"""What a set of standards does to marked responses: a table by area and method, and one over all cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.decisions import classification as methods
from ssa_engine.core.psychometrics.decisions.area_groups import AreaGroup, Samples, as_they_are, drawn_again
from ssa_engine.core.psychometrics.decisions.beta_binomial import (
    ONE_POINT,
    TWO_POINTS,
    UNDEFINED,
    Array,
    CutProbabilities,
)
from ssa_engine.core.psychometrics.decisions.classification import Classification, Estimate, classify, pool, sweep
from ssa_engine.core.psychometrics.decisions.decision_cautions import (
    bootstrap_limits,
    few_attempts,
    mean_of_known,
)
from ssa_engine.core.psychometrics.decisions.irt_decisions import lee, rudner, theta_at
from ssa_engine.core.scoring import needed

Groups = Mapping[str, Sequence[AreaGroup]]
LEE, RUDNER = "Lee", "Rudner"
FEWEST = 2
"""Items, and attempts, that a beta-binomial needs."""


ONE_SIDE = "Everybody falls on one side of the cut, so kappa has no meaning."
NO_TRUE_VARIANCE = (
    "The scores vary no more than errors of measurement would make them, so all true scores are put at their mean."
)
AT_THE_ENDS = "The scores lie at both ends only, so the true scores are put at 0 and 1."
GIVEN_ITEMS = "From item parameters and theta ~ N(0, 1), so attempts give no interval."
NO_ERROR = "The reliability is 1: there is no error to compute with."
NO_MOMENTS = "These scores and their reliability leave the spread of true scores undefined: there is no estimate."


def area_table(
    groups: Groups,
    standards: Mapping[str, float],
    *,
    items: pd.DataFrame | None = None,
    replications: int = 1000,
    seed: int = 0,
    by: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the decisions of each area by each method, a row each.

    Parameters
    ----------
    groups : mapping
        As `area_groups.area_groups` returns them. Attempts with other numbers of items are computed apart, and the
        shares weighted by attempts.
    standards : mapping
        Proportion correct of each area.
    items : DataFrame, optional
        Index `item_id`; columns `a`, `b` and perhaps `c`: adds Lee's and Rudner's rows.
    replications, seed : int
        Bootstrap samples of attempts, and their seed.
    by : sequence of str, optional
        Those of the three methods from scores that are wanted; a method's row is the same beside others and alone.

    Returns
    -------
    DataFrame
        `content_area`, `attempts`, `items` (mean number), `standard` (proportion), `cut` (items needed; mean), `mean`
        and `sd` of the proportion correct (divisor N - 1), `reliability` (KR-21 for the beta-binomial; else alpha, or
        KR-21 where attempts had different items; missing for Lee and Rudner, and where everybody has the same score),
        `method`, `fit`, `accuracy`, `consistency`, `kappa`, `below_share` (of the attempts), `needless_ce` (share of
        all that is scored below and truly at or above), `missed_need` (scored at or above and truly below), the ends
        of their 95 % bootstrap intervals `_low` and `_high` (percentiles), `note` (why a figure is missing, or is to
        be read with care: few attempts).
    """
    rows: list[dict[str, object]] = []
    for index, (area, parts) in enumerate(groups.items()):
        start = _described(parts, standards[area])
        for name, method in _BETA_METHODS.items():
            if by is not None and name not in by:
                continue
            random = np.random.default_rng([seed, index])
            rows.append(start | {"method": name} | _by_sample(parts, standards[area], method, replications, random))
        if items is not None:
            rows += [start | row for row in _by_items(parts, standards[area], items)]
    return pd.DataFrame(rows, columns=list(_AREA_COLUMNS))


_AREA_COLUMNS = (
    *("content_area", "attempts", "items", "standard", "cut", "mean", "sd", "reliability", "method", "fit"),
    *("accuracy", "consistency", "kappa", "below_share", "needless_ce", "needless_ce_low", "needless_ce_high"),
    *("missed_need", "missed_need_low", "missed_need_high", "note"),
)
_Method = Callable[[Samples, int, float], Estimate]
_BETA_METHODS: dict[str, _Method] = {
    methods.BETA_BINOMIAL: lambda s, cut, true_cut: methods.beta_binomial(s.frequencies, cut=cut, true_cut=true_cut),
    methods.LIVINGSTON_LEWIS: lambda s, cut, true_cut: methods.livingston_lewis(
        s.frequencies, s.reliability, cut=cut, true_cut=true_cut
    ),
    methods.HANSON_BRENNAN: lambda s, cut, true_cut: methods.hanson_brennan(
        s.frequencies, s.reliability, cut=cut, true_cut=true_cut
    ),
}


def _described(parts: Sequence[AreaGroup], standard: float) -> dict[str, object]:
    """Return what an area's attempts are like, whatever the method."""
    sizes = [len(part) for part in parts]
    scores = np.concatenate([part.correct / part.items for part in parts])
    below = np.concatenate([part.correct < needed(standard, part.items) for part in parts])
    return {
        "content_area": parts[0].content_area,
        "attempts": len(scores),
        "items": float(np.average([part.items for part in parts], weights=sizes)),
        "standard": standard,
        "cut": float(np.average([needed(standard, part.items) for part in parts], weights=sizes)),
        "mean": float(scores.mean()),
        "sd": float(scores.std(ddof=1)) if len(scores) > 1 else np.nan,
        "below_share": float(below.mean()),
    }


def usable(parts: Sequence[AreaGroup]) -> tuple[list[AreaGroup], list[str]]:
    """Return the groups that a beta-binomial can be fitted to, and what is said of the others."""
    used = [part for part in parts if part.items >= FEWEST and len(part) >= FEWEST]
    left = [part for part in parts if part not in used]
    notes = [
        f"{len(part)} {'attempt' if len(part) == 1 else 'attempts'} with {part.items} "
        f"{'item' if part.items == 1 else 'items'} left out: two attempts and two items are needed to tell error from "
        "differences."
        for part in left
    ]
    if len(used) > 1:
        told = ", ".join(f"{part.items} items ({len(part)} attempts)" for part in used)
        notes.append(f"Lengths computed apart and weighted by attempts: {told}.")
    return used, notes


def _by_sample(
    parts: Sequence[AreaGroup], standard: float, method: _Method, replications: int, random: np.random.Generator
) -> dict[str, object]:
    """Return a method's figures for one area, with intervals."""
    used, notes = usable(parts)
    if not used:
        return {"note": " ".join(notes)}
    weights = [float(len(part)) for part in used]
    cuts = [needed(standard, part.items) for part in used]
    own = [method(as_they_are(part), cut, standard) for part, cut in zip(used, cuts, strict=True)]
    result = classify(pool([one.probabilities for one in own], weights))
    again = [
        _replicates(part, cut, standard, method, replications, random) for part, cut in zip(used, cuts, strict=True)
    ]
    fits = [str(one.true_scores.fit[0]) for one in own]
    notes += [*few_attempts(used, fits), *_what_varies(used, fits)]
    row: dict[str, object] = {"reliability": mean_of_known([one.reliability[0] for one in own], weights)}
    row["fit"] = "; ".join(dict.fromkeys(fits))
    if np.isfinite(result.accuracy).all():
        limits, lost = bootstrap_limits(np.average(again, axis=0, weights=weights))
        return row | limits | _figures(result, [*notes, *lost])
    return row | _figures(result, [*notes, NO_MOMENTS if UNDEFINED in fits else NO_ERROR])


def _what_varies(parts: Sequence[AreaGroup], fits: Sequence[str]) -> list[str]:
    """Return what is to be said of groups whose true scores do not vary, or lie at the ends."""
    alike = [bool((part.correct == part.correct[0]).all()) for part in parts]
    told = [
        f"Everybody{f' with {part.items} items' if len(parts) > 1 else ''} has the same score, so there is no "
        "reliability, and all true scores are put at their mean."
        for part, same in zip(parts, alike, strict=True)
        if same
    ]
    if any(fit == ONE_POINT and not same for fit, same in zip(fits, alike, strict=True)):
        told.append(NO_TRUE_VARIANCE)
    return [*told, AT_THE_ENDS] if TWO_POINTS in fits else told


def _replicates(
    part: AreaGroup, cut: int, standard: float, method: _Method, replications: int, random: np.random.Generator
) -> Array:
    """Return needless and missed shares of bootstrap samples: (2, replications)."""
    found = [
        classify(method(samples, cut, standard).probabilities) for samples in drawn_again(part, replications, random)
    ]
    return np.array([np.concatenate([getattr(one, name)[:, 0] for one in found]) for name in ("needless", "missed")])


def _figures(result: Classification, notes: Sequence[str]) -> dict[str, object]:
    """Return the columns of a classification at one cut."""
    kappa = result.kappa.item()
    one_side = np.isnan(kappa) and np.isfinite(result.accuracy.item())
    return {
        "accuracy": result.accuracy.item(),
        "consistency": result.consistency.item(),
        "kappa": kappa,
        "needless_ce": result.needless.item(),
        "missed_need": result.missed.item(),
        "note": " ".join([*notes, ONE_SIDE] if one_side else notes),
    }


def _by_items(parts: Sequence[AreaGroup], standard: float, items: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield Lee's and Rudner's figures, over the forms that attempts had, weighted by attempts."""
    forms = [(form, count) for part in parts for form, count in part.forms()]
    lacking = sorted({str(item) for form, _ in forms for item in form if item not in items.index})
    if lacking:
        told = f"Items without parameters: {', '.join(lacking[:3])}{' and others' if len(lacking) > 3 else ''}."
        for name in (LEE, RUDNER):
            yield {"method": name, "note": told}
        return
    weights = [float(count) for _, count in forms]
    for name, one in ((LEE, _lee), (RUDNER, _rudner)):
        try:
            result = classify(pool([one(items.loc[form], standard) for form, _ in forms], weights))
        except Invalid as error:
            yield {"method": name, "note": str(error)}
            continue
        yield {"method": name, "fit": "item parameters"} | _figures(result, [GIVEN_ITEMS])


def _lee(form: pd.DataFrame, standard: float) -> CutProbabilities:
    return lee(form, cuts=[needed(standard, len(form))], true_cuts=[standard * len(form)])


def _rudner(form: pd.DataFrame, standard: float) -> CutProbabilities:
    return rudner(form, theta_cuts=[theta_at(form, standard * len(form))])


def sweep_table(groups: Groups) -> pd.DataFrame:
    """Return the figures of every cut 0 … n by the exact beta-binomial, a row for each area, length and cut.

    Returns
    -------
    DataFrame
        `content_area`, `items`, `attempts`, `cut` (items; the true cut is cut / items), `standard` (cut / items),
        `accuracy`, `consistency`, `kappa`, `needless_ce`, `missed_need` (shares as in `area_table`), `below_share` (of
        these attempts), `note`.
    """
    tables = [_swept(part) for parts in groups.values() for part in parts]
    return pd.concat(tables, ignore_index=True)


def _swept(part: AreaGroup) -> pd.DataFrame:
    cuts = np.arange(part.items + 1)
    shares = np.cumsum(part.frequencies[0]) / len(part)
    table = pd.DataFrame(
        {"content_area": part.content_area, "items": part.items, "attempts": len(part), "cut": cuts}
        | {"standard": cuts / part.items}
        | dict.fromkeys(("accuracy", "consistency", "kappa", "needless_ce", "missed_need"), np.nan)
        | {"below_share": np.concatenate([[0.0], shares[:-1]]), "note": ""}
    )
    used, notes = usable([part])
    if not used:
        return table.assign(note=" ".join(notes))
    fitted = methods.beta_binomial(part.frequencies, cut=0, true_cut=0.0).true_scores
    result = sweep(fitted, part.items)
    fits = [str(fitted.fit[0])]
    told = [*few_attempts(used, fits), *_what_varies(used, fits)]
    kappa = result.kappa[0]
    return table.assign(
        accuracy=result.accuracy[0],
        consistency=result.consistency[0],
        kappa=kappa,
        needless_ce=result.needless[0],
        missed_need=result.missed[0],
        note=[" ".join([*told, ONE_SIDE] if np.isnan(one) else told) for one in kappa],
    )
