"""The datum guard: does a layer lie where what is registered says that it should, or only under another datum?

Each hypothesis (the datum that is declared, and the slips that offices make) puts the layer somewhere; where it lies
is held against the registry.  A finding needs another hypothesis to fit clearly better than the declared one, by the
margins below; with nothing registered, or with evidence that is not clear, nothing is said.
"""

from __future__ import annotations

import numpy as np

from geo import crs as crs_room
from geo.database import Database
from geo.fields import Fault, Kind
from geo.fields.faults import Severity
from geo.intake.evidence import compare
from geo.intake.findings import Objects
from geo.intake.hypotheses import Finding, hypotheses, sound
from geo.intake.outlines import Outlines
from geo.intake.registered import Registered

RULE = "datum_suspect"
#: features that are looked at: enough for a share, few enough for a layer of a million
SAMPLE = 400


def check_datum(
    db: Database,
    kind: Kind | None,
    geometry: Outlines,
    datum: crs_room.Datum,
    keys: Objects | None = None,
    *,
    trusted: bool = False,
) -> tuple[Fault, ...]:
    """What is suspicious about a layer's datum: no fault, or one of the whole file (rule ``datum_suspect``).

    ``geometry`` holds shapes as the file has them, ``keys`` each row's code where it is known; with ``trusted`` an error
    becomes a warning.
    """
    finding = examine(db, kind, geometry, datum, keys)
    if finding is None:
        return ()
    severity: Severity = "error" if finding.strong and not trusted else "warning"
    more = "" if trusted else f" {finding.remedy} If {crs_room.short(datum)} is right all the same, pass --trust-crs."
    return (Fault(None, None, "geometry", str(datum), RULE, severity, finding.told + more),)


def examine(
    db: Database, kind: Kind | None, geometry: Outlines, datum: crs_room.Datum, keys: Objects | None = None
) -> Finding | None:
    """The clearest finding about a layer's datum, ``None`` where nothing is suspicious or nothing can be told."""
    registered = Registered(db)
    if registered.extent is None or not len(geometry):
        return None
    usable = np.concatenate([start + np.flatnonzero(sound(part)) for start, part in geometry.chunks()])
    if not len(usable):
        return None
    # Evenly through the file, the same at every call: neighbours tend to stand together in a file.
    chosen = usable[np.unique(np.linspace(0, len(usable) - 1, min(SAMPLE, len(usable))).astype(int))]
    with np.errstate(invalid="ignore", over="ignore"):
        tried = hypotheses(geometry.shapes(chosen), datum, db.srid)
        return compare(tried, registered, kind, None if keys is None else keys[chosen])
