"""Bringing a file of an older version up to this one, whoever else opens it at the same moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from temoin.storage.sqlite.schema import MIGRATIONS, subject_key


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the file up to this version; raises sqlite3.DatabaseError for a file that a newer Témoin wrote."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError(f"the file has schema {version}, this version knows up to {len(MIGRATIONS)}")
    connection.create_function("subject_key", 1, subject_key, deterministic=True)
    while version < len(MIGRATIONS):
        version = _step(connection)


def _step(connection: sqlite3.Connection) -> int:
    """The next migration, if one is still due, in one transaction; the version afterwards.

    Several workers may start on one file at once. Each asks for the version only when it has the write lock: whoever
    asked before would carry out again what another has done meanwhile, and set the version back.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version < len(MIGRATIONS):
            for statement in _statements(MIGRATIONS[version]):
                connection.execute(statement)
            version += 1
            connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return version


def _statements(script: str) -> Iterator[str]:
    """One by one: `executescript` would commit first what was begun, and give up the lock."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
