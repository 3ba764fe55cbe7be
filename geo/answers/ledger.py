"""The ledger of floor area row by row, a figure of it opened down to its rows and their imports, and what does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from geo.answers.carriers import carriers_seen
from geo.answers.floor_area import booking, divides_uses
from geo.answers.policies import given_policy, stamped
from geo.errors import NotFoundError
from geo.fields.ledger import GROUPINGS, HELD_GROUPS, OPEN_GROUPS
from geo.judge.floor_area import by_uses, checked_states
from geo.measure.cache import Look, look
from geo.measure.floor_area import floor_area_rows, imports_of, ledger_cells, site_rows
from geo.measure.ledger_faults import share_faults, zone_overlaps
from geo.policy import Policy

if TYPE_CHECKING:
    from geo.database import Database

#: columns of a row of the ledger beside those that it is grouped by
_ROW = (
    *("books", "parcel_code", "building_code"),
    *("share", "site_area_m2", "gfa_m2", "gfa_above_m2", "gfa_below_m2", "countable_gfa_m2", "gfa_source", "since"),
    *("import_id", "share_import_id"),
)
#: what a row of a total holds beside its grouping
_FIGURES = ("site_area_", "gfa_")


def ledger(
    db: Database,
    policy: Policy | str | None = None,
    *,
    states: Sequence[str] | str = "all",
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Every row of the ledger on ``as_of`` (default: today): each m² once, under one source, carrier or none, zone, use, state.

    ``books`` is ``floor_area`` (a building's or a parcel's own, in the part that one carrier holds or none does) or
    ``site_area`` (a parcel's, divided by its uses).  Columns: books, parcel_code, building_code, those of
    :data:`geo.fields.ledger.OPEN_GROUPS`, share (of the source), site_area_m2, gfa_m2 and of it above ground, below ground and
    countable (NaN is unknown), gfa_source, since (the day from which it holds), import_id, share_import_id.

    Raises
    ------
    NotFoundError
        There is no such policy or state.
    PolicyError
        The policy has no section ``[ledger]``.
    NotMigratedError
        The database has no schema yet.
    """
    wanted, chosen = checked_states(states), given_policy(policy)
    with look(db, as_of, known_at) as seen:
        return stamped(ledger_seen(seen, chosen, OPEN_GROUPS, wanted), seen, chosen, states=", ".join(wanted))


