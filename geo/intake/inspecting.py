"""A look at a file before it is imported: its layers, its columns, its datum, and what each column probably is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo import crs as crs_room
from geo.database import Database
from geo.errors import CrsError, ReadError
from geo.fields import KINDS, Kind, kind_named
from geo.intake.by_values import guess_by_values, settle_labels
from geo.intake.cells import texts
from geo.intake.drawn_layers import Drawing, crowded, look_into, narrowed
from geo.intake.findings import missing, shown
from geo.intake.guard import examine
from geo.intake.guesses import LABEL, SURE, Guess, Seen, guess_columns, name_score, says_plan
from geo.intake.joining import join_sources, key_columns
from geo.intake.layers import LayerInfo, encoding_of, layers_of
from geo.intake.outlines import Outlines
from geo.intake.read import Source, read
from geo.intake.specs import Join

#: rows that guesses are made from, evenly through the file
SAMPLE = 5000
_FAMILY = {0: "Point", 4: "Point", 1: "MultiLineString", 5: "MultiLineString", 3: "MultiPolygon", 6: "MultiPolygon"}


@dataclass(frozen=True)
class ColumnInfo:
    """One column of a file: what its cells are, one of them, and how many are empty; ``guess`` what it probably is."""

    name: str
    type: str
    sample: str | None
    n_empty: int
    guess: Guess | None


@dataclass(frozen=True)
class Inspection:
    """What :func:`inspect_file` saw.  ``layer`` and what follows are of the one layer that was looked into, if any.

    ``datum_said`` tells whether the file itself says this datum; ``bbox`` is in the file's own coordinates; ``guard`` what the
    datum guard found, or why nothing was compared.  ``join`` is the file that was joined, ``on`` the columns of the codes.
    ``drawing`` are the layers of a drawing; rows, columns and shapes are then of those that were chosen.
    """

    file_name: str
    layers: tuple[LayerInfo, ...]
    layer: str | None
    n_rows: int
    columns: tuple[ColumnInfo, ...]
    encoding: str | None
    geometry: str | None
    datum: str | None
    datum_said: bool
    bbox: tuple[float, float, float, float] | None
    kind: str | None
    kind_confidence: float
    guard: str
    join: str | None = None
    on: tuple[str, str] | None = None
    drawing: Drawing | None = None

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """The guesses, one for each column of the registry that the file may have."""
        return tuple(column.guess for column in self.columns if column.guess is not None)


def inspect_file(
    path: str | Path,
    *,
    layer: str | None = None,
    kind: str | None = None,
    crs: str | None = None,
    db: Database | None = None,
    join: str | Path | None = None,
) -> Inspection:
    """Look at a file without importing it; nothing is written anywhere.

    Of a file with several layers and none named, only the layers are told.  With ``db`` the layer is held against what is
    registered there.  ``join`` is looked at with it, joined by the code of both: the numbers of a table then stand beside the
    outlines of the other file.

    Raises
    ------
    ReadError, CrsError, NotFoundError
        The file cannot be read, or layer, datum or kind are not known.
    """
    file = Path(path)
    wanted = kind_named(kind) if kind else None
    said = crs_room.parse(crs) if crs else None
    layers = layers_of(file)
    if layer is None and sum(info.n_rows != 0 for info in layers) > 1:
        return Inspection(file.name, layers, None, 0, (), None, None, None, False, None, None, 0.0, "not compared")
    source = read(file, layer=layer)
    if not len(source.rows):
        raise ReadError(f"{source.file_name} has no rows.", "Ask for the file again.")
    on = None
    if join is not None:
        source, on = _joined(source, Path(join), wanted)
    datum = said or source.datum
    drawing = look_into(file, source, wanted)
    if drawing is not None:
        source = narrowed(source, drawing)
    family = "MultiPolygon" if drawing is not None and drawing.chosen else _family(source.geometry)
    chosen = np.unique(np.linspace(0, len(source.rows) - 1, min(SAMPLE, len(source.rows))).astype(int))
    unclear = crowded(source) if drawing is not None else set()
    cells = {str(name): texts(source.frame[name].iloc[chosen]) for name in source.frame if name not in unclear}
    seen = Seen(cells, _drawn(source.geometry, chosen, datum), plan=says_plan(file.stem, source.layer))
    found: Kind | None = wanted
    confidence = 1.0
    if wanted is None and drawing is None:
        found, confidence = guess_kind(list(cells), family)
    elif wanted is None and drawing is not None:
        found, confidence = _kind_of_drawing(drawing, list(cells), family)
    named = guess_by_values(found, seen, guess_columns(found, seen)) if found else []
    if drawing is not None:
        named = settle_labels(named, seen)
    guesses = {guess.column: guess for guess in named}
    return Inspection(
        file_name=source.file_name,
        layers=layers,
        layer=source.layer,
        n_rows=len(source.rows),
        columns=tuple(_column(name, source.frame[name], guesses.get(str(name))) for name in source.frame),
        encoding=encoding_of(file),
        geometry=family,
        datum=None if datum is None else str(datum),
        datum_said=source.datum is not None and datum == source.datum,
        bbox=_bbox(source.geometry),
        kind=found.name if found else None,
        kind_confidence=round(confidence, 2),
        guard=_guard(db, found, source, datum),
        join=None if join is None else Path(join).name if Path(join).parent == file.parent else str(join),
        on=on,
        drawing=drawing,
    )


def _joined(source: Source, file: Path, wanted: Kind | None) -> tuple[Source, tuple[str, str]]:
    """The rows of both files by the code of both, and the columns of the codes."""
    other = read(file)
    kind = wanted or guess_kind([*source.columns, *other.columns], None)[0] or KINDS["parcels"]
    this, that = key_columns(source, other, Join(), kind, None, other.file_name)
    both, _ = join_sources(source, other, Join(), kind, None, other.file_name)
    # Both columns hold the same codes; one is enough to be guessed at.
    return replace(both, frame=both.frame.drop(columns=[that] if that != this else [])), (this, that)


def guess_kind(headings: list[str], family: str | None) -> tuple[Kind | None, float]:
    """The kind whose columns the headings name best, and how sure that is; its key counts more than the rest."""
    scores: dict[str, float] = {}
    complete: dict[str, bool] = {}
    for kind in KINDS.values():
        if kind.geometry not in (None, "Geometry", family) and family is not None:
            continue
        worth = {
            target.name: max((s[0] for h in headings if (s := name_score(h, target, kind))), default=0.0)
            for target in kind.columns
        }
        if not any(worth[name] for name in kind.key):
            continue
        scores[kind.name] = sum(v for v in worth.values() if v >= SURE) + 2 * max(worth[name] for name in kind.key)
        complete[kind.name] = all(worth[c.name] >= SURE for c in kind.columns if c.required)
    if not scores:
        return None, 0.0
    best, *others = sorted(scores, key=lambda name: -scores[name])
    lead = scores[best] - (scores[others[0]] if others else 0.0)
    confidence = 0.9 if complete[best] and lead >= 1.5 else 0.6 if lead >= 0.5 else 0.4
    return KINDS[best], confidence


def _kind_of_drawing(drawing: Drawing, headings: list[str], family: str | None) -> tuple[Kind | None, float]:
    """The kind of a drawing: what the names of its layers say; and only plots have codes of land use inside them."""
    says = drawing.says
    target = KINDS["parcels"].column("land_use")
    if says is None and any(name_score(h, target, KINDS["parcels"]) for h in headings) and family == "MultiPolygon":
        says = "parcels"
    return (KINDS[says], LABEL) if says else guess_kind(headings, family)


def _family(geometry: Outlines | None) -> str | None:
    if geometry is None:
        return None
    types = {_FAMILY.get(int(t), "Geometry") for t in _types(geometry) if t >= 0}
    return types.pop() if len(types) == 1 else "Geometry" if types else None


def _types(geometry: Outlines) -> set[int]:
    return {int(t) for _, part in geometry.chunks() for t in np.unique(shapely.get_type_id(part))}


def _drawn(geometry: Outlines | None, chosen: Any, datum: crs_room.Datum | None) -> Any:
    """Drawn areas on the ground in m², ``None`` where there are none or no datum says how large a degree is."""
    if geometry is None or datum is None:
        return None
    try:
        with np.errstate(invalid="ignore"):
            areas = crs_room.ground_areas(geometry.shapes(chosen), datum)
    except CrsError:
        return None
    return areas if np.isfinite(areas).any() else None


def _bbox(geometry: Outlines | None) -> tuple[float, float, float, float] | None:
    if geometry is None:
        return None
    each = np.array([shapely.total_bounds(part) for _, part in geometry.chunks()]).reshape(-1, 4)
    each = each[np.isfinite(each).all(axis=1)]
    if not len(each):
        return None
    low, high = each[:, :2].min(axis=0), each[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _column(name: Any, column: pd.Series[Any], guess: Guess | None) -> ColumnInfo:
    cells = texts(column)
    empty = missing(cells)
    first = None if empty.all() else shown(cells[int(np.flatnonzero(~empty)[0])])
    kind = "text" if column.dtype == object or str(column.dtype).startswith("str") else str(column.dtype)
    return ColumnInfo(str(name), kind, first, int(empty.sum()), guess)


def _guard(db: Database | None, kind: Kind | None, source: Source, datum: crs_room.Datum | None) -> str:
    if source.geometry is None:
        return "not compared: no shapes"
    if datum is None:
        return "not compared: no datum"
    if db is None:
        return "not compared: no database"
    finding = examine(db, kind, source.geometry, datum)
    return (
        "nothing that is registered speaks against the datum" if finding is None else f"{finding.told} {finding.remedy}"
    )
