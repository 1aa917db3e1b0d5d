"""The columns of the console's tables of items and areas: how each is named, written and explained."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.core.text import Sentence, say


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """One column: its name in the frame and the file, its label, how it is written, what it means.

    `kind`: `count`, `amount` (two decimals unless whole), `fixed` (two decimals), `small` (three), `percent`, `seconds`
    (one decimal), `class` or `words`.
    """

    name: str
    label: Sentence
    kind: str
    meaning: Sentence | None = None


C = FigureColumn

N = C("n", say("n"), "count", say("Submitted attempts that had the item."))
COMPARED = (
    C("n_reference", say("n reference"), "count", say("Attempts of the reference group that had the item.")),
    C("n_focal", say("n focal"), "count", say("Attempts of the focal group that had the item.")),
)
ETS_CLASS = C("ets_class", say("DIF class"), "class", say("ETS class: A negligible, B moderate, C large."))
IN_GROUP = C("attempts", say("Attempts"), "count", say("In the group."))
"""Columns of more than one table."""

ITEM = (
    N,
    C("p_value", say("p"), "fixed", say("Proportion of them that earned the item, by the key in force.")),
    C(
        "point_biserial",
        say("Point-biserial"),
        "fixed",
        say(
            "Correlation of the item with the proportion correct of the other scored items of the form (corrected; "
            "Henrysson 1963)."
        ),
    ),
    C("exposure", say("Exposure"), "percent", say("Share of attempts whose form holds the item.")),
    C(
        "discrimination_upper_lower",
        say("Upper–lower"),
        "fixed",
        say(
            "Proportion correct among the 27 % with the highest total scores less that among the 27 % with the lowest."
        ),
    ),
    C("omission", say("Omitted"), "percent", say("Share of attempts that had the item and gave no answer.")),
    C(
        "not_reached",
        say("Not reached"),
        "percent",
        say("Share that answered neither the item nor anything after it; part of omitted."),
    ),
    C("median_seconds", say("Median seconds"), "seconds", say("Median time on the item.")),
    C(
        "rapid_share",
        say("Rapid"),
        "percent",
        say("Share of answers quicker than a tenth of the item’s mean time, at most 10 seconds (Wise & Ma 2012)."),
    ),
    C("infit", say("Infit"), "fixed", say("Mean square of residuals weighted by their variance, at the EAP; near 1.")),
    C("outfit", say("Outfit"), "fixed", say("Unweighted mean square of standardised residuals, at the EAP; near 1.")),
    C("a", say("a"), "fixed", say("Slope in the bank’s statistics, on the logistic metric.")),
    C("b", say("b"), "fixed", say("Difficulty in the bank’s statistics, on the logistic metric.")),
    *COMPARED,
    C(
        "delta",
        say("MH delta"),
        "fixed",
        say("Mantel–Haenszel difference on the delta scale; below 0: harder for the focal group at equal score."),
    ),
    ETS_CLASS,
    C("drift_n_before", say("n before"), "count", say("Attempts of the earlier period that had the item.")),
    C("drift_p_before", say("p before"), "fixed", say("Proportion correct in the earlier period.")),
    C("drift_n_after", say("n after"), "count", say("Attempts of the later period that had the item.")),
    C("drift_p_after", say("p after"), "fixed", say("Proportion correct in the later period.")),
    C("drift_change", say("Change of p"), "fixed", say("Later less earlier.")),
    C("drift_z", say("z of change"), "fixed", say("The change over its standard error, p pooled.")),
    C(
        "drift_robust_z",
        say("Robust z"),
        "fixed",
        say("The change in logit p beside that of the other items: less their median, over .74 of their IQR."),
    ),
    C(
        "comments",
        say("Comments"),
        "count",
        say("Comments that candidates wrote on the item, under the bank versions looked at."),
    ),
)

OPTIONS = (
    C("kind", say("Kind"), "words"),
    C("n", say("n"), "count", say("Attempts that gave this answer.")),
    C("share", say("Share"), "percent", say("Of the attempts that had the item.")),
    C(
        "point_biserial",
        say("Point-biserial"),
        "fixed",
        say("Correlation of giving this answer with the rest score; negative for a distractor that works."),
    ),
    C("mean_rest", say("Mean rest score"), "fixed", say("Proportion correct of the other scored items.")),
    C("note", say("Note"), "words"),
)
TRACES = (
    C("kind", say("Kind"), "words"),
    C("group", say("Group"), "count", say("Five groups of equal size by rest score; 1 is the lowest.")),
    C("rest_low", say("From"), "fixed", say("Lowest rest score of the group.")),
    C("rest_high", say("To"), "fixed", say("Highest rest score of the group.")),
    IN_GROUP,
    C("n", say("n"), "count", say("Of them, those that gave this answer.")),
    C("share", say("Share"), "percent", say("n over attempts.")),
)
CURVE = (
    C("low", say("From"), "fixed", say("Lowest place of the group.")),
    C("high", say("To"), "fixed", say("Highest place of the group.")),
    C("mean", say("Mean"), "fixed", say("Mean place of the group: where its dot stands.")),
    IN_GROUP,
    C("correct", say("Correct"), "count", say("Of them, those that earned the item.")),
    C("share", say("Share"), "percent", say("Correct over attempts.")),
    C("share_low", say("Low"), "percent", say("Lower end of its interval (95 %; Wilson 1927).")),
    C("share_high", say("High"), "percent", say("Upper end of its interval (95 %).")),
)
PERIODS = (
    N,
    C("p_value", say("p"), "fixed", say("Proportion correct.")),
    C("point_biserial", say("Point-biserial"), "fixed", say("Corrected, among the attempts of the period.")),
)
VERSIONS = (
    *PERIODS,
    C("a", say("a"), "fixed", say("Slope in that version’s statistics.")),
    C("b", say("b"), "fixed", say("Difficulty in that version’s statistics.")),
)
TIMES = (
    C("n", say("n"), "count", say("Answers whose time is known.")),
    C("mean", say("Mean"), "seconds", say("Seconds.")),
    C("p10", say("10 %"), "seconds", say("Percentiles of the seconds.")),
    C("p25", say("25 %"), "seconds"),
    C("p50", say("Median"), "seconds"),
    C("p75", say("75 %"), "seconds"),
    C("p90", say("90 %"), "seconds"),
)
GROUPS = (
    C("focal", say("Focal"), "words"),
    *COMPARED,
    C("delta", say("MH delta"), "fixed", say("Below 0: harder for the focal group at equal score.")),
    C("delta_se", say("SE"), "fixed", say("Standard error of delta (Phillips & Holland 1987).")),
    ETS_CLASS,
    C(
        "std_p_diff",
        say("Std. p difference"),
        "small",
        say("Focal less reference group’s proportion correct at equal score (Dorans & Kulick 1986)."),
    ),
    C("note", say("Note"), "words"),
)
