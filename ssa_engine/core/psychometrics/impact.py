"""What a policy would do before anyone sits it: forms × abilities × policy, simulated many times over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.errors import Invalid
from ssa_engine.core.form_assembly import Form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import PRESCRIBE, PRESCRIBE_HALF, prescribe
from ssa_engine.core.psychometrics.simulate import Population, draw_abilities, generating_parameters
from ssa_engine.core.scoring import area_frame

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
AREA_MEASURES = (
    "prescribed_share",
    "need_share",
    "needless_share",
    "missed_share",
    "retest_same_share",
    "retest_kappa",
    "mean_credits",
    "needless_credits",
)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
TOTAL_MEASURES = (
    "mean_credits",
    "sd_credits",
    *(f"q{round(100 * quantile):02d}_credits" for quantile in QUANTILES),
    "any_credits_share",
    "mean_areas_prescribed",
    "mean_areas_needless",
    "mean_areas_missed",
    "retest_same_profile_share",
    "retest_sd_credits",
    "retest_correlation",
)


@dataclass(frozen=True, eq=False)
class Impact:
    """What a policy did to simulated candidates, averaged over replications."""

    areas: pd.DataFrame
    """`content_area`, `measure`, `value`, `mc_se`, `note`; the measures are explained at `simulate_impact`."""
    total: pd.DataFrame
    """`measure`, `value`, `mc_se`, `note`."""
    candidates: int
    replications: int


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The scored items of one form, or all items of the bank: parameters, and the area of each by number."""

    a: Floats
    b: Floats
    area: npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Setup:
    """All that a replication needs."""

    policy: Policy
    areas: tuple[str, ...]
    forms: tuple[_Sheet, ...]
    domain: _Sheet
    candidates: int
    population: Population


def simulate_impact(
    bank: ItemBank,
    forms: Sequence[Form],
    policy: Policy,
    *,
    candidates: int,
    replications: int,
    seed: int,
    population: Population | None = None,
    processes: int = 1,
) -> Impact:
    """Simulate what a policy would do.

    Each replication draws candidates with the generating model of `simulate.py` (correlated normal area abilities,
    2PL), lets each sit one form and then, as a retest, the next, marks by the model, scores and prescribes by the
    policy. What a candidate is expected to get right of the area's whole active bank, counting items left unanswered,
    is the true score; a need is a true score below the standard.

    Parameters
    ----------
    bank : ItemBank
    forms : sequence of Form
        Taken in turn; the same in every replication, so the errors hold for these forms.
    policy : Policy
    candidates : int
        In each replication, at least 2.
    replications : int
    seed : int
        Replication r has the r-th child of `SeedSequence(seed)`, so more processes change nothing and more replications
        only add.
    population : Population, optional
    processes : int
        How many to work in; 1 stays in this one.

    Returns
    -------
    Impact
        Of each area: `prescribed_share`, `need_share`; `needless_share` (prescribed and no need) and `missed_share`
        (need and not prescribed), both of all candidates; `retest_same_share` and `retest_kappa` (Cohen 1960, Educ.
        Psychol. Meas. 20:37-46) of the two sittings; `mean_credits`; `needless_credits`, the mean of credits given
        without need. Of the total: mean, SD and quantiles of credits; `any_credits_share`; numbers of areas prescribed,
        needless, missed; `retest_same_profile_share` (all areas decided alike); `retest_sd_credits` =
        sqrt(mean(difference^2) / 2); `retest_correlation`. `mc_se` = SD over replications / sqrt(replications).

    Raises
    ------
    Invalid
        If a number is too small, there is no form, or an area on the forms has no standard.
    """
    if candidates < 2 or replications < 1 or processes < 1 or not forms:
        raise Invalid("A simulation needs at least 2 candidates, 1 replication, 1 process and 1 form.")
    setup = _set_up(bank, forms, policy, candidates, seed, population or Population())
    children = np.random.SeedSequence(seed).spawn(replications)
    found = list(_replications(setup, children, processes))
    by_area, total = np.array([area for area, _ in found]), np.array([each for _, each in found])
    areas = pd.concat(
        [_averaged(by_area[:, :, at], AREA_MEASURES).assign(content_area=area) for at, area in enumerate(setup.areas)],
        ignore_index=True,
    )
    columns = ["measure", "value", "mc_se", "note"]
    return Impact(
        areas[["content_area", *columns]], _averaged(total, TOTAL_MEASURES)[columns], candidates, replications
    )


def _set_up(
    bank: ItemBank, forms: Sequence[Form], policy: Policy, candidates: int, seed: int, population: Population
) -> _Setup:
    """Gather the parameters of all items by form and area."""
    scored = [[place for place in form.items if place.scored] for form in forms]
    seen = {place.content_area for places in scored for place in places}
    without = sorted(seen - set(policy.standards))
    if without:
        raise Invalid(f"The policy has no standard for: {', '.join(without)}.")
    areas = tuple(area for area in bank.spec.area_names if area in seen)
    parameters = generating_parameters(bank, seed, population.easiness)

    def sheet(items: list[tuple[str, str]]) -> _Sheet:
        own = parameters.loc[[item_id for item_id, _ in items]]
        area = np.array([areas.index(name) for _, name in items], dtype=np.intp)
        return _Sheet(own["a"].to_numpy(), own["b"].to_numpy(), area)

    active = [(item.id, bank.area_of(item)) for item in bank.items if item.status == "active"]
    return _Setup(
        policy,
        areas,
        tuple(sheet([(place.item_id, place.content_area) for place in places]) for places in scored),
        sheet([(item_id, area) for item_id, area in active if area in seen]),
        candidates,
        population,
    )


