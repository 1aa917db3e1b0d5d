"""The consequences of two policies for the same cohort, side by side."""

from __future__ import annotations

import pandas as pd

from ssa_engine.core.tuning.consequences import Consequences

MEASURES = ("sittings", "mean_credits", "median_credits", "sum_credits", "none", "at_cap", "areas_mean")
"""Of the summary."""
OF_AREAS = ("needed", "share_prescribed", "mean_credits")
OF_ERRORS = ("needless_share", "missed_share", "accuracy")


def figures(left: Consequences, right: Consequences) -> pd.DataFrame:
    """Return `measure`, `left`, `right` and `difference` (right less left) for each of `MEASURES`."""
    values = [one.summary.set_index("measure").loc[list(MEASURES), "value"].to_numpy(float) for one in (left, right)]
    return pd.DataFrame(
        {"measure": MEASURES, "left": values[0], "right": values[1], "difference": (values[1] - values[0]).round(9)}
    )


def areas(left: Consequences, right: Consequences) -> pd.DataFrame:
    """Return `content_area`, and each figure of an area twice: `needed_left`, `needed_right` and so on."""
    table = {"content_area": left.areas["content_area"]}
    for name in (*OF_AREAS, *OF_ERRORS):
        for one, side in ((left, "left"), (right, "right")):
            table[f"{name}_{side}"] = (one.areas if name in OF_AREAS else one.errors)[name]
    return pd.DataFrame(table)


TABLES = {"figures": figures, "areas": areas}
