"""Door of ``measure.floor_area_entries`` and ``measure.carrier_parts``: the ledger, row by row or added up in the database.

Which joins a question needs follows from what it groups by: a total by zone asks for no carrier, and its entries are not
divided among carriers.  The entries come as cells (one row for each combination of the columns asked for) or as rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd
from psycopg import sql

from geo.measure.reading import to_frame

if TYPE_CHECKING:
    from geo.measure.cache import Look


@dataclass(frozen=True)
class Booking:
    """What the ledger asks the policy for.

    ``min_share``, ``park_min_share``, ``tolerance`` are shares; ``divide_…`` books a parcel across a boundary by area;
    ``estimates`` are the bounds of an unknown floor area as multiples of footprint × storeys and of permitted FAR × site
    area, low and high each, ``None`` where the policy allows none.  ``clusters`` gives parcels their cluster.
    """

    min_share: float
    other_zone: str
    park_min_share: float | None = None
    divide_zone: bool = False
    divide_park: bool = False
    not_holding: tuple[str, ...] = ()
    tolerance: float | None = None
    storeys: tuple[float, float] | None = None
    far: tuple[float, float] | None = None
    clusters: Mapping[str, str] | None = None


class _Group(NamedTuple):
    """One column to group by: of a floor-area entry, of a site, and the joins that it hangs on."""

    entry: str
    site: str
    joins: tuple[str, ...] = ()


_NONE = "'none'"
_HELD = "CASE c.held WHEN 'carrier' THEN coalesce({}, 'unknown') ELSE coalesce(c.held, 'none') END"
#: every column of the ledger that entries can be grouped by, but land use, which is worked out of ``use_parts``
_GROUPS: dict[str, _Group] = {
    "zone": _Group("coalesce(z.zone, 'unknown')", "coalesce(z.zone, 'unknown')", ("zone",)),
    "park": _Group("k.side", "k.side", ("park",)),
    "street": _Group("coalesce(s.street, 'unknown')", "coalesce(s.street, 'unknown')", ("street",)),
    "supply_status": _Group("coalesce(e.supply_status, 'unknown')", "coalesce(e.supply_status, 'unknown')"),
    "state": _Group("e.state", _NONE),
    "year": _Group("coalesce(e.year::text, 'unknown')", _NONE),
    "carrier": _Group(_HELD.format("c.carrier_code"), _NONE, ("carrier",)),
    "kind": _Group(_HELD.format("h.carrier_kind"), _NONE, ("carrier",)),
    "operator": _Group(_HELD.format("h.operator"), _NONE, ("carrier",)),
    "operator_role": _Group(_HELD.format("h.operator_role"), _NONE, ("carrier",)),
    "owner_kind": _Group("coalesce(e.owner_kind, 'unknown')", "coalesce(e.owner_kind, 'unknown')"),
    "cluster": _Group("coalesce(g.cluster, 'none')", "coalesce(g.cluster, 'none')", ("cluster",)),
}
_JOINS = {
    "zone": "LEFT JOIN ({zone}) z ON z.parcel_id = e.parcel_id",
    "both": "LEFT JOIN ({both}) x ON x.parcel_id = e.parcel_id AND x.zone = z.zone",
    "park": (
        "LEFT JOIN ({park}) b ON b.parcel_id = e.parcel_id CROSS JOIN LATERAL ("
        " SELECT 'unknown' AS side, 1::float8 AS share WHERE {in_park} IS NULL"
        " UNION ALL SELECT 'in_park', CASE WHEN %(divide_park)s THEN {in_park} ELSE 1 END"
        " WHERE CASE WHEN %(divide_park)s THEN {in_park} > 0 ELSE {in_park} >= %(park_min_share)s END"
        " UNION ALL SELECT 'outside_park', CASE WHEN %(divide_park)s THEN 1 - {in_park} ELSE 1 END"
        " WHERE CASE WHEN %(divide_park)s THEN {in_park} < 1 ELSE {in_park} < %(park_min_share)s END) k"
    ),
    "street": "LEFT JOIN ({street}) s ON s.parcel_id = e.parcel_id",
    "carrier": (
        "LEFT JOIN ({parts}) c ON c.parcel_code = e.parcel_code AND c.state = e.state"
        " AND c.building_code IS NOT DISTINCT FROM e.building_code"
        " LEFT JOIN ({carriers}) h ON h.carrier_code = c.carrier_code"
    ),
    "cluster": (
        "LEFT JOIN unnest(%(cluster_parcels)s::text[], %(cluster_ids)s::text[]) AS g (parcel_code, cluster)"
        " ON g.parcel_code = e.parcel_code"
    ),
}
_SITES = (
    "SELECT p.id AS parcel_id, p.parcel_code, p.land_use_parts AS use_parts, p.supply_status, p.owner_kind,"
    " coalesce(p.registered_area_m2, p.measured_area_m2) AS site_area_m2, p.import_id FROM ({parcels}) p"
)
#: the bounds of what is not known, by storeys where they are, else by the permitted FAR
_ESTIMATE = (
    "CASE WHEN e.storeys_m2 IS NOT NULL AND %(storeys_{end})s::float8 IS NOT NULL"
    " THEN e.storeys_m2 * %(storeys_{end})s::float8 ELSE e.far_m2 * %(far_{end})s::float8 END"
)


def ledger_cells(
    look: Look, by: Sequence[str], states: Sequence[str], booking: Booking
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The entries in these states, and the sites of parcels, each added up by ``by`` in one question to the database.

    Entries: the columns, gfa_m2 (the sum of what is known, 0 where nothing is, m²), n, n_unknown; ``land_use_parts`` beside
    ``land_use`` where that is asked for; where the booking allows estimates gfa_low_m2, gfa_high_m2, and n_open, the unknown
    entries that nothing can be said of.  Sites: the columns, site_area_m2, and land_use_parts (one row for each way
    in which uses are written) where that is asked for.
    """
    floor, site, uses = _Query(by, booking), _Query(by, booking, of="site"), "land_use" in by
    share = floor.share()
    figures = {
        "gfa_m2": f"coalesce(sum(e.gfa_m2 * {share}), 0)",
        "n": "count(*)",
        "n_unknown": "count(*) - count(e.gfa_m2)",
    }
    if booking.storeys or booking.far:
        low, high = (_ESTIMATE.format(end=end) for end in ("low", "high"))
        figures |= {
            "gfa_low_m2": f"coalesce(sum(coalesce(e.gfa_m2, {low}) * {share}), 0)",
            "gfa_high_m2": f"coalesce(sum(coalesce(e.gfa_m2, {high}) * {share}), 0)",
            "n_open": f"count(*) FILTER (WHERE coalesce(e.gfa_m2, {high}) IS NULL)",
        }
    names = ", ".join(f'q."{name}"' for name in floor.groups)
    lead = f"{names}, " if names else ""
    written = "q.use_parts::text" if uses else "NULL::text"  # uses become text once for each row that is left
    summed = ", ".join(f"q.{name}" for name in figures)
    empty = ", ".join("0" for _ in figures)
    of_sites = {"site_area_m2": f"sum(e.site_area_m2 * {site.share()})"}
    # Where a parcel lies is worked out once for what stands on it and for its site.
    text = (
        "WITH zone_once AS MATERIALIZED ({zone}), park_once AS MATERIALIZED ({park}), street_once AS MATERIALIZED ({street}),"
        " both_once AS MATERIALIZED ({both})"
        f" SELECT 'floor_area' AS books, {lead}{written} AS land_use_parts, 0::float8 AS site_area_m2, {summed}"
        f" FROM ({floor.summed(figures, uses=uses)}) q"
        f" UNION ALL SELECT 'site_area', {lead}{written}, q.site_area_m2, {empty}"
        f" FROM ({site.summed(of_sites, uses=uses)}) q"
    )
    functions, values = _functions(look, booking)
    query = sql.SQL(text).format(**functions)
    asked = {"by": sorted(by), "states": sorted(states)} | asdict(booking)
    table = look.kept("ledger_cells", asked, lambda: look.read(query, values | {"states": list(states)}))
    frame = to_frame(table)
    entries = frame[frame["books"] == "floor_area"].drop(columns=["books", "site_area_m2"])
    sites = frame.loc[frame["books"] == "site_area", [*floor.groups, "land_use_parts", "site_area_m2"]]
    if uses:
        return _with_uses(look, entries), sites
    return entries.drop(columns="land_use_parts"), sites.drop(columns="land_use_parts")


