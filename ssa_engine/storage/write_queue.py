"""Queues of writers on SQLite: between processes on a file lock, between threads on tickets."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection


class FileLock:
    """A lock between threads and processes. The kernel queues those who wait; a killed process lets go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._file: Any = None

    def __enter__(self) -> None:
        self._thread_lock.acquire()
        try:
            if self._file is None:
                self._file = self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._thread_lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._thread_lock.release()

    def close(self) -> None:
        """Let go of the file."""
        with self._thread_lock:
            if self._file is not None:
                self._file.close()
                self._file = None


class Ticket:
    """One job that waits for a transaction, and what came of it."""

    def __init__(self, job: Callable[[Connection], Any]) -> None:
        self._job = job
        self._result: Any = None
        self._error: BaseException | None = None
        self.done = False

    def try_on(self, connection: Connection) -> bool:
        """Do the job, again if it was undone; keep its error for the one who waits. Whether it went well."""
        self._error = None
        try:
            self._result = self._job(connection)
        except Exception as error:  # noqa: BLE001 - handed to the caller who waits for this ticket
            self._error = error
            return False
        return True

    def give_up(self, error: BaseException) -> None:
        """Let the job end with the error that ended its transaction."""
        self._error, self.done = error, True

    def outcome(self) -> Any:
        """Return the job's result, or raise its error."""
        if self._error is not None:
            raise self._error
        return self._result


class TicketQueue:
    """Runs jobs in batches: whoever comes to the head of the queue takes along all who wait behind."""

    def __init__(self) -> None:
        self._waiting: list[Ticket] = []
        self._list_lock = threading.Lock()
        self._head = threading.Lock()

    def run(self, job: Callable[[Connection], Any], run_batch: Callable[[list[Ticket]], None]) -> Any:
        """Return the job's result once the batch it was in has been committed."""
        ticket = Ticket(job)
        with self._list_lock:
            self._waiting.append(ticket)
        with self._head:
            if not ticket.done:
                with self._list_lock:
                    batch, self._waiting = self._waiting, []
                try:
                    run_batch(batch)
                except BaseException as error:
                    for one in batch:
                        one.give_up(error)
                    raise
                for one in batch:
                    one.done = True
        return ticket.outcome()
