"""The methods of the technical report in short, its limits, and the whole report put together."""

from __future__ import annotations

import pandas as pd

from ssa_engine.core import report_cohort, report_decisions, report_fairness, report_items, report_programme
from ssa_engine.core.report_data import ReportData
from ssa_engine.core.report_small_cells import small_parts, tells
from ssa_engine.core.technical_report import Block, Column, Methods, Report, Section, Table

TITLE = "Technical report"
STANDARDS = (
    ("Programme and content specification", "1 Validity; 4 Test design and development; 7 Supporting documentation"),
    ("Policy in force", "5 Scores, scales, norms, score linking and cut scores"),
    ("Standard setting", "5 Scores, scales, norms, score linking and cut scores"),
    ("The cohort; Scores by content area", "5 Scores, scales, norms; 6 Administration, scoring, reporting"),
    ("Form assembly and exposure", "4 Test design and development; 6 Administration (security)"),
    ("Item analysis", "4 Test design and development"),
    ("Reliability and errors of measurement", "2 Reliability/precision and errors of measurement"),
    ("Value of the area scores", "1 Validity (internal structure); 2 Reliability/precision"),
    ("Accuracy and consistency of decisions", "2 Reliability/precision; 11 Workplace testing and credentialing"),
    ("Credits prescribed", "1 Validity (consequences); 11 Workplace testing and credentialing"),
    ("Fairness", "3 Fairness in testing"),
    ("Rescorings; Versions; Methods", "6 Administration, scoring, reporting; 7 Supporting documentation"),
)
METHODS = (
    (
        "Area score",
        "x / n: points earned on the n scored items of an area; below the standard c where x < c n",
        "policy and content specification",
    ),
    ("Proportion correct of an item (p)", "mean of the marks over the assessments that had it", "classical theory"),
    (
        "Corrected point-biserial (r)",
        "Pearson correlation of the item with the proportion correct of the other scored items of the assessment",
        "Henrysson (1963), Psychometrika 28:211–218",
    ),
    (
        "Coefficient alpha",
        "k/(k − 1) · (1 − Σ s²ᵢ / s²ₓ); over forms from pooled covariances. Interval: Feldt",
        "Cronbach (1951), Psychometrika 16:297–334",
    ),
    ("Standard error of measurement", "SEM = sₓ √(1 − α)", "classical theory"),
    (
        "Conditional standard error (CSEM)",
        "√(x (n − x) / (n − 1)), at the least x that meets the standard",
        "Lord (1957), Educ. Psychol. Meas. 17:510–521",
    ),
    (
        "PRMSE",
        "1 − E(τ − τ̂)² / Var(τ); by the area score it is its reliability",
        "Haberman (2008), J. Educ. Behav. Stat. 33:204–229",
    ),
    (
        "Accuracy, consistency, kappa",
        "true scores ~ Beta(α, β) by moments, x | τ ~ Binomial(n, τ); P of agreement with the true decision, and of "
        "two forms with each other",
        "Huynh (1976), Psychometrika 41:65–78; Keats & Lord (1962), Psychometrika 27:59–72",
    ),
    (
        "Retest SD of credits",
        "√ E Var(credits | τ) by the same model; of the total with the correlations of true scores",
        "beta-binomial as above",
    ),
    (
        "Overlap and exposure",
        "Σ mⱼ (mⱼ − 1) / (k N (N − 1)); m / N",
        "Chen, Ankenmann & Spray (2003), J. Educ. Meas. 40:129–145",
    ),
    (
        "Differences between groups",
        "difference of rates with Newcombe’s interval; Hedges’ g of mean scores",
        "Hedges (1981), J. Educ. Stat. 6:107–128",
    ),
    (
        "Differential item functioning",
        "Mantel–Haenszel delta = −2.35 ln α, ETS classes A, B, C; logistic regression with Holm’s correction",
        "Holland & Thayer (1988); Zwick (2012), ETS Research Report 12-08",
    ),
)


def technical_report(data: ReportData) -> Report:
    """Return the technical report of one discipline and period."""
    sections = (
        _summary(data),
        report_programme.programme(data),
        report_programme.policy(data),
        report_programme.panels(data),
        report_cohort.cohort(data),
        report_cohort.scores(data),
        report_cohort.forms(data),
        report_items.items(data),
        report_items.reliability(data),
        report_items.subscores(data),
        report_decisions.decisions(data),
        report_decisions.credits(data),
        report_fairness.fairness(data),
        report_programme.rescorings(data),
        _methods(),
        _limits(data),
        report_programme.versions(data),
    )
    return Report(
        title=TITLE,
        programme=data.spec.name,
        discipline=data.spec.discipline,
        period=data.period,
        made_on=data.now.date(),
        sections=sections,
        keywords=(data.spec.name, data.spec.discipline, data.period.name, "structured self-assessment"),
    )


def _summary(data: ReportData) -> Section:
    """Say the whole report in a paragraph, and which chapters of the Standards it speaks to."""
    count = len(data.submitted)
    period = data.period.so_far(data.now.date())
    about = f"This report is on the Structured Self-Assessment in {data.spec.name} from {period}."
    if not count:
        said = f"{about} Nobody submitted an assessment in this period, so it has no statistics."
    elif data.people < data.minimum:
        said = f"{about} Fewer than {data.minimum} people submitted an assessment, so it has no statistics."
    else:
        any_credits = data.scores.groupby("attempt_id")["credits"].sum() > 0
        version = f"; policy version {data.in_force.version} was in force {data.at_end}" if data.in_force else ""
        said = f"{about} {count} assessments were submitted{version}."
        people = data.candidates(any_credits.rename("any").reset_index()).set_axis(any_credits.index)
        parts = small_parts(people, any_credits, pd.Series("all", index=any_credits.index))
        if not tells(parts, data.minimum).any():
            said += (
                f" After {100 * any_credits.mean():.1f} % of them continuing education was prescribed in at least one "
                "content area."
            )
    blocks: list[Block] = [
        said,
        f"Figures that stand on fewer than {data.minimum} candidates are not shown. An unknown figure is a dash. "
        "The organisation follows the Standards for Educational and Psychological Testing (AERA, APA & NCME 2014):",
        Table(
            id="standards-chapters",
            caption="Sections of this report and the chapters of the Standards they speak to",
            columns=(Column("section", "Section"), Column("chapters", "Chapters")),
            rows=pd.DataFrame(STANDARDS, columns=["section", "chapters"]),
        ),
    ]
    return Section("summary", "Summary", tuple(blocks))


def _methods() -> Section:
    said = "Each figure is computed by a function with a test against published values or a reference package."
    return Section("methods", "Methods", (said, Methods(METHODS)))


def _limits(data: ReportData) -> Section:
    return Section(
        "limits",
        "Limits of this evidence",
        (
            "This report documents precision, decisions and internal structure. It holds no evidence on relations to "
            "other measures of practice, on response processes, or on whether prescribed education improves knowledge; "
            "such evidence has to be gathered apart and added to the programme’s validity argument.",
            "The beta-binomial model takes an area’s items as a random sample of like items and errors as binomial. "
            "Items of a blueprint are more alike across forms than that, so errors are somewhat overstated. Statistics "
            f"of few responses are unstable whatever their model; the least number shown, {data.minimum}, protects "
            "people and does not make a statistic stable.",
        ),
    )
