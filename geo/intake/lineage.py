"""Splits and merges of parcels, recognised by geometry when an import brings them; carrier shares follow by area.

Of every parcel that an import ends, or whose outline it changes, the part that now lies in each other parcel is
measured (:mod:`geo.intake.moved`).  It is lineage where it is at least half of either of the two, or at least a tenth of
both: a boundary that was surveyed anew moves slivers, a split or a merge moves most of something.

Carriers stand on land by shares of a parcel's floor area.  Nobody knows how the floor area of a parcel was spread over
it, so it is taken as spread evenly: the share of a new parcel is the sum, over the parcels that it was made of, of the
carrier's share there times the part of the new parcel that comes from there.  A carrier that held the whole of a parcel
holds the whole of its pieces.  That is an assumption, so each line stays unconfirmed until somebody says that it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString

import psycopg

from geo.intake.moved import DECIMALS, measure_pairs

_WRITE: LiteralString = """
INSERT INTO registry.parcel_lineage (from_code, to_code, share_of_from, share_of_to, import_id)
SELECT from_code, to_code, share_of_from, share_of_to, %(import_id)s FROM pg_temp.lineage_pairs
ORDER BY from_code, to_code
"""
# What a carrier holds of the old parcels, and what follows for the new ones.  Shares that the office has given for a new
# parcel already are its own word and stay; those of a parcel that goes on under its code are worked out anew.
_SHARES: LiteralString = """
CREATE TEMP TABLE lineage_shares ON COMMIT DROP AS
SELECT s.carrier_code, l.to_code AS target_code,
       CASE WHEN bool_or(s.share IS NULL) THEN NULL
            ELSE least(1, round(sum(s.share * l.share_of_to)::numeric, %(decimals)s)::float8) END AS share,
       bool_or(s.synthetic) AS synthetic, string_agg(DISTINCT l.from_code, '、' ORDER BY l.from_code) AS origin
FROM registry.carrier_shares s JOIN pg_temp.lineage_pairs l ON s.stands_on = 'parcel' AND s.target_code = l.from_code
WHERE s.recorded_to IS NULL AND s.valid_to IS NULL AND s.valid_from <= %(day)s
GROUP BY s.carrier_code, l.to_code
HAVING NOT EXISTS (SELECT FROM registry.carrier_shares o WHERE o.carrier_code = s.carrier_code
    AND o.stands_on = 'parcel' AND o.target_code = l.to_code AND o.recorded_to IS NULL
    AND (o.valid_to IS NULL OR o.valid_to > %(day)s)
    AND NOT (o.valid_to IS NULL AND o.valid_from <= %(day)s
             AND l.to_code IN (SELECT from_code FROM pg_temp.lineage_pairs)))
"""
# Ended: shares of parcels that are gone, and those of parcels that go on with another share.
_ENDED: LiteralString = """
CREATE TEMP TABLE lineage_ended ON COMMIT DROP AS
SELECT s.id FROM registry.carrier_shares s
LEFT JOIN pg_temp.lineage_shares n USING (carrier_code, target_code)
WHERE s.stands_on = 'parcel' AND s.recorded_to IS NULL AND s.valid_to IS NULL AND s.valid_from <= %(day)s
  AND s.target_code IN (SELECT from_code FROM pg_temp.lineage_pairs UNION SELECT to_code FROM pg_temp.lineage_pairs)
  AND CASE WHEN n.target_code IS NULL
           THEN NOT EXISTS (SELECT FROM registry.parcels p WHERE p.parcel_code = s.target_code
                            AND p.recorded_to IS NULL AND p.valid_to IS NULL)
           ELSE n.share IS DISTINCT FROM s.share END
"""
_STORE_SHARES: tuple[LiteralString, ...] = (
    "DELETE FROM pg_temp.lineage_shares n USING registry.carrier_shares s WHERE s.stands_on = 'parcel' "
    "AND s.carrier_code = n.carrier_code AND s.target_code = n.target_code AND s.recorded_to IS NULL "
    "AND s.valid_to IS NULL AND s.id NOT IN (SELECT id FROM pg_temp.lineage_ended)",
    "UPDATE registry.carrier_shares s SET recorded_to = %(now)s, ended_by = %(import_id)s "
    "FROM pg_temp.lineage_ended e WHERE e.id = s.id",
    "INSERT INTO registry.carrier_shares (carrier_code, stands_on, target_code, share, source, synthetic, valid_from,"
    " valid_to, recorded_from, import_id) SELECT carrier_code, stands_on, target_code, share, source, synthetic,"
    " valid_from, %(day)s, %(now)s, %(import_id)s FROM registry.carrier_shares JOIN pg_temp.lineage_ended USING (id)"
    " WHERE valid_from < %(day)s",
    "INSERT INTO registry.carrier_shares (carrier_code, stands_on, target_code, share, source, synthetic, valid_from,"
    " recorded_from, import_id) SELECT carrier_code, 'parcel', target_code, share,"
    " 'by area, from ' || origin || ' (unconfirmed)', synthetic, %(day)s, %(now)s, %(import_id)s"
    " FROM pg_temp.lineage_shares ORDER BY carrier_code, target_code",
)


def recognise_together(cursor: psycopg.Cursor[Any], imports: Sequence[int], day: date, now: datetime) -> int:
    """The same for sheets of one kind, each an import: a parcel of one may lie where one of another was.

    Called after all of them are written; the lineage is of the last of them.
    """
    cursor.execute(
        "CREATE TEMP TABLE intake_ended ON COMMIT DROP AS SELECT id FROM registry.parcels WHERE ended_by = ANY(%s)",
        (list(imports),),
    )
    ended = cursor.execute("SELECT EXISTS (SELECT FROM pg_temp.intake_ended)").fetchone()
    return recognise(cursor, max(imports), day, now, imports) if ended and ended[0] else 0


def recognise(
    cursor: psycopg.Cursor[Any], import_id: int, day: date, now: datetime, imports: Sequence[int] = ()
) -> int:
    """Note what became of the parcels that this import moved, and let carrier shares follow; how many pairs there are.

    Called within the import's transaction, after its versions are written; reads the versions that it ended from
    ``pg_temp.intake_ended``.  ``imports`` are those that brought what is new, if it is not this one alone.
    """
    values = {
        "import_id": import_id,
        "imports": list(imports) or [import_id],
        "day": day,
        "now": now,
        "decimals": DECIMALS,
    }
    measure_pairs(cursor, values)
    n = cursor.execute(_WRITE, values).rowcount
    if n:
        cursor.execute(_SHARES, values)
        cursor.execute(_ENDED, values)
        for statement in _STORE_SHARES:
            cursor.execute(statement, values)
    return n
