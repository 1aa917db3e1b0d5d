"""The probability that a true area score lies below its standard: beta-binomial with a prior fitted to the cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betainc, betaln, digamma, expit, gammaln, logit, ndtr
from scipy.stats import betabinom

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.subscores.estimates import Subscores, estimated_subscores, moments_of

Floats = npt.NDArray[np.float64]
Method = Literal["likelihood", "moments"]

WEAKEST, STRONGEST = 1e-2, 1e6
"""Bounds of alpha + beta: below, everybody knows all or nothing; above, all true scores are one."""
FEW = 30
"""With fewer attempts than this a fitted prior says little about the next cohort."""
TOLERANCE = 1e-9
"""Standards are decimal proportions in binary floats."""


@dataclass(frozen=True, slots=True)
class FittedPrior:
    """A beta prior of the true proportion correct, fitted to the cohort; `note` says what to mind, or is empty.

    `log_likelihood` is that of the beta-binomial with the counts' coefficients, at alpha and beta.
    """

    alpha: float
    beta: float
    log_likelihood: float
    attempts: int
    note: str

    @property
    def mean(self) -> float:
        """Mean of the true scores."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> float:
        """Standard deviation of the true scores."""
        return float(np.sqrt(self.mean * (1 - self.mean) / (self.alpha + self.beta + 1)))


def prior_by_moments(correct: npt.ArrayLike, items: npt.ArrayLike) -> FittedPrior:
    """Fit a beta prior by the mean and the variance of the proportions correct.

    With k items for everybody: alpha = (1/r - 1) mean, beta = (1/r - 1) (k - mean), where r is KR-21 with the
    variance's divisor n - 1 (Keats & Lord 1962, Psychometrika 27:59-72; Huynh 1976, J. Educ. Meas. 13:253-264).
    With different numbers of items: v = m (1 - m) (rho + (1 - rho) h), with m and v the mean and variance of the
    proportions and h the mean of 1/k, is solved for rho = 1 / (alpha + beta + 1), which for equal numbers is the same.

    Parameters
    ----------
    correct : array (N,)
        Number correct of each attempt.
    items : array (N,)
        Number of items of each attempt.

    Returns
    -------
    FittedPrior
        Uniform, with a note, where the data say nothing about the spread of true scores.
    """
    x, k = _counts(correct, items)
    silent = _silent(x, k)
    if silent:
        return _fitted(1.0, 1.0, x, k, silent)
    p, h = x / k, float((1 / k).mean())
    mean, variance = float(p.mean()), float(p.var(ddof=1))
    rho = (variance / (mean * (1 - mean)) - h) / (1 - h)
    strength = 1 / rho - 1 if rho > 0 else np.inf
    return _at(mean, float(strength), x, k)


def prior_by_likelihood(correct: npt.ArrayLike, items: npt.ArrayLike) -> FittedPrior:
    """Fit a beta prior by marginal maximum likelihood: the product of beta-binomial probabilities of the counts.

    Skellam (1948), J. R. Stat. Soc. B 10:257-261. Maximised over the mean and alpha + beta, the latter between
    WEAKEST and STRONGEST. Parameters and returns as for `prior_by_moments`.
    """
    start = prior_by_moments(correct, items)
    x, k = _counts(correct, items)
    if _silent(x, k):
        return start
    cases, counts = np.unique(np.column_stack([x, k]), axis=0, return_counts=True)
    x_of, k_of, weight = cases[:, 0], cases[:, 1], counts / counts.sum()

    def loss(place: npt.NDArray[Any]) -> tuple[float, Floats]:
        mean, strength = expit(place[0]), np.exp(place[1])
        a, b = mean * strength, (1 - mean) * strength
        value = weight @ (betaln(x_of + a, k_of - x_of + b) - betaln(a, b))
        by_sum = digamma(k_of + a + b) - digamma(a + b)
        by_a = weight @ (digamma(x_of + a) - digamma(a) - by_sum)
        by_b = weight @ (digamma(k_of - x_of + b) - digamma(b) - by_sum)
        slope = np.array([(by_a - by_b) * strength * mean * (1 - mean), by_a * a + by_b * b])
        return -float(value), -slope

    place = np.array([logit(start.mean), np.log(min(start.alpha + start.beta, 100.0))])
    bounds = [(-15.0, 15.0), (float(np.log(WEAKEST)), float(np.log(STRONGEST)))]
    found = minimize(loss, place, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10}).x
    return _at(float(expit(found[0])), float(np.exp(found[1])), x, k)


