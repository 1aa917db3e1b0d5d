"""The two doors to the database: `read()` and `write()`; and `write_together()` for the answering path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from ssa_engine.core.errors import Invalid
from ssa_engine.storage.prepared import Door
from ssa_engine.storage.write_queue import FileLock, Ticket, TicketQueue

__all__ = ["Connection", "Database"]

BUSY_SECONDS = 30
ONE_STATE = "REPEATABLE READ"
"""On PostgreSQL the reads of a transaction else see what others commit between them. SQLite knows no other way."""

T = TypeVar("T")


class Database:
    """A configured database.

    On SQLite every write begins with BEGIN IMMEDIATE, and writers queue on a lock, first come first served,
    instead of polling a busy file. On PostgreSQL loads-to-change lock their rows with FOR UPDATE.
    """

    def __init__(self, url: str, pool_size: int = 20) -> None:
        try:
            self.url = make_url(url)
            if self.url.drivername == "postgresql":
                self.url = self.url.set(drivername="postgresql+psycopg")
            # For each thread one to read on beside the one that `look` keeps, and one that batches keep.
            self.engine = sa.create_engine(self.url, pool_size=pool_size, max_overflow=pool_size + 1)
        except (sa.exc.ArgumentError, ImportError):
            raise Invalid(
                "SSA_DATABASE_URL is no address of a database: use sqlite:///FILE or postgresql://USER@HOST/NAME."
            ) from None
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._queue = TicketQueue()
        self._of_batches: Connection | None = None
        self._idle_doors: list[Door] = []
        self._turn: FileLock | nullcontext[None] = nullcontext()
        if self.is_sqlite:
            path = Path(str(self.url.database))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise Invalid(f"The folder of the database {path} cannot be made ({error.strerror}).") from None
            self._turn = FileLock(path.with_name(f"{path.name}.lock"))
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level=ONE_STATE)
        self._writing = self.engine.execution_options(ssa_begin="BEGIN IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; all its reads see one state."""
        with self._reading.begin() as connection:
            yield connection

    @contextmanager
    def look(self) -> Iterator[Door]:
        """Give a connection for one prepared read, without the cost of a transaction around it.

        On SQLite, where such a read leaves nothing open behind it, the connection stays checked out for the next.
        """
        door = self._idle_doors.pop() if self._idle_doors else Door(self.engine.dialect, self.engine.raw_connection())
        try:
            yield door
        except BaseException:
            door.connection.invalidate()
            raise
        if self.is_sqlite:
            self._idle_doors.append(door)
        else:
            door.connection.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write; it is committed, durably, when the block ends without an error."""
        with self._turn, self._writing.begin() as connection:
            yield connection

    def write_together(self, job: Callable[[Connection], T]) -> T:
        """Run a short job in a write transaction that it may share with jobs that wait at the same moment.

        On SQLite one sync to disk then serves them all. A job that raises changes nothing and disturbs no
        other. The call returns only after the commit.
        """
        if not self.is_sqlite:
            with self.write() as connection:
                return job(connection)
        return cast(T, self._queue.run(job, self._run_batch))

    def _run_batch(self, batch: list[Ticket]) -> None:
        """Run jobs in one transaction, begun and committed on the driver's own cursor, which costs the least."""
        with self._turn, self._connection_of_batches() as connection:
            cursor = connection.connection.cursor()
            if not _went_well(cursor, connection, batch) and len(batch) > 1:
                for ticket in batch:  # one of them failed and took the others along: each by itself
                    _went_well(cursor, connection, [ticket])
            cursor.close()

    @contextmanager
    def _connection_of_batches(self) -> Iterator[Connection]:
        """Give the connection that batches run on, one after the other; after an error the next one gets a new one."""
        connection, self._of_batches = self._of_batches or self.engine.connect(), None
        try:
            yield connection
            connection.rollback()  # SQLAlchemy's own transaction, if a job began one; the driver's was committed
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        self._of_batches = connection

    def dispose(self) -> None:
        """Close all connections. They open again when needed."""
        if self._of_batches is not None:
            self._of_batches.close()
            self._of_batches = None
        while self._idle_doors:
            self._idle_doors.pop().connection.close()
        self.engine.dispose()
        if isinstance(self._turn, FileLock):
            self._turn.close()


def _went_well(cursor: Any, connection: Connection, batch: list[Ticket]) -> bool:
    """Do these jobs in one transaction, all or none."""
    cursor.execute("BEGIN IMMEDIATE")
    well = all(ticket.try_on(connection) for ticket in batch)
    cursor.execute("COMMIT" if well else "ROLLBACK")
    return well


def _set_up_sqlite(dbapi_connection: Any, _: ConnectionPoolEntry) -> None:
    """Let SQLAlchemy say when transactions begin, and make every commit durable."""
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:  # a batch has begun already
        # On the driver's own cursor: SQLAlchemy's way to this statement costs many times the statement.
        driver.execute(connection.get_execution_options().get("ssa_begin", "BEGIN"))