def ledger_seen(
    seen: Look,
    policy: Policy,
    by: Sequence[str],
    states: Sequence[str],
    where: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The rows with the columns ``by``, of those that ``where`` keeps, within a look that is open."""
    rules, asked = booking(seen, policy, by), dict(where or {})
    use = asked.pop("land_use", None)
    floor = floor_area_rows(seen, by, states, rules, asked)
    if divides_uses(policy):
        floor = by_uses(floor, ["share", "gfa_m2", "gfa_above_m2", "gfa_below_m2", "countable_gfa_m2"])
    site = by_uses(site_rows(seen, by, rules, asked), ["share", "site_area_m2"])
    names = [*_ROW[:3], *by, *_ROW[3:]]
    whole = [part.assign(books=books) for part, books in ((floor, "floor_area"), (site, "site_area"))]
    found = pd.concat([part.reindex(columns=names) for part in whole if len(part)] or [pd.DataFrame(columns=names)])
    kept = found if use is None else found[found["land_use"] == use]
    return kept.reset_index(drop=True)


def trace(
    db: Database,
    figure: Mapping[str, Any] | pd.Series[Any] | pd.DataFrame,
    policy: Policy | str | None = None,
    *,
    states: Sequence[str] | str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """A figure of :func:`geo.floor_area` opened: the rows of the ledger that it is the sum of, and the import of each.

    ``figure`` is a row of such a frame (or ``{"zone": "north_bund", …}``); a column without a value is not asked for.  Policy,
    day, states and what was known are those of the frame, where it tells them, unless given here; a row of a frame that
    was worked out before a later import is opened as it was known then.  Columns: those of :func:`geo.ledger`, then of the
    import of the row file_name, import_source, imported_by, imported_at, effective_from, sha256, and share_file_name, the
    file of the carriers' shares where they divide the row.

    Raises
    ------
    NotFoundError
        The figure has no row, or a column of it cannot be grouped by.
    NotMigratedError
        The database has no schema yet.
    """
    row, told = _row_of(figure)
    where = _where(row)
    by = [name for name in GROUPINGS if name in row]
    chosen = given_policy(policy) if policy is not None or "policy_content" not in told else _policy_of(told)
    wanted = checked_states(states if states is not None else told["states"].split(", ") if "states" in told else None)
    day = as_of or (date.fromisoformat(told["as_of"]) if "as_of" in told else None)
    known = known_at or (datetime.fromisoformat(told["known_at"]) if "known_at" in told else _known_then(db, told))
    with look(db, day, known) as seen:
        found = ledger_seen(seen, chosen, by, wanted, where)
        if found.empty and where:
            asked = ", ".join(f"{name} = {value}" for name, value in where.items())
            raise NotFoundError(f"No row of the ledger has {asked}.", "Take a row of geo.floor_area as it is.")
        return stamped(with_imports(seen, found), seen, chosen, states=", ".join(wanted))


def with_imports(seen: Look, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the imports that they rest on beside them."""
    numbers = pd.concat([rows["import_id"], rows["share_import_id"]]).dropna().astype("int64").unique()
    books = imports_of(seen, sorted(map(int, numbers))).set_index("import_id")
    found = rows.join(books, on="import_id")
    return found.assign(share_file_name=rows["share_import_id"].map(books["file_name"]))


def ledger_faults(
    db: Database,
    policy: Policy | str | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """What in the carriers' shares and figures, and in the zones, does not fit; a row for each carrier that has a part in it.

    ``fault``: ``shares_over_one`` (``total`` is their sum; that floor area is disputed and counts for no carrier),
    ``share_unknown``, ``target_unknown``, ``target_demolished``, ``carrier_unknown``, ``no_land`` (see
    ``geo/measure/73_share_faults.sql``), and ``figure_differs``: a carrier's registered floor area (``registered_m2``) differs
    from that of its shares (``shares_m2``) by more than the policy's ``figure_tolerance``.  ``zones_overlap``: two zones
    (``zones``) both claim ``overlap_m2``, more than ``overlap_area`` of the policy's ``[intake]``, into which ``n_parcels``
    reach.  Nothing is mended.

    Raises
    ------
    NotFoundError
        There is no such policy.
    PolicyError
        The policy has no section ``[ledger]``.
    NotMigratedError
        The database has no schema yet.
    """
    chosen = given_policy(policy)
    with look(db, as_of, known_at) as seen:
        rules = booking(seen, chosen, HELD_GROUPS)
        shares = share_faults(seen, rules)
        held, _ = ledger_cells(seen, ["carrier"], ["standing"], rules)
        housed = carriers_seen(seen, chosen)
        least = chosen.intake.overlap_area.m2 if chosen.intake else 0.0
        zones = zone_overlaps(seen, least).assign(fault="zones_overlap")
        found = pd.concat([shares, _differing(chosen, held, housed), zones], ignore_index=True)
        return stamped(found, seen, chosen)


def _differing(policy: Policy, held: pd.DataFrame, carriers: pd.DataFrame) -> pd.DataFrame:
    known = held[held["n_unknown"] == 0].set_index("carrier")["gfa_m2"]
    own = carriers[carriers["gfa_source"] == "carrier"]
    table = pd.DataFrame(
        {
            "carrier_code": own["carrier_code"],
            # where there is no carrier at all a column has no type
            "registered_m2": own["gfa_m2"].astype("float64"),
            "shares_m2": own["carrier_code"].map(known).astype("float64"),
        }
    )
    assert policy.ledger is not None
    allowed = policy.ledger.figure_tolerance.share * table["registered_m2"]
    off = (table["shares_m2"] - table["registered_m2"]).abs() > allowed
    return table[off].assign(fault="figure_differs")


def _row_of(figure: Mapping[str, Any] | pd.Series[Any] | pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figure as a dictionary, and the stamp of the frame that it comes from."""
    if isinstance(figure, pd.DataFrame):
        if len(figure) != 1:
            raise NotFoundError(f"A figure is one row of a frame, this has {len(figure)}.", "Take frame.iloc[0].")
        told = figure.attrs.get("stamp", {})
        return dict(figure.iloc[0]), told
    told = figure.attrs.get("stamp", {}) if isinstance(figure, pd.Series) else {}
    return dict(figure), told


def _where(row: Mapping[str, Any]) -> dict[str, str]:
    figures = {name for name in row if str(name).startswith(_FIGURES)} | {"n", "n_unknown", "level"}
    unknown = [str(name) for name in row if name not in GROUPINGS and name not in figures]
    if unknown:
        raise NotFoundError(f"Floor area cannot be grouped by {unknown[0]!r}.", f"Groupings: {', '.join(GROUPINGS)}.")
    return {name: str(row[name]) for name in GROUPINGS if name in row and not _missing(row[name])}


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def _policy_of(told: Mapping[str, Any]) -> Policy:
    return Policy.model_validate(json.loads(told["policy_content"]))


def _known_then(db: Database, told: Mapping[str, Any]) -> datetime | None:
    """The instant from which the frame's data version is known, where the registry has gone on since; else ``None``."""
    if "data_version" not in told:
        return None
    imports = db.table("registry.imports")
    number = int(told["data_version"].rsplit(":", 2)[1])
    with db.read() as connection:
        later = connection.scalar(sa.select(sa.func.count()).where(imports.c.id > number).select_from(imports))
        if not later:
            return None
        found: datetime | None = connection.scalar(sa.select(imports.c.recorded_at).where(imports.c.id == number))
        return found
