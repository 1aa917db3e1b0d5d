"""The page docs/reference/benchmarks.md: what was measured, how, and what came out."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

from benchmarks import answering, scoring, servers

LOWEST_ANSWERING, AT_USERS = 0.6, 16
HIGHEST_SCORING = 4.0
TEMPLATE = """# Benchmarks

Made by `make bench`. The program is measured beside a floor in the same run, because a machine wanders and machines
differ: read the ratios, and take one under a quarter from another as the same.

Measured with Python {python} on {cores} processor cores{date}.

## Saving an answer

{answering}

The load is {users} candidates in a closed loop, each on one kept connection: answer, go on, read the next item, answer.
Each request saves an answer that differs from the stored one, and gets the next item as an htmx fragment. It comes from
a process of its own on the same machine, on plain sockets; it took at most {load:.0%} of one core.
The engine is `ssa serve` on SQLite with a demo cohort in it: session, checks, response appended and synced to
disk, next item looked up. The floor is a bare Flask application that renders a page of about 3 KB and commits one
row to SQLite with `synchronous=FULL`; no session, no checks, nothing looked up. Both run under gunicorn with
{processes} processes of {threads} threads, and send {engine_bytes} and {floor_bytes} bytes an answer.
Engine and floor take turns: {rounds} rounds of {warm_up:g} s warm-up and {seconds:g} s measured; medians of the rounds.

The engine acknowledged {acknowledged} answers, and {stored} are stored. For every attempt the log of
responses was compared with what its candidate was told, in order: they are the same.

## Scoring

{scoring}

{attempts} simulated attempts, {areas} content areas, {rows} responses in one frame of `attempt_id`, `item_id`,
`answer`. The engine marks, scores and prescribes with every check and the total cap. The floor starts from the same
frame, numbers ids and answers by `pandas.factorize`, and computes items, correct, score, standard error, gap and the
credits of the bands in numpy; it checks nothing and leaves out the cap and the probability of lying below the standard.
Both are first compared: the same counts, scores and credits in every cell. Medians of {runs} runs in turn.

{statistics}
## Limits

`python -m benchmarks --check` ends with status 1 unless saving with {at_users} users reaches {lowest:g} of its floor
and scoring takes no more than {highest:g} times its floor, from either kind of columns; calibration and abilities no
more than 1.5 times theirs, with slopes recovered as well as the floor recovers them; the sweep no more than 100 ms;
form assembly stops within 1 % of the best bound, and proves its optimum in no more than 2 times what a bare call takes;
and recomputing the tuning view takes no more than 3 times the same figures in plain numpy; and every page of the
console asks the database as many questions of a small cohort as of a large one.
"""


def render(
    saves: answering.Result,
    scores: scoring.Result,
    statistics: str,
    *,
    rounds: int,
    warm_up: float,
    seconds: float,
    runs: int,
    date: str | None,
) -> str:
    """Return the page."""
    return TEMPLATE.format(
        python=platform.python_version(),
        cores=os.cpu_count(),
        date=f", on {date}" if date else "",
        answering=answering_table(saves),
        users=_listed(answering.USERS),
        load=saves.load_share,
        processes=servers.PROCESSES,
        threads=servers.THREADS,
        engine_bytes=_grouped(saves.answer_bytes["engine"]),
        floor_bytes=_grouped(saves.answer_bytes["floor"]),
        rounds=rounds,
        warm_up=warm_up,
        seconds=seconds,
        acknowledged=_grouped(saves.acknowledged),
        stored=_grouped(saves.stored),
        scoring=scoring_table(scores),
        attempts=_grouped(scores.attempts),
        areas=scores.areas,
        rows=_grouped(scores.rows),
        runs=runs,
        statistics=statistics,
        at_users=AT_USERS,
        lowest=LOWEST_ANSWERING,
        highest=HIGHEST_SCORING,
    )


def answering_table(saves: answering.Result) -> str:
    """Return the table of the answering path."""
    rows = []
    for users in answering.USERS:
        ours, theirs = (
            next(line for line in saves.lines if (line.users, line.target) == (users, target))
            for target in ("engine", "floor")
        )
        low, high = saves.spread[users]
        rows.append(
            (
                f"{users}",
                *(f"{line.per_second:.0f}" for line in (ours, theirs)),
                f"{saves.ratios[users]:.2f}",
                f"{low:.2f} to {high:.2f}",
                *(f"{line.p50_ms:.1f} / {line.p99_ms:.1f}" for line in (ours, theirs)),
            )
        )
    head = ("users", "answers/s", "floor", "ratio", "ratio by round", "p50 / p99 ms", "floor p50 / p99 ms")
    return _table(head, rows)


def scoring_table(scores: scoring.Result) -> str:
    """Return the table of scoring."""
    rows = [
        (line.columns, f"{line.engine_seconds:.2f}", f"{line.floor_seconds:.2f}", f"{line.ratio:.1f}")
        for line in scores.lines
    ]
    return _table(("ids and answers are", "engine s", "floor s", "ratio"), rows)


def problems(saves: answering.Result, scores: scoring.Result) -> list[str]:
    """Say which limits are not kept."""
    found = []
    ratio = saves.ratios[AT_USERS]
    if ratio < LOWEST_ANSWERING:
        found.append(
            f"Saving with {AT_USERS} users reaches {ratio:.2f} of its floor; it must reach {LOWEST_ANSWERING}."
        )
    found += [
        f"Scoring ({line.columns}) takes {line.ratio:.1f} times its floor; at most {HIGHEST_SCORING:g} are allowed."
        for line in scores.lines
        if line.ratio > HIGHEST_SCORING
    ]
    return found


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _listed(numbers: Sequence[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} or {numbers[-1]}"


def _grouped(number: int) -> str:
    return f"{number:,}"
