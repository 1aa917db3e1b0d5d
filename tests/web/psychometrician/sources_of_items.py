"""Where the figures of items and of content areas come from."""

from __future__ import annotations

from tests.web.psychometrician.source import CLASSICAL, DECISIONS, REVIEW, SUBSCORES, WEB, Source

ITEM_LISTS = ("items/items", "items/figures")


def _of_items(columns: str, **more: str) -> dict[str, str]:
    return dict.fromkeys(ITEM_LISTS, columns) | {name.replace("_", "/", 1): value for name, value in more.items()}


OF_ITEMS_AND_AREAS = (
    Source(
        "ssa_engine.core.psychometrics.classical.item_statistics.item_statistics",
        "the R package psych",
        (f"{CLASSICAL}test_item_statistics.py::test_item_statistics_equal_those_of_psych",),
        _of_items(
            "n p_value point_biserial",
            items_periods="n p_value point_biserial",
            items_versions="n p_value point_biserial",
        ),
    ),
    Source(
        "ssa_engine.core.psychometrics.classical.item_statistics.upper_lower_discrimination",
        "by hand",
        (
            f"{CLASSICAL}test_item_statistics.py::test_upper_lower_discrimination_is_the_difference_between_the_extreme_groups",
        ),
        _of_items("discrimination_upper_lower"),
    ),
    Source(
        "ssa_engine.core.psychometrics.classical.item_statistics.omission",
        "by hand",
        (f"{CLASSICAL}test_item_statistics.py::test_omission_counts_items_presented_and_not_answered",),
        _of_items("omission not_reached"),
    ),
    Source(
        "ssa_engine.core.psychometrics.review.item_review.review_items",
        "by hand; each column beside its function",
        (
            f"{REVIEW}test_item_review.py::test_times_are_summed_up_by_median_and_rapid_answers",
            f"{REVIEW}test_item_review.py::test_every_column_is_that_of_its_function",
        ),
        _of_items("exposure median_seconds rapid_share"),
    ),
    Source(
        "ssa_engine.core.psychometrics.irt.item_fit.item_fit",
        "the plain formulas; the R package mirt",
        (
            "tests/core/psychometrics/irt/test_item_fit.py::test_infit_and_outfit_worked_by_hand",
            "tests/core/psychometrics/irt/test_item_fit.py::test_standardised_infit_and_outfit_equal_those_of_mirt",
        ),
        _of_items("infit outfit"),
    ),
    Source(
        "ssa_engine.core.psychometrics.fairness.dif.mantel_haenszel_dif",
        "the R package difR",
        ("tests/core/psychometrics/fairness/test_dif.py::test_the_statistics_are_those_of_difr",),
        _of_items("n_reference n_focal delta", items_dif="n_reference n_focal delta delta_se std_p_diff"),
    ),
    Source(
        "ssa_engine.core.psychometrics.health.bank.p_value_drift",
        "by hand",
        (
            "tests/core/psychometrics/health/test_bank.py::test_drift_of_a_proportion_by_hand",
            "tests/core/psychometrics/health/test_bank.py::test_robust_z_by_hand",
        ),
        _of_items("drift_n_before drift_p_before drift_n_after drift_p_after drift_change drift_z drift_robust_z"),
    ),
    Source(
        "ssa_engine.actions.item_pages.item_page",
        "what the test writes into the bank and the database",
        (
            f"{WEB}test_items.py::test_a_curve_of_the_model_is_drawn_where_the_bank_has_parameters",
            f"{WEB}test_items.py::test_an_items_page_shows_it_as_the_candidate_sees_it_with_key_comments_and_enemies",
        ),
        _of_items("a b comments forms", items_versions="a b"),
    ),
    Source(
        "ssa_engine.core.psychometrics.classical.distractors.distractor_table",
        "by hand",
        (f"{CLASSICAL}test_distractors.py::test_options_by_hand",),
        {"items/options": "n share point_biserial mean_rest"},
    ),
    Source(
        "ssa_engine.core.psychometrics.classical.distractors.option_traces",
        "by hand",
        (f"{CLASSICAL}test_distractors.py::test_traces_by_hand",),
        {"items/traces": "group rest_low rest_high attempts n share"},
    ),
    Source(
        "ssa_engine.core.psychometrics.review.item_curves.empirical_curve",
        "groups by hand; Wilson's interval",
        (f"{REVIEW}test_item_curves.py::test_groups_are_of_equal_size_and_intervals_are_wilsons",),
        {"items/curve": "group low high mean attempts correct share share_low share_high"},
    ),
    Source(
        "ssa_engine.core.psychometrics.review.item_curves.time_table",
        "percentiles by hand",
        (f"{REVIEW}test_item_curves.py::test_percentiles_of_times_are_given_for_all_answers_right_ones_and_others",),
        {"items/times": "n mean p10 p25 p50 p75 p90"},
    ),
    Source(
        "ssa_engine.core.psychometrics.classical.score_reliability.score_reliability",
        "the R package psych; Feldt's intervals",
        (f"{CLASSICAL}test_score_reliability.py::test_one_form_equals_psych",),
        {"areas/areas": "attempts items mean sd alpha alpha_low alpha_high lambda2"},
    ),
    Source(
        "ssa_engine.core.psychometrics.review.area_review.review_areas",
        "Lord's error by its formula; each column beside its function",
        (
            f"{REVIEW}test_area_review.py::test_the_error_at_the_standard_is_lords",
            f"{REVIEW}test_area_review.py::test_every_column_of_an_area_is_that_of_its_function",
        ),
        {"areas/areas": "reliability sem csem standard cut"},
    ),
    Source(
        "ssa_engine.core.psychometrics.decisions.classification.classify",
        "Huynh's figures; the R package betafunctions",
        (
            f"{DECISIONS}test_classification.py::test_ten_items_with_mean_7_and_sd_2_2_give_huynh_s_figures",
            f"{DECISIONS}test_classification.py::test_fits_to_scores_equal_those_of_betafunctions",
        ),
        {"areas/areas": "below_share accuracy consistency kappa needless_ce missed_need"},
    ),
    Source(
        "ssa_engine.core.psychometrics.subscores.estimates.observed_subscores",
        "the R package subscore",
        (
            f"{SUBSCORES}test_estimates.py::test_the_worth_of_subscores_equals_that_of_subscore",
            f"{SUBSCORES}test_subscore_tables.py::test_with_two_areas_the_rest_is_the_other_one",
        ),
        {"areas/areas": "prmse_s prmse_x rest_correlation"},
    ),
    Source(
        "ssa_engine.core.psychometrics.subscores.estimates.wainer_weights",
        "weights computed elsewhere",
        (f"{SUBSCORES}test_estimates.py::test_the_weights_of_augmented_scores_equal_those_of_the_reference",),
        {"areas/areas": "prmse_wainer"},
    ),
    Source(
        "ssa_engine.core.psychometrics.subscores.estimates.disattenuated_correlations",
        "the R package subscore",
        (f"{SUBSCORES}test_estimates.py::test_disattenuated_correlations_equal_those_of_subscore",),
        {"areas/correlations": "*"},
    ),
    Source(
        "ssa_engine.core.psychometrics.review.area_review.more_items_table",
        "Spearman and Brown's formula; what no more items leave as it is",
        (
            f"{REVIEW}test_area_review.py::test_twice_the_items_have_the_reliability_of_spearman_and_brown",
            f"{REVIEW}test_area_review.py::"
            "test_no_more_items_leave_the_decisions_as_they_are_and_many_more_make_them_surer",
        ),
        {
            "areas/more_items": "more_items items reliability sem prmse_x prmse_wainer accuracy consistency kappa "
            "needless_ce missed_need"
        },
    ),
    Source(
        "ssa_engine.core.psychometrics.review.area_curves.area_information",
        "the information of equal items by its formula",
        (f"{REVIEW}test_area_review.py::test_information_at_the_standard_is_that_of_as_many_items_as_a_form_takes",),
        {"areas/information": "active_items calibrated_items standard_theta information theta_se"},
    ),
    Source(
        "ssa_engine.core.psychometrics.review.area_curves.score_counts",
        "counts by hand",
        (f"{REVIEW}test_area_review.py::test_scores_are_counted_by_area_and_number_of_items",),
        {"areas/scores": "correct items attempts share"},
    ),
    Source(
        "ssa_engine.core.psychometrics.decisions.classification.sweep",
        "every cut by itself",
        (f"{DECISIONS}test_classification.py::test_a_sweep_is_every_cut_by_itself",),
        {
            "areas/sensitivity": "cut items standard below_share accuracy consistency kappa needless_ce missed_need",
        },
    ),
    Source(
        "ssa_engine.core.psychometrics.review.area_curves.held_out_checks",
        "calibration by hand; simulated answers",
        (
            f"{SUBSCORES}test_probability_checks.py::test_calibration_worked_by_hand",
            f"{REVIEW}test_area_review.py::test_stated_probabilities_of_the_other_half_come_true_on_simulated_answers",
        ),
        {"areas/held_out": "lower upper n mean_probability share se brier calibration_error"},
    ),
)