def cohort_priors(area_scores: pd.DataFrame, method: Method = "likelihood") -> pd.DataFrame:
    """Fit a prior to the cohort in each content area.

    Parameters
    ----------
    area_scores : DataFrame
        `content_area`, `items`, `points`, as `scoring.score_areas` returns them.
    method : str
        `likelihood` or `moments`.

    Returns
    -------
    DataFrame
        Index `content_area`; `attempts`, `alpha`, `beta`, `mean`, `sd` (of true scores), `log_likelihood`, `note`.
    """
    fit = {"likelihood": prior_by_likelihood, "moments": prior_by_moments}[method]
    rows = {}
    for area, own in area_scores.groupby("content_area", observed=True, sort=False):
        prior = fit(own["points"].to_numpy(dtype=float), own["items"].to_numpy(dtype=float))
        rows[area] = (prior.attempts, prior.alpha, prior.beta, prior.mean, prior.sd, prior.log_likelihood, prior.note)
    columns = ["attempts", "alpha", "beta", "mean", "sd", "log_likelihood", "note"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("content_area")


def below_by_beta_binomial(area_scores: pd.DataFrame, priors: pd.DataFrame) -> Floats:
    """Return the posterior probability that each true area score lies below its standard.

    P = I_standard(x + alpha, k - x + beta), the regularised incomplete beta function (Novick & Jackson 1974,
    Statistical Methods for Educational and Psychological Research).

    Parameters
    ----------
    area_scores : DataFrame
        `content_area`, `items`, `points`, `standard`.
    priors : DataFrame
        Index `content_area`; `alpha`, `beta`, as `cohort_priors` returns them.

    Returns
    -------
    array (one entry per row)
    """
    a, b = _priors_of(area_scores, priors)
    x, k = area_scores["points"].to_numpy(dtype=float), area_scores["items"].to_numpy(dtype=float)
    return np.asarray(betainc(x + a, k - x + b, area_scores["standard"].to_numpy(dtype=float)))


def predicted_below(area_scores: pd.DataFrame, priors: pd.DataFrame, items: npt.NDArray[np.integer] | Floats) -> Floats:
    """Return the probability that a further score on `items` more items will be below the standard.

    Posterior predictive beta-binomial: P(y < ceil(standard items) | x). What `calibration` needs for held-out items,
    of which the score is known and the true score isn't. Parameters as for `below_by_beta_binomial`, and `items`
    (one entry per row): number of held-out items.
    """
    a, b = _priors_of(area_scores, priors)
    x, k = area_scores["points"].to_numpy(dtype=float), area_scores["items"].to_numpy(dtype=float)
    cut = np.ceil(area_scores["standard"].to_numpy(dtype=float) * items - TOLERANCE)
    alike, place = np.unique(np.column_stack([cut - 1, items, x + a, k - x + b]), axis=0, return_inverse=True)
    return np.asarray(betabinom.cdf(*alike.T)[place.ravel()])  # few distinct ones, and each is a sum


def below_by_normal(
    subscores: Subscores, standards: Mapping[str, float], estimate: Literal["wainer", "kelley"] = "wainer"
) -> pd.DataFrame:
    """Return the probability of true scores below the standards by a normal approximation, attempts × areas.

    P = Phi((standard - estimate) / sd), with the true score's variance given the scores: T_jj (1 - PRMSE_j), PRMSE of
    Wainer's estimate, diag(T S^-1 T) / diag(T), or of Kelley's, the reliability (Wainer et al. 2001). The variance is
    the same for everybody, so it is too large near 0 and 1. Missing where the estimate or its variance is (the notes
    of `subscore_value.prmse` say why), and where there is no true variance.
    """
    missing = [str(area) for area in subscores.areas if area not in standards]
    if missing:
        raise Invalid(f"No standard is given for: {', '.join(missing)}.")
    moments, estimates = moments_of(subscores), estimated_subscores(subscores)
    chosen = (estimates.wainer if estimate == "wainer" else estimates.kelley).to_numpy()
    explained = moments.prmse_wainer if estimate == "wainer" else moments.reliability
    true = np.diag(moments.true)
    left = true * (1 - explained)
    sd = np.sqrt(np.where((true > 0) & (left > 0), left, np.nan))
    cut = np.array([standards[area] for area in subscores.areas]) * subscores.items
    return pd.DataFrame(ndtr((cut - chosen) / sd), index=subscores.attempts, columns=subscores.areas)


def _priors_of(area_scores: pd.DataFrame, priors: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return alpha and beta of each row."""
    places = priors.index.get_indexer(pd.Index(area_scores["content_area"].astype(object)))
    if (places < 0).any():
        raise Invalid(f"There is no prior for area '{area_scores['content_area'].iloc[(places < 0).argmax()]}'.")
    return priors["alpha"].to_numpy(dtype=float)[places], priors["beta"].to_numpy(dtype=float)[places]


def _counts(correct: npt.ArrayLike, items: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, k = np.asarray(correct, dtype=float), np.asarray(items, dtype=float)
    if x.shape != k.shape or not ((k >= 1) & (x >= 0) & (x <= k)).all():
        raise Invalid("Each attempt needs at least one item and from none to all of them correct.")
    return x, k


def _silent(x: Floats, k: Floats) -> str:
    """Say why the data tell nothing about the spread of true scores, or nothing if they do."""
    if len(x) < 2:
        return "There are fewer than two attempts, so the prior is uniform."
    if (k == 1).all():
        return "The area has one item, which cannot tell luck from ability, so the prior is uniform."
    if (x == 0).all() or (x == k).all():
        return f"All answers are {'wrong' if x[0] == 0 else 'right'}, so the prior is uniform."
    return ""


def _at(mean: float, strength: float, x: Floats, k: Floats) -> FittedPrior:
    """Return the prior with this mean and alpha + beta, held within bounds."""
    held = min(max(strength, WEAKEST), STRONGEST)
    note = f"Fitted to {len(x)} attempts only." if len(x) < FEW else ""
    if strength > STRONGEST / 2:
        note = "The scores vary no more than by chance, so all true scores are taken for one."
    elif strength < 2 * WEAKEST:
        note = "Nearly everybody has all right or all wrong, so the scores are taken at their word."
    return _fitted(mean * held, (1 - mean) * held, x, k, note)


def _fitted(alpha: float, beta: float, x: Floats, k: Floats, note: str) -> FittedPrior:
    coefficient = gammaln(k + 1) - gammaln(x + 1) - gammaln(k - x + 1)
    value = (coefficient + betaln(x + alpha, k - x + beta) - betaln(alpha, beta)).sum()
    return FittedPrior(float(alpha), float(beta), float(value), len(x), note)