def floor_area_rows(
    look: Look, by: Sequence[str], states: Sequence[str], booking: Booking, where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The entries in these states one by one, with the columns ``by``, their parts in m², and the import of each.

    ``where`` keeps rows whose columns have these values (``land_use`` cannot be asked here).  Sorted by parcel, building and
    carrier.
    """
    query = _Query(by, booking)
    share = query.share()
    held = "carrier" in query.joins
    row = {
        **{name: f"e.{name}" for name in ("parcel_code", "building_code", "gfa_source", "since")},
        "share": share,
        **{name: f"e.{name} * {share}" for name in ("gfa_m2", "gfa_above_m2", "gfa_below_m2", "countable_gfa_m2")},
        "import_id": "e.import_id",
        "share_import_id": "c.import_id" if held else "NULL::bigint",
    }
    order = ["parcel_code", "building_code", *(["carrier"] if "carrier" in by else [])]
    composed, values = query.rows(look, row, order, where or {}, states)
    return _with_uses(look, to_frame(look.read(composed, values)))


def site_rows(look: Look, by: Sequence[str], booking: Booking, where: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The site of each parcel, with the columns ``by``, land_use_parts, site_area_m2, share and import_id; by parcel."""
    query = _Query(by, booking, of="site")
    share = query.share()
    row = {
        "parcel_code": "e.parcel_code",
        "share": share,
        "site_area_m2": f"e.site_area_m2 * {share}",
        "import_id": "e.import_id",
    }
    return to_frame(look.read(*query.rows(look, row, ["parcel_code"], where or {})))


def imports_of(look: Look, numbers: Sequence[int]) -> pd.DataFrame:
    """The imports of these numbers: import_id, file_name, import_source, imported_by, imported_at, effective_from, sha256."""
    query = sql.SQL(
        "SELECT i.id AS import_id, i.file_name, i.source AS import_source, i.actor AS imported_by,"
        " to_char(i.recorded_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM') AS imported_at, i.effective_from, i.sha256"
        " FROM registry.imports i WHERE i.id = ANY (%(numbers)s::bigint[]) ORDER BY i.id"
    )
    return to_frame(look.read(query, {"numbers": list(numbers)}))


class _Query:
    """One question to the ledger: what it groups by, and the joins that it needs for that."""

    def __init__(self, by: Sequence[str], booking: Booking, *, of: Literal["entry", "site"] = "entry") -> None:
        self.groups = [name for name in by if name != "land_use"]
        self.booking, self.of = booking, of
        wanted = {join for name in self.groups for join in _GROUPS[name].joins}
        # Land is no carrier's: a site joins none.
        self.joins = {join for join in wanted if of == "entry" or join != "carrier"}
        if {"zone", "park"} <= self.joins and booking.divide_zone and booking.divide_park:
            self.joins.add("both")

    def share(self) -> str:
        """The part of an entry that one row of the joins stands for."""
        factors = [
            *(["coalesce(c.share, 1)"] if "carrier" in self.joins else []),
            *(["coalesce(z.share, 1)"] if "zone" in self.joins and self.booking.divide_zone else []),
            *(["k.share"] if "park" in self.joins and self.booking.divide_park else []),
        ]
        return f"({' * '.join(factors)})" if factors else "1::float8"

    def summed(self, figures: Mapping[str, str], *, uses: bool) -> str:
        """Sums of the figures for each combination of the columns; places are read from what was worked out once."""
        keys = len(self.groups) + uses
        grouped = f" GROUP BY {', '.join(str(n + 1) for n in range(keys))}" if keys else ""
        text = self._selected(figures, uses, {}) + grouped
        for name in ("zone", "park", "street", "both"):
            text = text.replace(f"{{{name}}}", f"TABLE {name}_once")
        return text

    def rows(
        self,
        look: Look,
        row: Mapping[str, str],
        order: Sequence[str],
        where: Mapping[str, str],
        states: Sequence[str] = (),
    ) -> tuple[sql.Composed, dict[str, Any]]:
        """Row by row, with the uses as they are written."""
        names = ", ".join(f'q."{name}"' for name in (*self.groups, *row))
        ordered = ", ".join(f'{name} COLLATE "C"' for name in order)
        # Uses become text once for each row that is left.
        text = f"SELECT {names}, q.use_parts::text AS land_use_parts FROM ({self._selected(row, True, where)}) q"
        functions, values = _functions(look, self.booking)
        values |= {"states": list(states)} | {f"where_{name}": value for name, value in where.items()}
        return sql.SQL(f"{text} ORDER BY {ordered}").format(**functions), values

    def _selected(self, figures: Mapping[str, str], uses: bool, where: Mapping[str, str]) -> str:
        """``SELECT`` of the columns, of the uses where they are wanted, and of the figures."""
        groups = {name: getattr(_GROUPS[name], self.of) for name in self.groups}
        used = {"use_parts": "e.use_parts"} if uses else {}
        told = ", ".join(f'{expression} AS "{name}"' for name, expression in (groups | used | dict(figures)).items())
        base = "{entries}" if self.of == "entry" else "{sites}"
        joins = " ".join(text for name, text in _JOINS.items() if name in self.joins)
        # Of a parcel that both lines cut, each zone's part lies in the park by a share of its own.
        in_park = "coalesce(x.park_share, b.park_share)" if "both" in self.joins else "b.park_share"
        joins = joins.replace("{in_park}", in_park)
        kept = ["e.state = ANY (%(states)s)"] if self.of == "entry" else []
        kept += [f"{groups[name]} = %(where_{name})s" for name in where]
        return f"SELECT {told} FROM ({base}) e {joins}{' WHERE ' if kept else ''}{' AND '.join(kept)}"


def _functions(look: Look, booking: Booking) -> tuple[dict[str, sql.Composed], dict[str, Any]]:
    """The measure functions that a question may name, and the values of all its arguments."""
    zone = "zone_shares" if booking.divide_zone else "parcel_zone"
    asked = {"other_zone": booking.other_zone} | ({} if booking.divide_zone else {"min_share": booking.min_share})
    held = {"not_holding": list(booking.not_holding), "tolerance": booking.tolerance}
    calls = {
        "entries": look.call("floor_area_entries", {}),
        "parcels": look.call("parcels_on", {}),
        "zone": look.call(zone, asked),
        "park": look.call("parcel_park", {}),
        "both": look.call("park_shares_of_zones", {"other_zone": booking.other_zone}),
        "street": look.call("street_of_parcels", {"min_share": booking.min_share}),
        "parts": look.call("carrier_parts", held),
        "carriers": look.call("carriers_on", {}),
    }
    clusters = booking.clusters or {}
    values: dict[str, Any] = {
        "divide_park": booking.divide_park,
        "park_min_share": booking.park_min_share,
        "cluster_parcels": list(clusters),
        "cluster_ids": list(clusters.values()),
    }
    for _, named in calls.values():
        values |= named
    for name, bounds in (("storeys", booking.storeys), ("far", booking.far)):
        values |= {f"{name}_low": bounds[0] if bounds else None, f"{name}_high": bounds[1] if bounds else None}
    functions = {name: call for name, (call, _) in calls.items()}
    return functions | {"sites": sql.SQL(_SITES).format(parcels=functions["parcels"])}, values


def _with_uses(look: Look, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``land_use``, the group that a floor area of such uses is booked under: each way is asked once."""
    ways = sorted(frame["land_use_parts"].dropna().unique())
    grouped = sql.SQL("SELECT w, measure.use_group(w::jsonb) FROM unnest(%(ways)s::text[]) AS w")
    found = look.read(grouped, {"ways": ways})
    group = dict(zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True))
    return frame.assign(land_use=frame["land_use_parts"].astype(object).map(group).astype(object).fillna("unknown"))
