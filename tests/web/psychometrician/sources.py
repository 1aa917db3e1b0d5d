"""Where every figure of the console comes from: the function that makes it, and tests that hold it to a reference."""

from __future__ import annotations

from tests.web.psychometrician.source import CLASSICAL, CORE, PANELS, TUNING, WEB, Source
from tests.web.psychometrician.sources_of_items import OF_ITEMS_AND_AREAS

IDENTIFIERS = frozenset({"attempt_id", "candidate_id", "policy_version"})
"""Columns that name a row and say nothing of it."""

SOURCES = (
    *OF_ITEMS_AND_AREAS,
    Source(
        "ssa_engine.core.cohort_summary.completion_of",
        "counts by hand",
        (f"{CORE}test_cohort_summary.py::test_completion_counts_every_state_and_who_ran_out_of_time",),
        {"cohort/completion": "value"},
    ),
    Source(
        "ssa_engine.core.cohort_summary.minutes_used",
        "minutes and bins by hand; quartiles as R's type 7",
        (
            f"{CORE}test_cohort_summary.py::test_the_time_used_is_that_of_closed_sittings_in_minutes",
            f"{CLASSICAL}test_distributions.py::test_a_distribution_worked_by_hand",
        ),
        {
            "cohort/time": "minutes_from minutes_to sittings",
            "cohort/time_used": "n mean sd least lower_quartile median upper_quartile greatest",
            "cohort/attempts": "minutes",
        },
    ),
    Source(
        "ssa_engine.core.cohort_summary.area_summaries",
        "by hand",
        (
            f"{CORE}test_cohort_summary.py::test_areas_come_in_the_order_of_the_outline_with_their_trend",
            f"{CLASSICAL}test_distributions.py::test_scores_of_ten_items_stand_in_the_middle_of_their_own_bin",
        ),
        {"cohort/summary": "n mean sd below_n below_share mean_credits median", "cohort/scores": "sittings"},
    ),
    Source(
        "ssa_engine.core.cohort_summary.side_by_side",
        "by hand",
        (f"{CORE}test_cohort_summary.py::test_sides_have_their_own_figures_and_those_without_a_key_come_last",),
        {"cohort/sides": "started closed timed_out median_minutes mean_*"},
    ),
    Source(
        "ssa_engine.core.prescriptions.prescribe",
        "credits by hand",
        (f"{CORE}test_prescriptions.py::test_bands_are_worth_the_last_band_reached",),
        {"cohort/attempts": "credits", "releases/waiting": "credits"},
    ),
    Source(
        "ssa_engine.core.scoring.score_areas",
        "one attempt by hand",
        (f"{CORE}test_scoring.py::test_scoring_one_attempt_by_hand",),
        {"cohort/attempts": "*"},
    ),
    Source(
        "ssa_engine.core.tuning.consequences.consequences",
        "six sittings by hand",
        (
            f"{TUNING}test_consequences.py::test_the_summary_counts_sittings_and_credits",
            f"{TUNING}test_consequences.py::test_each_area_has_its_prescriptions_and_credits",
            f"{TUNING}test_consequences.py::test_credits_by_area_and_totals_are_counted",
            f"{TUNING}test_consequences.py::test_near_the_standard_is_one_item_away",
            f"{TUNING}test_consequences.py::test_inside_a_band_halves_and_offers_are_counted",
        ),
        {
            "drafts/summary": "value change",
            "drafts/areas": "sittings items needed standard prescribed share_prescribed prescribed_change half offered "
            "mean_credits credits",
            "drafts/bands": "*",
            "drafts/borderline": "just_below just_met within_one_item within_one_item_share unsure unsure_share",
            "drafts/totals": "credits sittings share share_at_most in_force",
            "drafts/errors": "needless_true missed_true",
        },
    ),
    Source(
        "ssa_engine.core.tuning.quality.quality_of",
        "the beta-binomial method of the reference tests; sums over every score",
        (
            f"{TUNING}test_quality.py::test_the_figures_are_those_of_the_beta_binomial_method",
            f"{TUNING}test_quality.py::test_credits_of_errors_are_sums_over_every_score",
        ),
        {
            "drafts/errors": "accuracy consistency kappa needless_share needless_people needless_credits missed_share "
            "missed_people missed_credits"
        },
    ),
    Source(
        "ssa_engine.core.tuning.curves.curves_of",
        "the sweep over every cut",
        (f"{TUNING}test_quality.py::test_the_curves_are_the_sweep_over_every_cut",),
        {
            "drafts/curves": "cut items sittings prescribed share_prescribed mean_credits accuracy consistency kappa "
            "needless missed"
        },
    ),
    Source(
        "ssa_engine.core.tuning.changes.changed_sittings",
        "six sittings by hand",
        (f"{TUNING}test_consequences.py::test_the_change_is_against_what_the_policy_in_force_gives",),
        dict.fromkeys(("drafts/changes", "compare/changes"), "credits_before credits_after change"),
    ),
    Source(
        "ssa_engine.core.tuning.group_rates.group_rates",
        "by hand; Newcombe's printed interval",
        (
            f"{TUNING}test_group_rates.py::test_rates_are_counted_by_hand",
            "tests/core/psychometrics/fairness/test_groups.py::test_newcombes_interval_is_as_printed",
        ),
        {"drafts/groups": "sittings prescribed rate mean_credits difference lower upper ratio"},
    ),
    Source(
        "ssa_engine.core.tuning.side_by_side.figures",
        "six sittings by hand",
        (f"{TUNING}test_side_by_side.py::test_figures_stand_beside_each_other_with_their_difference",),
        {"compare/figures": "left right difference"},
    ),
    Source(
        "ssa_engine.core.tuning.side_by_side.areas",
        "six sittings by hand",
        (f"{TUNING}test_side_by_side.py::test_each_area_has_its_figures_under_either_policy",),
        {
            "compare/areas": "needed_* share_prescribed_* mean_credits_* needless_share_* missed_share_* accuracy_*",
        },
    ),
    Source(
        "ssa_engine.actions.rescoring_reports.preview",
        "a small cohort rescored by hand",
        (
            "tests/actions/test_rescoring_runs.py::test_a_new_key_scores_everybody_again_beside_the_old_result",
            "tests/actions/test_rescoring_runs.py::test_a_dry_run_says_what_applying_then_does",
        ),
        {
            "rescorings/figures": "value",
            "rescorings/areas": "attempts score_up score_down prescribed_before prescribed_after credits_before "
            "credits_after credits_waiting",
            "rescorings/people": "points_before points_after items_before items_after",
        },
    ),
    Source(
        "ssa_engine.core.rescorings.within_cap",
        "credits by hand",
        (
            f"{CORE}test_rescorings.py::"
            "test_the_total_limit_leaves_what_completed_credits_do_not_take_largest_gap_first",
            f"{CORE}test_rescorings.py::test_what_rises_waits_and_stays_where_it_was",
        ),
        {
            "rescorings/people": "credits_before credits_after credits_kept credits_waiting",
            "rescorings/increases": "credits credits_if_accepted increase",
            "rescorings/decisions": "increase",
        },
    ),
    Source(
        "ssa_engine.core.releases.waiting_results",
        "days by hand",
        (f"{CORE}test_releases.py::test_days_are_those_of_the_programme_and_a_person_s_release_has_none",),
        {"releases/waiting": "days_left"},
    ),
    Source(
        "ssa_engine.core.releases.counts_of",
        "counts by hand",
        (f"{CORE}test_releases.py::test_what_waits_is_counted",),
        {"releases/figures": "value"},
    ),
    Source(
        "ssa_engine.core.psychometrics.panels.standard_setting.angoff",
        "the mean rating and its error by hand",
        (
            f"{PANELS}test_standard_setting.py::"
            "test_the_angoff_cut_is_the_mean_rating_with_the_error_of_the_judges_means",
            f"{WEB}test_standard_setting.py::test_a_sheet_is_kept_with_its_trail_and_gives_the_cut_worked_by_hand",
            f"{CORE}test_scoring.py::test_a_standard_of_07_needs_7_of_10_and_8_of_11",
        ),
        {
            "standard-setting/cut": "cut_proportion cut se low high judges",
            "standard-setting/cuts_drawn": "cut_proportion cut se low high",
        },
    ),
    Source(
        "ssa_engine.core.psychometrics.panels.score_curves.score_curve",
        "the curve by hand",
        (f"{PANELS}test_compromise.py::test_the_curve_says_who_lies_below_and_is_straight_between_scores",),
        {"standard-setting/cuts_drawn": "share_below"},
    ),
    Source(
        "ssa_engine.core.psychometrics.panels.rounds.with_changes",
        "rounds by hand; the error of the generalizability study",
        (
            f"{PANELS}test_standard_setting.py::test_rounds_are_cut_one_by_one_and_what_changed_is_told",
            f"{PANELS}test_standard_setting.py::"
            "test_its_error_over_judges_and_items_is_that_of_the_generalizability_study",
        ),
        {"standard-setting/rounds": "round judges items cut sd se se_judges_and_items change"},
    ),
    Source(
        "ssa_engine.core.psychometrics.panels.judges.judge_statistics",
        "by hand",
        (f"{PANELS}test_agreement.py::test_a_judge_stands_beside_the_mean_of_the_others",),
        {"standard-setting/judges": "cut severity severity_z deviation deviation_z correlation"},
    ),
    Source(
        "ssa_engine.core.psychometrics.panels.agreement.agreement",
        "Shrout and Fleiss (1979); the Python package pingouin",
        (
            f"{PANELS}test_agreement.py::test_the_six_coefficients_equal_those_of_shrout_and_fleiss",
            f"{PANELS}test_agreement.py::test_the_intervals_and_f_tests_equal_those_of_pingouin",
            f"{PANELS}test_agreement.py::test_variance_components_are_those_worked_by_hand",
        ),
        {"standard-setting/agreement": "value low high judges items"},
    ),
    Source(
        "ssa_engine.core.psychometrics.panels.cohort_effect.cohort_effect",
        "counts by hand",
        (f"{PANELS}test_cohort_effect.py::test_a_higher_standard_is_counted_by_hand",),
        {
            "standard-setting/effect": "standard_now prescribed_now prescribed_then newly no_longer mean_credits_now "
            "mean_credits_then",
        },
    ),
)
