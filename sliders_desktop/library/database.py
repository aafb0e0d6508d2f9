"""The library's file: opened, brought up to date, backed up; how it is read and written.

A connection belongs to the thread that opened it; sqlite3 checks that.
"""

import contextlib
import glob
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlite_utils

from sliders_desktop.errors import DatabaseTooNew, UserError
from sliders_desktop.library.migrations import MIGRATIONS, step_names

# What the world can do to a file; any other SQLite error is a bug and stays as it is.
_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full: nothing can be saved to the library.",
    sqlite3.SQLITE_READONLY: "The library cannot be written: the file or its folder is read-only.",
    sqlite3.SQLITE_PERM: "The library cannot be opened: permission denied.",
    sqlite3.SQLITE_CANTOPEN: "The library cannot be opened: its folder is away or closed to you.",
    sqlite3.SQLITE_IOERR: "The disk that holds the library reports an error.",
    sqlite3.SQLITE_CORRUPT: "The library file is damaged. Please restore a backup of it.",
    sqlite3.SQLITE_NOTADB: "The library file is damaged, or is not a Sliders library.",
    sqlite3.SQLITE_BUSY: "Another program keeps the library locked.",
}

_COPY = ".before-"
_TRIES, _AGAIN_S = 200, 0.05


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Turn the world's faults into `UserError`, with the path nowhere in the text."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of extended ones
        if code not in _SENTENCES:
            raise
        raise UserError(_SENTENCES[code]) from error


class Database:
    """One connection; every query of `Store` goes through `all`, `one` or a write block."""

    def __init__(self, path: Path, migrations: sqlite_utils.Migrations = MIGRATIONS) -> None:
        """Open ``path``, create or migrate it.

        Raises `UserError` if it is damaged or cannot be opened, `DatabaseTooNew` if a newer
        version of the program wrote it.
        """
        self.path, self._migrations = path, migrations
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"The library's folder cannot be made: {error.strerror}.") from error
        with sentences():
            # No implicit transactions: the two blocks below are the only ones.
            self.connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
        try:
            with sentences():
                self._set_up()
        except BaseException:
            self.connection.close()
            raise

    def _set_up(self) -> None:
        execute = self.connection.execute
        execute("PRAGMA busy_timeout = 5000")
        execute("PRAGMA foreign_keys = ON")
        # Whatever is deleted is overwritten, and can be forgotten for good.
        execute("PRAGMA secure_delete = ON")
        execute("PRAGMA page_size = 8192")  # a new file: three vectors a page instead of one
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        db = sqlite_utils.Database(self.connection, execute_plugins=False)
        applied = {step.name for step in self._migrations.applied(db)}
        ours = step_names(self._migrations)
        if applied - ours:
            raise DatabaseTooNew(
                "This library was written by a newer version of Sliders Desktop; "
                "please update the program."
            )
        if applied != ours:
            # A step may build a table anew that others refer to; inside a block it is too late.
            execute("PRAGMA foreign_keys = OFF")
            try:
                grown = self._migrate(db)
            finally:
                execute("PRAGMA foreign_keys = ON")
            if grown:  # what earlier versions deleted is gone with it
                with contextlib.suppress(sqlite3.OperationalError):  # a full disk: not needed now
                    execute("VACUUM")

    def _migrate(self, db: sqlite_utils.Database) -> bool:
        """Bring the schema up to date; whether there was one before, and another."""
        with self.precious():  # the lock comes first, so that two starts do not migrate twice
            pending = self._migrations.pending(db)
            if not pending:
                return False
            known = bool(self.one("SELECT count(*) FROM sqlite_master")[0])
            if known:
                self._keep_copy(db, pending[0].name)
            self._migrations.apply(db)
            if self.one("PRAGMA foreign_key_check"):
                raise sqlite3.IntegrityError("a migration left rows that refer to nothing")
            return known

    def _keep_copy(self, db: sqlite_utils.Database, first_step: str) -> None:
        """Refuse what is foreign or damaged; put a copy beside the library before it changes."""
        if not self._migrations.applied(db):
            raise UserError(_SENTENCES[sqlite3.SQLITE_NOTADB])
        if self.one("PRAGMA integrity_check(1)")[0] != "ok":
            raise UserError(_SENTENCES[sqlite3.SQLITE_CORRUPT])
        step = first_step.partition("_")[0]
        self.backup(self.path.with_name(f"{self.path.name}{_COPY}{step}"))

    def copies(self) -> list[Path]:
        """The copies that were kept before a change of the schema."""
        found = self.path.parent.glob(f"{glob.escape(self.path.name)}{_COPY}*")
        return sorted(file for file in found if not file.name.endswith(("-wal", "-shm")))

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # statistics for the query planner: a bonus
            self.connection.execute("PRAGMA analysis_limit = 400")
            self.connection.execute("PRAGMA optimize")
        self.connection.close()

    def backup(self, target: Path) -> None:
        """Copy what is committed to ``target``, which is there complete or not at all."""
        part = target.with_name(target.name + ".part")
        part.unlink(missing_ok=True)
        # A connection of its own: this one may hold a write block open.
        with (
            sentences(),
            contextlib.closing(sqlite3.connect(self.path)) as source,
            contextlib.closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
        part.replace(target)

    def truncate_log(self) -> None:
        """Bring what is committed from the log into the file, and empty the log.

        Nobody who writes has to wait for it: where somebody reads, it is tried again.
        """
        with sentences():
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self.connection.execute("PRAGMA busy_timeout = 0")
            try:
                for _ in range(_TRIES):
                    busy, *_ = self.one("PRAGMA wal_checkpoint(TRUNCATE)")
                    if not busy:
                        return
                    time.sleep(_AGAIN_S)
            finally:
                self.connection.execute("PRAGMA busy_timeout = 5000")
        raise UserError("The library is in use all the time: try again in a moment.")

    # ── Reading ──

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with sentences():
            return self.connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first row, or None."""
        with sentences():
            return self.connection.execute(sql, parameters).fetchone()

    # ── Writing: short blocks, all or nothing ──

    @contextlib.contextmanager
    def precious(self) -> Iterator[sqlite3.Connection]:
        """A write block for what a person made: on the disk, not in a cache, when it ends."""
        # IMMEDIATE waits for another writer here; a deferred block could fail in the middle.
        with sentences():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """One precious statement."""
        with self.precious() as connection:
            connection.execute(sql, parameters)

    @contextlib.contextmanager
    def derived(self) -> Iterator[sqlite3.Connection]:
        """A write block for what can be computed again: a power cut may lose it."""
        self.connection.execute("PRAGMA synchronous = NORMAL")
        try:
            with self.precious() as connection:
                yield connection
        finally:
            self.connection.execute("PRAGMA synchronous = FULL")
