"""From a file to the registry: read → map columns → check → store."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import shapely
import sqlalchemy as sa

from geo import crs as crs_room
from geo.database import Database, require_migrated
from geo.errors import CrsError, IntakeError, MappingError, ReadError, SettingsError
from geo.fields import Fault, kind_named
from geo.fields.faults import FileRows
from geo.intake.automap import match_columns
from geo.intake.beside import Work, nothing
from geo.intake.changes import preview
from geo.intake.check import check_rows, looks_synthetic, says_synthetic
from geo.intake.columns import Rows, map_columns
from geo.intake.copying import Table
from geo.intake.findings import Mask
from geo.intake.guard import check_datum
from geo.intake.mapping import Mapping, read_mapping
from geo.intake.neighbours import check_duplicate_shapes, check_neighbours, check_registered
from geo.intake.outlines import Drawn
from geo.intake.plausible import check_figures
from geo.intake.read import Source, read
from geo.intake.references import check_references
from geo.intake.report import ImportReport, Progress, Step, silent
from geo.intake.shapes import prepare_shapes
from geo.intake.store import Batch, store
from geo.intake.values import as_text
from geo.policy import Policy
from geo.policy import policy as read_policy
from geo.settings import settings


def load(
    db: Database,
    path: str | Path,
    *,
    kind: str,
    mapping: str | Path | Mapping | None = None,
    crs: str | None = None,
    layer: str | None = None,
    effective: date | None = None,
    accept_valid: bool = False,
    actor: str | None = None,
    progress: Progress | None = None,
    gone: Literal["keep", "retire"] = "keep",
    trust_crs: bool = False,
    policy: Policy | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import one file: read it, bring its columns under our names, check every row, store it as versions.

    ``crs`` wins over the mapping's, that over the file's own.  ``effective`` is the day from which the rows hold (default:
    today).  One error stops the whole file, unless ``accept_valid`` takes the good rows and keeps the others aside with
    their faults.  ``gone="retire"`` ends what is registered and not in the file.  A file that says nothing new writes
    nothing (``import_id`` is ``None``).  A datum that what is registered speaks against stops the file, too, unless
    ``trust_crs`` makes a warning of it.  ``policy`` gives the tolerances of warnings (default: that of the settings).
    With ``dry_run`` nothing is written, and the report's ``changes`` tell what would be.
    ``progress(stage, done, total)`` is called as the work goes on.

    Raises
    ------
    ReadError, MappingError, CrsError, NotFoundError
        The file, its mapping, its datum or the kind cannot be used.
    IntakeError
        Rows break rules; all faults are carried, nothing was written.
    DatabaseError
        The database is not migrated, busy or refuses; nothing was written.
    """
    if gone not in ("keep", "retire"):
        raise SettingsError(f"gone is {gone!r}.", "Say keep or retire.")
    require_migrated(db)
    today = _today(db)
    tell: Progress = progress or silent
    tell("read", 0, 1)
    wanted = kind_named(kind)
    chosen = mapping if isinstance(mapping, Mapping) or mapping is None else read_mapping(mapping, wanted)
    source = read(
        path,
        layer=layer or (chosen.layer if chosen else None),
        encoding=chosen.encoding if chosen else None,
        geometry=chosen.geometry if chosen else None,
    )
    if not len(source.rows):
        raise ReadError(f"{source.file_name} has no rows.", "Ask for the file again.")
    tell("check", 0, 1)
    plan = chosen or match_columns(source.columns, wanted, source.file_name)
    if plan.kind is not wanted:
        raise MappingError(f"{plan.name} is for {plan.kind.name}, and {kind} were asked for.", "Name the right kind.")
    rows = map_columns(source, plan)
    datum = _datum(source, plan, crs, rows)
    synthetic = plan.synthetic
    if synthetic is None:
        told = says_synthetic(rows)
        synthetic = looks_synthetic(rows) if told is None else told
    shapes = None

    def step(done: int, total: int) -> None:
        tell("check", done, total)

    if datum is not None and rows.geometry is not None:
        shapes = prepare_shapes(wanted, rows.geometry, rows.unreadable, datum, db.srid, rows.findings, step)
    check_rows(rows, shapes, synthetic=synthetic, today=today)
    check_references(db, rows)
    around = _around(db, rows, shapes, plan, policy, effective or today, gone)
    suspicion: tuple[Fault, ...] = ()
    if datum is not None and rows.geometry is not None:
        suspicion = check_datum(db, wanted, rows.geometry, datum, rows.keys(), trusted=trust_crs)
    bad = rows.findings.rejected(len(rows))
    used = {name: spec.column for name, spec in plan.columns.items() if spec.column}
    as_read = FileRows(kind, source.file_name, rows.raw, rows.rows, used)
    refused = bad.any() or any(fault.severity == "error" for fault in suspicion)
    if refused or dry_run:
        around(step)
    try:
        faults = (*suspicion, *rows.findings.faults(rows.rows, rows.keys()))
        _refuse_suspicion(source, suspicion, faults)
        _refuse_errors(source, bad, faults, accept_valid, gone, rows)
    except IntakeError as error:
        error.read = as_read
        raise
    batch = Batch(
        kind=wanted,
        good=_good(rows, shapes, ~bad),
        rejected=_rejected(rows, bad, faults),
        rejected_keys=list(zip(*(rows.columns[k].filter(pa.array(bad)).to_pylist() for k in wanted.key), strict=True)),
        effective=effective or today,
        retire=gone == "retire",
        synthetic=synthetic,
        source=plan.source or source.file_name,
        file_name=source.file_name,
        sha256=source.sha256,
        crs=str(datum) if datum and rows.geometry is not None else None,
        mapping=_told(plan, source, gone, accept_valid),
        actor=actor or settings().actor,
    )
    import_id, changes = None, None
    if dry_run:
        counts, changes = preview(db, batch, tell)
    else:
        # What lies round each outline only warns: it is looked at while the rows are stored.
        import_id, counts = store(db, batch, tell, nothing if refused else around)
    if not (refused or dry_run):
        faults = (*suspicion, *rows.findings.faults(rows.rows, rows.keys()))
    return ImportReport(
        import_id=import_id,
        kind=kind,
        file_name=source.file_name,
        layer=source.layer,
        sha256=source.sha256,
        source=batch.source,
        synthetic=synthetic,
        crs=batch.crs,
        effective=batch.effective,
        n_rows=len(source.rows),
        n_skipped=rows.n_skipped,
        n_rejected=int(bad.sum()),
        counts=counts,
        faults=faults,
        unused=rows.unused,
        changes=changes,
        read=as_read,
    )


