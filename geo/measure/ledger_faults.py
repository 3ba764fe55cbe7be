"""Doors of ``measure.share_faults`` and ``measure.zone_overlaps``: what does not fit in shares and zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from geo.measure.reading import to_frame

if TYPE_CHECKING:
    import pandas as pd

    from geo.measure.cache import Look
    from geo.measure.floor_area import Booking


def share_faults(look: Look, booking: Booking) -> pd.DataFrame:
    """What of the carriers' shares does not fit: fault, carrier_code, parcel_code, building_code, share, total, import_id."""
    asked = {"not_holding": list(booking.not_holding), "tolerance": booking.tolerance}
    query, values = look.call("share_faults", asked)
    order = sql.SQL(' ORDER BY fault, parcel_code COLLATE "C", building_code COLLATE "C", carrier_code COLLATE "C"')
    return to_frame(look.read(query + order, values))


def zone_overlaps(look: Look, least_m2: float) -> pd.DataFrame:
    """Each two zones that both claim more than this area: zones (their codes), overlap_m2, n_parcels, import_id."""
    query, values = look.call("zone_overlaps", {"least_m2": least_m2})
    return to_frame(look.read(query + sql.SQL(' ORDER BY zones COLLATE "C"'), values))
