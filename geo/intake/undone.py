"""Which imports are undone: an undo counts as long as it is not itself undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg


def undone(cursor: psycopg.Cursor[Any]) -> dict[int, int]:
    """Each import that is undone, and the undo that is in force; an undone undo is in force no more."""
    return in_force(cursor.execute("SELECT id, undoes FROM registry.imports WHERE undoes IS NOT NULL").fetchall())


def in_force(undos: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each undone import and its undo in force, from pairs of undo and what it undoes."""
    found: dict[int, int] = {}
    # Newest first: whether an undo was itself undone is known before it counts.
    for number, target in sorted(undos, reverse=True):
        if number not in found:
            found.setdefault(target, number)
    return found