def _around(
    db: Database, rows: Rows, shapes: Drawn | None, plan: Mapping, policy: Policy | None, day: date, gone: str
) -> Work:
    """What is left to be looked at: outlines against each other and against registered land; it warns and refuses nothing."""
    if shapes is None or rows.kind.geometry != "MultiPolygon":
        return nothing
    chosen = policy or read_policy(settings().policy) if rows.kind.name == "parcels" else None
    if chosen is None or chosen.intake is None:
        if chosen is not None:
            advice = f"Policy {chosen.id} has no section [intake]; overlaps, slivers, areas and units were not checked."
            rows.findings.add_whole("policy", chosen.id, "not_checked", advice)
        return lambda _: check_duplicate_shapes(rows, shapes)
    tolerances = chosen.intake

    def look(step: Step) -> None:
        check_duplicate_shapes(rows, shapes)
        check_figures(rows, shapes, plan, tolerances)
        check_neighbours(rows, shapes, tolerances, step)
        if gone == "keep":
            # With "retire" what is not in the file ends, and nothing can overlap it.
            check_registered(db, rows, shapes, tolerances, day)

    return look


def _today(db: Database) -> date:
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
                "A CSV has them in a column `wkt`, or in those that the mapping names under [geometry].",
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


def _refuse_suspicion(source: Source, suspicion: tuple[Fault, ...], faults: tuple[Fault, ...]) -> None:
    if any(fault.severity == "error" for fault in suspicion):
        raise IntakeError(
            f"{source.file_name}: the datum is suspect; nothing was written.", suspicion[0].advice, faults
        )


def _refuse_errors(
    source: Source, bad: Mask, faults: tuple[Any, ...], accept_valid: bool, gone: str, rows: Rows
) -> None:
    if not bad.any():
        return
    n_errors = sum(fault.severity == "error" for fault in faults)
    told = f"{source.file_name}: {int(bad.sum())} of {len(bad)} rows have errors ({n_errors} in all)"
    if not accept_valid:
        raise IntakeError(
            f"{told}; nothing was written.", "Mend them, or pass --accept-valid to take the other rows.", faults
        )
    if gone == "retire" and any(key is None for key in rows.keys()[bad]):
        raise IntakeError(
            f"{told}, and of some the code is not known, so that nobody can tell what is gone; nothing was written.",
            "Mend those rows, or pass --gone keep.",
            faults,
        )


def _good(rows: Rows, shapes: Drawn | None, good: Mask) -> Table:
    outlines = None if shapes is None else shapes.outlines
    if good.all():
        return Table(rows.rows, rows.columns, outlines)
    columns = {name: column.filter(pa.array(good)) for name, column in rows.columns.items()}
    return Table(rows.rows[good], columns, None if outlines is None else outlines[good])


def _rejected(rows: Rows, bad: Mask, faults: tuple[Any, ...]) -> list[tuple[int, dict[str, Any], list[Any]]]:
    """The rejected rows as the file has them, the shape as WKT in the file's own coordinates, and their faults."""
    by_row: dict[int, list[Any]] = {}
    for fault in faults:
        by_row.setdefault(fault.row, []).append(fault)
    out = []
    positions = np.flatnonzero(bad)
    shapes = None if rows.geometry is None else rows.geometry.shapes(positions)
    for n, i in enumerate(positions.tolist()):
        cells = {name: _plain(rows.raw.iat[i, j]) for j, name in enumerate(rows.raw.columns)}
        if shapes is not None and shapes[n] is not None:
            cells["geometry"] = shapely.to_wkt(shapes[n], rounding_precision=-1)
        number = int(rows.rows[i])
        out.append((number, cells, by_row.get(number, [])))
    return out


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it: text as it is written, NUL and lone surrogates marked, for jsonb takes neither."""
    if isinstance(cell, str):
        return cell.replace("\x00", "�").encode("utf-8", "replace").decode()
    text = as_text(cell)
    return text if text is None else _plain(text)


def _told(plan: Mapping, source: Source, gone: str, accept_valid: bool) -> dict[str, Any]:
    content = dict(plan.content) or {"columns": {name: spec.column for name, spec in plan.columns.items()}}
    return {
        "name": plan.name,
        "content": content,
        "layer": source.layer,
        "gone": gone,
        "accept_valid": accept_valid,
    }
