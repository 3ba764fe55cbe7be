"""One table of a file: read → map columns → check; what then is stored, see :mod:`geo.intake.loading`."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from geo import crs as crs_room
from geo.database import Database
from geo.errors import CrsError, MappingError, ReadError
from geo.fields import Fault, Kind
from geo.intake.around import figures, neighbours, one_after_another, tolerances_for
from geo.intake.check import check_rows, looks_synthetic, says_synthetic
from geo.intake.checked import Checked
from geo.intake.columns import Rows, map_columns
from geo.intake.drawings import without_echoes
from geo.intake.guard import check_datum
from geo.intake.keeping import keep_registered
from geo.intake.outlines import Drawn
from geo.intake.own_tables import tables_of
from geo.intake.read import Source
from geo.intake.references import check_references
from geo.intake.report import Progress, silent
from geo.intake.shapes import prepare_shapes
from geo.intake.sources import gather
from geo.intake.specs import Mapping
from geo.policy import Intake, Policy
from geo.policy import policy as read_policy
from geo.settings import settings


@dataclass(frozen=True)
class Asked:
    """How one table is to be taken; see :func:`geo.intake.load`.

    ``day`` is that from which its rows hold; ``where`` is what its faults call it, and ``known`` the codes by kind that come
    with it, where an import reads several sheets; ``among``: it is one of several sheets of its kind, whose outlines are
    looked at together.
    """

    day: date
    crs: str | None = None
    gone: str = "keep"
    trust_crs: bool = False
    policy: Policy | None = None
    tell: Progress = silent
    where: str | None = None
    known: MappingType[str, set[str]] = field(default_factory=dict)
    among: bool = False

    def tolerances(self) -> Intake | None:
        """Those of the policy that was asked for, or of the settings."""
        return (self.policy or read_policy(settings().policy)).intake


def check_file(
    db: Database,
    path: str | Path,
    kind: Kind,
    mapping: Mapping | None,
    asked: Asked,
    *,
    layer: str | None = None,
    join: str | Path | None = None,
) -> Checked:
    """Read one table, bring its columns under our names, check every row."""
    tell = asked.tell
    tell("read", 0, 1)
    source, plan = gather(path, kind, mapping, layer=layer, join=join, step=partial(tell, "read"))
    tell("check", 0, 1)
    if plan.kind is not kind:
        raise MappingError(
            f"{plan.name} is for {plan.kind.name}, and {kind.name} were asked for.", "Name the right kind."
        )
    return check_source(db, source, plan, asked)


def check_source(
    db: Database, source: Source, plan: Mapping, asked: Asked, more: Callable[[Rows], None] | None = None
) -> Checked:
    """Bring a table under our names and check every row, as :func:`check_file`; ``more`` adds findings of the caller's own."""
    kind = plan.kind
    if any(spec.table_column for spec in plan.columns.values()):
        # What was given back names the office's own tables, which the database keeps with the imports.
        known = tables_of(db)
        plan = replace(plan, columns={name: replace(spec, known=known) for name, spec in plan.columns.items()})
    rows = map_columns(source, plan)
    datum = None if plan.keeps else _datum(source, plan, asked.crs, rows)
    synthetic = plan.synthetic
    if synthetic is None:
        told = says_synthetic(rows)
        synthetic = looks_synthetic(rows) if told is None else told
    shapes: Drawn | None = None

    if plan.keeps:
        rows, shapes = keep_registered(db, rows, plan, asked.day)
    elif datum is not None and rows.geometry is not None:
        shapes = prepare_shapes(
            kind, rows.geometry, rows.unreadable, datum, db.srid, rows.findings, partial(asked.tell, "check")
        )
        without_echoes(rows.findings, {name: spec.column for name, spec in plan.columns.items()})
    check_rows(rows, shapes, synthetic=synthetic, today=today(db))
    check_references(db, rows, asked.known)
    if more is not None:
        more(rows)
    drawn = shapes if kind.geometry == "MultiPolygon" else None
    tolerances = tolerances_for(rows, drawn, asked.policy)
    works = [figures(rows, drawn, plan, tolerances)]
    if not plan.keeps and not asked.among:
        # What is kept was looked at when it came.
        works.append(neighbours(db, rows, drawn, tolerances, day=asked.day, gone=asked.gone))
    suspicion: tuple[Fault, ...] = ()
    if datum is not None and rows.geometry is not None:
        suspicion = check_datum(db, kind, rows.geometry, datum, rows.keys(), trusted=asked.trust_crs)
    return Checked(
        source=source,
        plan=plan,
        rows=rows,
        shapes=shapes,
        crs=str(datum) if datum and rows.geometry is not None else None,
        synthetic=synthetic,
        suspicion=tuple(replace(fault, where=asked.where) for fault in suspicion),
        bad=rows.findings.rejected(len(rows)),
        where=asked.where,
        around=one_after_another(works),
        trust_crs=asked.trust_crs,
    )


def today(db: Database) -> date:
    """Today, as both this machine and the database see it: the earlier, so that what is stored now holds now for both."""
    with db.read() as connection:
        return min(date.today(), connection.execute(sa.select(sa.func.current_date(type_=sa.Date))).scalar_one())


def _datum(source: Source, plan: Mapping, crs: str | None, rows: Rows) -> crs_room.Datum | None:
    if plan.kind.geometry is None:
        return None
    if rows.geometry is None:
        if plan.kind.geometry_required:
            raise ReadError(
                f"{source.file_name} has no shapes, and {plan.kind.name} want them.",
                "A table has them in a column `wkt`, or in those that the mapping names under [geometry]. Where they stand in "
                "another file, pass --join FILE; where they are registered already, --join registered keeps them.",
            )
        return None
    said = crs or plan.crs
    datum = crs_room.parse(said) if said else source.datum
    if datum is None:
        raise CrsError(
            f"{source.file_name} does not say which datum its coordinates are in.",
            "Pass --crs: EPSG:4490 (CGCS2000), EPSG:4549 (CGCS2000 / CM 120E), EPSG:4326 (WGS84), GCJ-02, BD-09, "
            "or the PROJ string of the city's own grid. Ask whoever made the file; some of these are 450 m apart.",
        )
    return datum
