"""Reading a run back as frames: what maps, pages and lists are drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa

from geo.database import Database
from geo.errors import NotFoundError
from geo.fields import KINDS, Kind
from geo.fields.measures import MEASURES
from geo.fields.order import in_order
from geo.judge.opinions import beside
from geo.publish.findings import empty_findings, read_findings, with_facts
from geo.publish.ledger import empty_books, empty_ledger, read_books, read_ledger
from geo.publish.lineage import empty_lineage, read_lineage
from geo.publish.runs import Run, current_run, run_numbered
from geo.publish.verdicts import judged_columns, questions_of
from geo.said import Said


@dataclass(frozen=True)
class Published:
    """All that one run holds, in the work CRS of its database.

    ``parcels`` has one row a parcel with all its measures and the verdict of the policy's first rule; ``candidates``
    the same for each rule by name.  ``totals`` gives the floor-area table by its grouping, such as ``("zone",)``;
    ``ledger`` the rows that it is the sum of, with their imports; ``books`` the imports of the carriers; ``findings`` what was
    found beside the lists by topic (:data:`geo.publish.findings.TOPICS`), ``lineage`` what became of the clusters of the run
    before.
    """

    run: Run
    candidates: dict[str, gpd.GeoDataFrame]
    clusters: gpd.GeoDataFrame
    carriers: gpd.GeoDataFrame
    totals: dict[tuple[str, ...], pd.DataFrame]
    layers: dict[str, gpd.GeoDataFrame]
    ledger: pd.DataFrame = field(default_factory=empty_ledger)
    books: pd.DataFrame = field(default_factory=empty_books)
    findings: dict[str, gpd.GeoDataFrame] = field(default_factory=empty_findings)
    lineage: pd.DataFrame = field(default_factory=empty_lineage)

    @property
    def rule(self) -> str:
        """The first rule that was judged by, which the overview shows."""
        return str(self.run.figures["rule"])

    def judged_by(self, rule: str) -> gpd.GeoDataFrame:
        """The parcels as a rule judged them.

        Raises
        ------
        NotFoundError
            The run was not judged by that rule; the message says why, and lists those it was judged by.
        """
        if rule in self.candidates:
            return self.candidates[rule]
        days = self.run.not_in_force.get(rule)
        why, zh = f"has no rule {rule!r}", f"没有规则 {rule}"
        if days is not None:
            why = f"was not judged by rule {rule!r}: on {self.run.as_of} it was not in force, but {days}"
            zh = f"没有按规则 {rule} 判断：该规则在 {self.run.as_of} 不施行（{days}）"
        raise NotFoundError(
            Said(f"Run {self.run.run_id} {why}.", f"运行 {self.run.run_id} {zh}。"),
            Said("Rules: " + ", ".join(self.candidates) + ".", "规则：" + "、".join(self.candidates) + "。"),
        )

    @property
    def parcels(self) -> gpd.GeoDataFrame:
        """The parcels as the first rule judged them."""
        return self.candidates[self.rule]

    @property
    def floor_area(self) -> pd.DataFrame:
        """The floor-area totals by zone and land use."""
        return self.totals[("zone", "land_use")]


def read_run(db: Database, run_id: int | None = None) -> Published:
    """Read a run (default: the current one), all of it from one state of the database.

    Raises
    ------
    NotFoundError
        There is no such run, or nothing has been published yet.
    """
    run = current_run(db) if run_id is None else run_numbered(db, run_id)
    with db.read() as connection:
        carriers = _carriers(connection, db, run.run_id)
        return Published(
            run=run,
            candidates=_candidates(connection, db, run),
            clusters=_clusters(connection, db, run.run_id),
            carriers=carriers,
            totals=_totals(connection, db, run.run_id),
            layers=_layers(connection, db, run.run_id),
            ledger=read_ledger(connection, run.run_id),
            books=read_books(connection, carriers),
            findings=read_findings(connection, db, run.run_id),
            lineage=read_lineage(connection, db, run.run_id, run.figures.get("earlier_run_id")),
        )


def _candidates(connection: sa.Connection, db: Database, run: Run) -> dict[str, gpd.GeoDataFrame]:
    land = db.table("published.parcels")
    drawn = db.table("registry.parcels")
    rows = connection.execute(
        sa.select(land.c.facts, sa.func.ST_AsBinary(drawn.c.geom).label("geometry"))
        .join(drawn, drawn.c.id == land.c.parcel_id)
        .where(land.c.run_id == run.run_id)
        .order_by(land.c.parcel_code)
    ).all()
    open_measures = [name for name, measure in MEASURES.items() if measure.readers == "all"]
    parcels = _frame(
        rows, db.crs, [*_open(KINDS["parcels"]), *open_measures, "site_area_source", "gfa_source", "synthetic"]
    )
    asked = questions_of(connection, db, run.run_id)
    said = _opinions(connection, db, run.run_id)
    # By the policy and not by the rows, so that a rule of an empty registry is there, too.
    return {
        rule: beside(
            parcels.assign(**judged_columns(connection, run.run_id, rule, parcels, asked.get(rule))),
            said[said["rule"] == rule],
        )
        for rule in run.rules
    }


def _opinions(connection: sa.Connection, db: Database, run_id: int) -> pd.DataFrame:
    table = db.table("published.opinions")
    names = [column.name for column in table.c if column.name != "run_id"]
    rows = connection.execute(sa.select(*(table.c[name] for name in names)).where(table.c.run_id == run_id)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object)


def _clusters(connection: sa.Connection, db: Database, run_id: int) -> gpd.GeoDataFrame:
    table = db.table("published.clusters")
    plain = [c for c in table.c if c.name not in ("run_id", "outline")]
    rows = connection.execute(
        sa.select(*plain, sa.func.ST_AsBinary(table.c.outline).label("geometry"))
        .where(table.c.run_id == run_id)
        .order_by(table.c.area_m2.desc(), table.c.cluster_id)
    ).mappings().all()  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*(c.name for c in plain), "geometry"])
    return with_facts(
        gpd.GeoDataFrame(
            frame,
            geometry=shapely.from_wkb(frame["geometry"].to_numpy(dtype=object)),
            crs=db.crs,
        )
    )


def _carriers(connection: sa.Connection, db: Database, run_id: int) -> gpd.GeoDataFrame:
    table = db.table("published.carriers")
    rows = connection.execute(
        sa.select(table.c.facts, sa.func.ST_AsBinary(table.c.point))
        .where(table.c.run_id == run_id)
        .order_by(table.c.carrier_code)
    ).all()
    return _frame(rows, db.crs, [*_open(KINDS["carriers"]), "zone", "synthetic"])


def _totals(connection: sa.Connection, db: Database, run_id: int) -> dict[tuple[str, ...], pd.DataFrame]:
    table = db.table("published.floor_area")
    figures = ["site_area_m2", "gfa_m2", "n", "n_unknown"]
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in connection.execute(sa.select(table).where(table.c.run_id == run_id).order_by(table.c.entry)).mappings():
        groups.setdefault(tuple(row["grouping"]), []).append(row["values"] | {name: row[name] for name in figures})
    return {by: pd.DataFrame(rows, columns=[*by, *figures]) for by, rows in groups.items()}


def _layers(connection: sa.Connection, db: Database, run_id: int) -> dict[str, gpd.GeoDataFrame]:
    table = db.table("published.layers")
    groups: dict[str, list[Any]] = {}
    for kind, facts, geometry in connection.execute(
        sa.select(table.c.kind, table.c.facts, sa.func.ST_AsBinary(table.c.geom))
        .where(table.c.run_id == run_id)
        .order_by(table.c.kind, table.c.feature_id)
    ):
        groups.setdefault(kind, []).append((facts, geometry))
    return {kind: _frame(rows, db.crs) for kind, rows in groups.items()}


def _open(kind: Kind) -> list[str]:
    return [column.name for column in kind.columns if column.readers == "all"]


def _frame(rows: Any, crs: str, expected: Iterable[str] = ()) -> gpd.GeoDataFrame:
    """Rows of (facts, WKB) as a frame with one column a fact; JSONB keeps no order, so the catalogue gives it.

    The ``expected`` columns are there in any case, in an empty run and in one that was made before a measure was added.
    """
    names = in_order({*expected, *(name for facts, _ in rows for name in facts)})
    columns = {
        name: pd.Series([facts.get(name) for facts, _ in rows], dtype=None if rows else object) for name in names
    }
    shapes = shapely.from_wkb([geometry for _, geometry in rows])
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=crs)
