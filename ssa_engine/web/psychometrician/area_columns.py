"""The columns of the console's tables of content areas."""

from __future__ import annotations

from ssa_engine.core.text import say
from ssa_engine.web.psychometrician.figure_columns import FigureColumn as C

RELIABILITY = (
    C("attempts", say("n"), "count", say("Attempts with items in every area.")),
    C("items", say("Items"), "amount", say("Mean number of scored items of an attempt.")),
    C("mean", say("Mean"), "fixed", say("Of the number correct.")),
    C("sd", say("SD"), "fixed", say("Of the number correct, divisor n − 1.")),
    C("alpha", say("Alpha"), "fixed", say("Coefficient alpha (Cronbach 1951).")),
    C("alpha_low", say("Alpha low"), "fixed", say("Lower end of its interval (95 %; Feldt 1965).")),
    C("alpha_high", say("Alpha high"), "fixed", say("Upper end of its interval (95 %).")),
    C(
        "lambda2",
        say("Lambda-2"),
        "fixed",
        say("Guttman’s lower bound, never below alpha; missing where most attempts had a form of their own."),
    ),
    C(
        "reliability",
        say("Reliability"),
        "fixed",
        say("What the next figures rest on: alpha where all had the same items, else KR-21."),
    ),
    C("sem", say("SEM"), "small", say("Standard error of measurement of the proportion correct.")),
    C(
        "csem",
        say("CSEM at standard"),
        "small",
        say("Lord’s binomial error of the proportion correct at the standard."),
    ),
)
WORTH = (
    C(
        "prmse_s",
        say("PRMSE area"),
        "fixed",
        say("Share of the error about the true area score that the area’s own score removes (Haberman 2008)."),
    ),
    C("prmse_x", say("PRMSE total"), "fixed", say("The same by the total score.")),
    C("prmse_wainer", say("PRMSE augmented"), "fixed", say("The same by the best weighting of all areas’ scores.")),
    C(
        "added_value_s",
        say("Adds to the total"),
        "yes",
        say("Whether the area’s own score foretells its true score better than the total does."),
    ),
    C(
        "rest_correlation",
        say("Correlation with the rest"),
        "fixed",
        say("Disattenuated correlation with the sum of the other areas; may exceed 1 by sampling error."),
    ),
)
ERRORS = (
    C("consistency", say("Consistency"), "fixed", say("Share that a retest would put on the same side.")),
    C("kappa", say("Kappa"), "fixed", say("Consistency beyond chance: (agreement − chance) / (1 − chance).")),
    C(
        "needless_ce",
        say("Needless"),
        "percent",
        say("Share of all attempts that are below the standard and whose true score is not."),
    ),
    C(
        "missed_need",
        say("Missed"),
        "percent",
        say("Share of all attempts that are not below the standard and whose true score is."),
    ),
)
"""What is said of every set of decisions; their accuracy by a model of its own."""
DECISIONS = (
    C("standard", say("Standard"), "fixed", say("Proportion correct, of the policy in force.")),
    C("cut", say("Items needed"), "amount", say("Least number correct that is not below; mean over attempts.")),
    C("below_share", say("Below"), "percent", say("Share of attempts below the standard.")),
    C("accuracy", say("Accuracy"), "fixed", say("Share of right decisions, by the beta-binomial (Huynh 1976).")),
    *ERRORS,
)
AREAS = (*RELIABILITY, *WORTH, *DECISIONS)
MORE = (
    C("more_items", say("More items"), "count", say("Items added to each form, like the area’s own.")),
    C("items", say("Items"), "amount", say("Then, per attempt.")),
    C("reliability", say("Reliability"), "fixed", say("By the Spearman–Brown formula.")),
    C("sem", say("SEM"), "small", say("Of the proportion correct.")),
    C("prmse_x", say("PRMSE total"), "fixed", say("Of the total score, the area’s new items in it.")),
    C("prmse_wainer", say("PRMSE augmented"), "fixed", say("By the best weighting of all areas’ scores.")),
    C("added_value_s", say("Adds to the total"), "yes", say("Reliability above PRMSE total.")),
    C("accuracy", say("Accuracy"), "fixed", say("With today’s true scores and errors of so many items.")),
    C("consistency", say("Consistency"), "fixed", say("Likewise.")),
    C("kappa", say("Kappa"), "fixed", say("Likewise.")),
    C("needless_ce", say("Needless"), "percent", say("Likewise; it jumps with the whole items the standard asks for.")),
    C("missed_need", say("Missed"), "percent", say("Likewise.")),
)
INFORMATION = (
    C("active_items", say("Active items"), "count", say("In today’s bank.")),
    C(
        "calibrated_items",
        say("With a and b"),
        "count",
        say("Of them, those with parameters in the bank’s statistics."),
    ),
    C("standard_theta", say("Standard in theta"), "fixed", say("Where their mean probability equals the standard.")),
    C("information", say("Information"), "fixed", say("Of as many items as a form takes, at that theta.")),
    C("theta_se", say("SE of theta"), "fixed", say("One over the square root of the information.")),
    C("information_note", say("Note"), "words"),
)
ITEMS = C("items", say("Items"), "count", say("Scored items of the attempt in this area."))
SCORES = (
    ITEMS,
    C("correct", say("Correct"), "count", say("Of them correct.")),
    C("attempts", say("Attempts"), "count", say("With that number.")),
    C("share", say("Share"), "percent", say("Of the area’s attempts.")),
)
SENSITIVITY = (
    ITEMS,
    C("cut", say("Items needed"), "count", say("Least number correct that is not below.")),
    C("standard", say("Standard"), "fixed", say("Items needed over items.")),
    C("below_share", say("Below"), "percent", say("Share of these attempts that would be below.")),
    C("accuracy", say("Accuracy"), "fixed", say("Share of right decisions, by the beta-binomial.")),
    *ERRORS,
    C("note", say("Note"), "words"),
)
HELD_OUT = (
    C("lower", say("From"), "fixed", say("Stated probability that the other half is below the standard.")),
    C("upper", say("To"), "fixed", say("Upper end of the bin.")),
    C("n", say("n"), "count", say("Attempts whose probability lies in the bin.")),
    C("mean_probability", say("Stated"), "fixed", say("Their mean probability.")),
    C("share", say("Came true"), "fixed", say("Share of them whose other half was below.")),
    C("se", say("SE"), "small", say("Of that share.")),
    C("brier", say("Brier score"), "small", say("Mean squared difference over all bins (Brier 1950).")),
    C("calibration_error", say("Calibration error"), "small", say("Mean distance of the two over all bins.")),
)
