"""What is looked at once rows are sound: figures against outlines, outlines against each other and against registered land.

All of it warns and refuses nothing, so that it can be done while the rows are stored.
"""

from __future__ import annotations

from datetime import date

from geo.database import Database
from geo.intake.beside import Work, nothing
from geo.intake.columns import Rows
from geo.intake.neighbours import check_duplicate_shapes, check_neighbours, check_registered
from geo.intake.outlines import Drawn
from geo.intake.plausible import check_figures
from geo.intake.report import Step
from geo.intake.specs import Mapping
from geo.policy import Intake, Policy
from geo.policy import policy as read_policy
from geo.settings import settings


def tolerances_for(rows: Rows, shapes: Drawn | None, policy: Policy | None) -> Intake | None:
    """The policy's tolerances, where they are asked for; that it has none is told in the findings."""
    if shapes is None or rows.kind.name != "parcels":
        return None
    chosen = policy or read_policy(settings().policy)
    if chosen.intake is None:
        advice = f"Policy {chosen.id} has no section [intake]; overlaps, slivers, areas and units were not checked."
        rows.findings.add_whole("policy", chosen.id, "not_checked", advice)
    return chosen.intake


def figures(rows: Rows, shapes: Drawn | None, plan: Mapping, tolerances: Intake | None) -> Work:
    """To hold the figures of one table against its outlines."""
    if shapes is None or tolerances is None:
        return nothing
    return lambda _: check_figures(rows, shapes, plan, tolerances)


def neighbours(
    db: Database, rows: Rows, shapes: Drawn | None, tolerances: Intake | None, *, day: date, gone: str
) -> Work:
    """To hold outlines against each other and, where what is not in the file stays, against registered land."""
    if shapes is None or rows.kind.geometry != "MultiPolygon":
        return nothing

    def look(step: Step) -> None:
        check_duplicate_shapes(rows, shapes)
        if tolerances is None:
            return
        check_neighbours(rows, shapes, tolerances, step)
        if gone == "keep":
            # With "retire" what is not in the file ends, and nothing can overlap it.
            check_registered(db, rows, shapes, tolerances, day)

    return look


def one_after_another(works: list[Work]) -> Work:
    """All of these."""

    def look(step: Step) -> None:
        for work in works:
            work(step)

    return look
