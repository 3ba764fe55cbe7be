"""Loads the demo that ships (``data/demo``) and the real layers of Hongkou, each file by its mapping.

Everything goes through :func:`geo.intake.load`, as an office's own files do.  A file that is loaded again changes nothing
as long as nobody has changed its rows since; so ask :func:`is_loaded` first where an office's own corrections may be there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from geo.database import Database, connect, upgrade
from geo.errors import DatabaseError, ReadError
from geo.intake import ImportReport
from geo.intake import load as load_file
from geo.settings import data_dir

#: told in one line what comes next
Progress = Callable[[str], None]
#: told what became of a layer, as soon as it is in
Done = Callable[[ImportReport], None]

#: From when the demo holds: the plan's own day, so that past days can be asked for from there on.
EFFECTIVE = date(2025, 3, 7)

#: where notebooks try things out, so that an office's own database is left alone
NOTEBOOK_DATABASE = "notebook"

#: file of ``data/demo`` → kind, mapping; in the order in which one refers to another
DEMO_FILES: tuple[tuple[str, str, str], ...] = (
    ("zones.geojson", "zones", "demo-zones"),
    ("barriers.geojson", "barriers", "demo-barriers"),
    ("stations.geojson", "stations", "demo-stations"),
    ("heritage.geojson", "heritage", "demo-heritage"),
    ("services.csv", "services", "demo-services"),
    ("centre_tiers.geojson", "centre_tiers", "demo-centre-tiers"),
    ("open_spaces.geojson", "open_spaces", "demo-open-spaces"),
    ("plan_changes.geojson", "plan_changes", "demo-plan-changes"),
    ("parcels.geojson", "parcels", "demo-parcels"),
    ("buildings.geojson", "buildings", "demo-buildings"),
    ("carriers_named.csv", "carriers", "demo-carriers-named"),
    ("carriers_made_up.geojson", "carriers", "demo-carriers-made-up"),
    ("carrier_shares.csv", "carrier_shares", "demo-carrier-shares"),
    ("carrier_years.csv", "carrier_years", "demo-carrier-years"),
    ("leases.csv", "leases", "demo-leases"),
)

#: the files of the demo in which nothing is invented
KNOWN_FILES = tuple(file for file in DEMO_FILES if file[2] in ("demo-zones", "demo-carriers-named"))

#: file below the folder of real layers → kind, mapping (which names the layer)
REAL_FILES: tuple[tuple[str, str, str], ...] = (
    ("hongkou_admin/hongkou_admin.gpkg", "streets", "hongkou-streets"),
    ("hongkou_osm_roads/hongkou_roads.gpkg", "barriers", "hongkou-roads"),
    ("hongkou_osm_roads/hongkou_roads.gpkg", "blocks", "hongkou-blocks"),
    ("hongkou_transport/hongkou_transport.gpkg", "barriers", "hongkou-elevated"),
    ("hongkou_transport/hongkou_transport.gpkg", "transit_lines", "hongkou-metro-lines"),
    ("hongkou_transport/hongkou_transport.gpkg", "stations", "hongkou-stations"),
    ("hongkou_heritage/hongkou_heritage_points.gpkg", "heritage", "hongkou-heritage"),
    ("hongkou_poi/dabaishu_quyang_poi.gpkg", "carriers", "hongkou-poi-carriers"),
    ("hongkou_poi/dabaishu_quyang_poi.gpkg", "services", "hongkou-poi-services"),
    ("hongkou_services/poi_ni1o1.gpkg", "services", "hongkou-bus-stops"),
    ("hongkou_services/poi_ni1o1.gpkg", "services", "hongkou-schools"),
    ("hongkou_services/poi_ni1o1.gpkg", "services", "hongkou-hospitals"),
)


def load(db: Database, progress: Progress | None = None) -> list[ImportReport]:
    """Load every file of the demo; one report a file, in the order of :data:`DEMO_FILES`.

    Raises
    ------
    DatabaseError
        The database is not migrated, busy or refuses.
    """
    return _load_all(db, data_dir() / "demo", DEMO_FILES, EFFECTIVE, progress)


def database(name: str = NOTEBOOK_DATABASE) -> Database:
    """A database for trying things out, with the demo in it: the one of that name in the embedded cluster.

    It is made, migrated and filled where it is not.  Where ``DATABASE_URL`` is set it is that one, which may hold nothing else:
    made-up land does not come between an office's own, and no run over it takes the place of an office's.

    Raises
    ------
    DatabaseError
        The database cannot be reached, or holds parcels that are not the demo's.
    SetupError
        PostgreSQL with PostGIS is not on this machine.
    """
    db = connect(database=name, create=True)
    upgrade(db)
    parcels = db.table("registry.parcels")
    theirs = sa.select(parcels.c.parcel_code).where(*_current(parcels), sa.not_(parcels.c.parcel_code.like("演示-%")))
    with db.read() as connection:
        other = connection.scalar(theirs.order_by(parcels.c.parcel_code).limit(1))
    if other is not None:
        db.engine.dispose()
        raise DatabaseError(
            f"This database holds land that is not the demo's (parcel {other}), so the demo does not go into it.",
            "Take DATABASE_URL away, and a database of its own is made; or ask your own land: db = geo.connect().",
        )
    if not is_loaded(db):
        load(db)
    return db


def is_loaded(db: Database) -> bool:
    """Whether the demo is here whole: both zones, and a current row with an invented code in every kind that it brings.

    Raises
    ------
    NotMigratedError
        The database has no schema of ours yet.
    """
    brought = dict.fromkeys(kind for _, kind, _ in DEMO_FILES if kind != "zones")
    with db.read() as connection:
        zones = db.table("registry.zones")
        if connection.scalar(sa.select(sa.func.count()).select_from(zones).where(*_current(zones))) == 0:
            return False
        for kind in brought:
            table = db.table(f"registry.{kind}")
            code = next(column for column in table.c if column.name.endswith("_code"))
            found = sa.select(sa.literal(1)).where(*_current(table), table.c.synthetic, code.like("演示-%")).limit(1)
            if connection.scalar(found) is None:
                return False
    return True


def load_known(db: Database, progress: Progress | None = None, done: Done | None = None) -> list[ImportReport]:
    """Load what the demo holds of the real district: the indicative zones and the carriers that the plan names.

    Raises
    ------
    DatabaseError
        The database is not migrated, busy or refuses.
    """
    return _load_all(db, data_dir() / "demo", KNOWN_FILES, EFFECTIVE, progress, done)


def load_real(
    db: Database, folder: str | Path, progress: Progress | None = None, done: Done | None = None
) -> list[ImportReport]:
    """Load the real layers of Hongkou from ``folder`` (see ``data/README.md``); one report a layer.

    Raises
    ------
    ReadError
        A file is not there: all that are missing are named and nothing was loaded.
    DatabaseError
        The database is not migrated, busy or refuses.
    """
    root = Path(folder)
    missing = sorted({name for name, _, _ in REAL_FILES if not (root / name).is_file()})
    if missing:
        raise ReadError(
            f"{root} lacks {', '.join(missing)}.", "Set SHUANGBEI_REAL_DATA to the folder that holds the real layers."
        )
    return _load_all(db, root, REAL_FILES, None, progress, done)


def _load_all(
    db: Database,
    folder: Path,
    files: tuple[tuple[str, str, str], ...],
    effective: date | None,
    progress: Progress | None,
    done: Done | None = None,
) -> list[ImportReport]:
    reports = []
    for number, (name, kind, mapping) in enumerate(files, 1):
        if progress is not None:
            progress(f"Loading {number} of {len(files)}: {mapping} …")
        reports.append(load_file(db, folder / name, kind=kind, mapping=mapping, effective=effective))
        if done is not None:
            done(reports[-1])
    return reports


def _current(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.recorded_to.is_(None), table.c.valid_to.is_(None)
