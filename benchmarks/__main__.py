"""python -m benchmarks: measure, print, write docs/reference/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import answering, assembly, page, plan, psychometrics, queries, rescoring, scoring, tuning, tuning_page

PAGE = Path("docs/reference/benchmarks.md")


def main() -> int:
    """Run it all; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a shorter run that writes no page")
    parser.add_argument("--check", action="store_true", help="status 1 if a limit is not kept")
    parser.add_argument("--date", help="the date of this run, to stand on the page")
    chosen = parser.parse_args()
    rounds, warm_up, seconds = (2, 0.5, 2.0) if chosen.quick else (3, 1.5, 6.0)
    attempts, runs = (20_000, 3) if chosen.quick else (100_000, 5)
    saves = answering.measure(rounds=rounds, warm_up=warm_up, seconds=seconds)
    print(f"Saving an answer\n\n{page.answering_table(saves)}\n")
    print(f"{saves.acknowledged:,} answers acknowledged, {saves.stored:,} stored.\n")
    scores = scoring.measure(attempts=attempts, runs=runs)
    print(f"Scoring {attempts:,} attempts\n\n{page.scoring_table(scores)}\n")
    statistics = psychometrics.measure(quick=chosen.quick)
    print(psychometrics.section(statistics))
    assembled = assembly.measure(runs=1 if chosen.quick else runs)
    print(assembly.section(assembled))
    planned = plan.measure(runs=1 if chosen.quick else runs)
    print(plan.section(planned))
    tuned = tuning.measure(sittings=attempts, runs=runs)
    presses = tuning_page.measure((tuning_page.DEMO,) if chosen.quick else (tuning_page.DEMO, tuning_page.COHORT))
    print(tuning.section(tuned, presses))
    rescored = rescoring.measure(attempts=1_000 if chosen.quick else rescoring.PART)
    print(rescoring.section(rescored))
    asked = queries.measure(many=100 if chosen.quick else queries.IN_BENCH)
    print(queries.section(asked))
    if not chosen.quick:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        more = f"{psychometrics.section(statistics)}\n{assembly.section(assembled)}\n{tuning.section(tuned, presses)}"
        more += f"\n{rescoring.section(rescored)}\n\n{plan.section(planned)}\n{queries.section(asked)}"
        text = page.render(
            saves, scores, more, rounds=rounds, warm_up=warm_up, seconds=seconds, runs=runs, date=chosen.date
        )
        PAGE.write_text(text, encoding="utf-8")
        print(f"Written: {PAGE}")
    problems = [*page.problems(saves, scores), *psychometrics.problems(statistics), *assembly.problems(assembled)]
    problems += [*tuning.problems(tuned), *plan.problems(planned), *queries.problems(asked)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if chosen.check and problems else 0


if __name__ == "__main__":
    sys.exit(main())