def _replications(
    setup: _Setup, children: Sequence[np.random.SeedSequence], processes: int
) -> Iterator[tuple[Floats, Floats]]:
    """Yield area measures (measures, areas) and total measures of each replication, in order."""
    if processes == 1:
        yield from (_replicate(setup, child) for child in children)
        return
    each = -(-len(children) // (4 * processes))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_replicate, [setup] * len(children), children, chunksize=each)


def _replicate(setup: _Setup, child: np.random.SeedSequence) -> tuple[Floats, Floats]:
    random = np.random.default_rng(child)
    theta = draw_abilities(random, setup.candidates, len(setup.areas), setup.population.correlation)
    need = _true_scores(setup, theta) < np.array([setup.policy.standards[area] for area in setup.areas])
    prescribed, credits = _sit(setup, theta, random, first=0)
    again, credits_again = _sit(setup, theta, random, first=1)
    return (
        _area_measures(need, prescribed, again, credits),
        _total_measures(need, prescribed, again, credits.sum(axis=1), credits_again.sum(axis=1)),
    )


def _true_scores(setup: _Setup, theta: Floats) -> Floats:
    """Return the expected proportion right of all active items of each area: candidates × areas."""
    domain, scores = setup.domain, np.empty(theta.shape)
    for area in range(theta.shape[1]):
        own = domain.area == area
        scores[:, area] = expit(domain.a[own] * (theta[:, [area]] - domain.b[own])).mean(axis=1)
    return scores * (1 - setup.population.omission)


def _sit(setup: _Setup, theta: Floats, random: np.random.Generator, *, first: int) -> tuple[Flags, Floats]:
    """Let everybody sit a form, beginning with form `first`; return what is prescribed and the credits, by area."""
    shape = theta.shape
    correct, items = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    turn = (np.arange(shape[0]) + first) % len(setup.forms)
    for number, form in enumerate(setup.forms):
        rows = np.flatnonzero(turn == number)
        right = expit(form.a * (theta[np.ix_(rows, form.area)] - form.b)) * (1 - setup.population.omission)
        member = np.equal.outer(form.area, np.arange(shape[1])).astype(float)
        correct[rows] = np.rint((random.random(right.shape) < right) @ member)
        items[rows] = member.sum(axis=0)
    seen = np.flatnonzero(items.ravel())
    standards = np.array([setup.policy.standards[area] for area in setup.areas])
    scored = area_frame(
        attempt_id=seen // shape[1],
        content_area=pd.Categorical.from_codes(seen % shape[1], categories=pd.Index(setup.areas)),
        items=items.ravel()[seen],
        correct=correct.ravel()[seen],
        points=correct.ravel()[seen].astype(float),
        standard=standards[seen % shape[1]],
        prior=setup.policy.true_score_prior,
    )
    told = prescribe(scored, setup.policy)
    by_decision = told["decision"].isin([PRESCRIBE, PRESCRIBE_HALF]) if "decision" in told else told["below_standard"]
    prescribed, credits = np.zeros(shape, dtype=bool), np.zeros(shape)
    prescribed.ravel()[seen], credits.ravel()[seen] = by_decision.to_numpy(dtype=bool), told["credits"].to_numpy()
    return prescribed, credits


def _area_measures(need: Flags, prescribed: Flags, again: Flags, credits: Floats) -> Floats:
    """Return measures × areas, in the order of AREA_MEASURES."""
    same, first, second = (prescribed == again).mean(axis=0), prescribed.mean(axis=0), again.mean(axis=0)
    chance = first * second + (1 - first) * (1 - second)
    kappa = np.divide(same - chance, 1 - chance, out=np.full(len(same), np.nan), where=chance < 1)
    return np.array(
        [
            first,
            need.mean(axis=0),
            (prescribed & ~need).mean(axis=0),
            (need & ~prescribed).mean(axis=0),
            same,
            kappa,
            credits.mean(axis=0),
            np.where(need, 0.0, credits).mean(axis=0),
        ]
    )


def _total_measures(need: Flags, prescribed: Flags, again: Flags, credits: Floats, credits_again: Floats) -> Floats:
    """Return measures in the order of TOTAL_MEASURES."""
    both = credits.std() * credits_again.std()
    covariance = float(np.mean((credits - credits.mean()) * (credits_again - credits_again.mean())))
    return np.array(
        [
            credits.mean(),
            credits.std(ddof=1),
            *np.quantile(credits, QUANTILES),
            (credits > 0).mean(),
            prescribed.sum(axis=1).mean(),
            (prescribed & ~need).sum(axis=1).mean(),
            (need & ~prescribed).sum(axis=1).mean(),
            (prescribed == again).all(axis=1).mean(),
            np.sqrt(np.mean((credits - credits_again) ** 2) / 2),
            covariance / both if both > 0 else np.nan,
        ]
    )


def _averaged(values: Floats, measures: Sequence[str]) -> pd.DataFrame:
    """Return the mean over replications of each measure with its Monte Carlo standard error."""
    rows = []
    for measure, column in zip(measures, values.T, strict=True):
        there = column[np.isfinite(column)]
        lost = len(column) - len(there)
        notes = [f"No value in {lost} of {len(column)} replications: nothing varied there."] if lost else []
        notes += ["One replication, so its Monte Carlo error is unknown."] if len(there) == 1 else []
        se = there.std(ddof=1) / np.sqrt(len(there)) if len(there) > 1 else np.nan
        rows.append((measure, there.mean() if len(there) else np.nan, se, " ".join(notes)))
    return pd.DataFrame(rows, columns=["measure", "value", "mc_se", "note"])
