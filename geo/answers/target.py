"""What counts towards the plan's floor area of carriers, carrier by carrier, with the import of each."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from geo.answers.carriers import carriers_seen
from geo.answers.ledger import ledger_seen
from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy, stamped
from geo.errors import PolicyError
from geo.judge.floor_area import checked_states
from geo.judge.target import target_rows, towards_target
from geo.measure.cache import look
from geo.measure.floor_area import imports_of

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what of the ledger the target asks for
_LEDGER = ("zone", "park", "land_use", "state", "year", "carrier")


def target(
    db: Database,
    policy: Policy | str | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """The rows that the progress towards the target is the sum of, on ``as_of`` (default: today); areas in m².

    One row for what is built of each carrier and one for each building of it that is on its way: carrier_code, name, zone,
    ``stage`` (built, pipeline), year, since, gfa_m2 (NaN: unknown), ``counts`` (yes, no, unknown), ``open`` (the conditions of
    the policy that are not met or not known), and of the carrier's import import_id, file_name, import_source, imported_at.
    What a carrier holds in the ledger is opened by ``geo.trace(db, {"carrier": code})``.
    ``attrs["target"]``: the sums (:func:`geo.judge.target.towards_target`) and ``park_boundary_known`` (false: 非考核口径).
    Clause 一(三).

    Raises
    ------
    NotFoundError
        There is no such policy.
    PolicyError
        The policy has no target, or no ``[ledger]``.
    NotMigratedError
        The database has no schema yet.
    """
    chosen = given_policy(policy)
    if chosen.target is None:
        raise PolicyError(f"Policy {chosen.id!r} has no target.", "Give it a section [target].")
    with look(db, as_of, known_at) as seen:
        housed = carriers_seen(seen, chosen)
        rows = ledger_seen(seen, chosen, _LEDGER, checked_states("all"))
        pieces = rows[rows["books"] == "floor_area"].reset_index(drop=True)
        park_known = bool(parcels_seen(seen, chosen)["park_share"].notna().any())
        asked: dict[str, Any] = {"day": seen.day, "park_known": park_known}
        numbers = sorted({int(number) for number in housed["import_id"]})
        found = with_books(target_rows(chosen, housed, pieces, **asked), housed, imports_of(seen, numbers))
        told = stamped(found, seen, chosen)
        figures = towards_target(chosen, housed, pieces, **asked)
    told.attrs["target"] = figures | {"park_boundary_known": park_known}
    return told


def with_books(rows: pd.DataFrame, carriers: pd.DataFrame, books: pd.DataFrame) -> pd.DataFrame:
    """The rows with the import that each carrier rests on; ``books``: import_id, file_name, import_source, imported_at."""
    told = carriers[["carrier_code", "import_id"]] if "import_id" in carriers else carriers[["carrier_code"]]
    told = told.merge(books, on="import_id", how="left") if "import_id" in told else told
    names = ["carrier_code", "import_id", "file_name", "import_source", "imported_at"]
    return rows.merge(told.reindex(columns=names), on="carrier_code", how="left")
