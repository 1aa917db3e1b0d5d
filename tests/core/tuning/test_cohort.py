"""What a cohort keeps: made once by any number of threads, and of what changes with the policy only the latest."""

from __future__ import annotations

import threading
import time

from tests.core.tuning.small import cohort


def test_threads_that_ask_at_once_share_what_one_of_them_made() -> None:
    own, made = cohort(), []

    def make() -> object:
        time.sleep(0.02)
        made.append(object())
        return made[-1]

    threads = [threading.Thread(target=lambda: own.keep("model", make)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 1


def test_of_what_changes_with_the_policy_the_latest_stay() -> None:
    own, made = cohort(), []

    def ask(key: int) -> int:
        return own.keep_lately("rows", key, lambda: made.append(key) or key, most=2)  # type: ignore[func-returns-value]

    assert [ask(key) for key in (1, 2, 1, 3, 1, 2)] == [1, 2, 1, 3, 1, 2]
    assert made == [1, 2, 3, 2]  # 2 was given up for 3, as 1 had been asked for since
