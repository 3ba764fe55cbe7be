"""What became of the land of parcels that an import moved, measured where it can have gone somewhere else.

A parcel that keeps nearly all of its land under its own code was surveyed anew, no more.  Only where it did not, or where
the other parcel is new or did not, can a part of one lie in the other that counts; all other pairs of neighbours are not
looked at.  A city that was surveyed anew (Cambridge 2014: 12,979 of 13,034 parcels) takes seconds so, not half a minute.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from geo.intake.alike import same_outline

#: of one of two parcels: what was mostly that land, or went mostly there
MOST = 0.5
#: of both parcels: less is a boundary drawn anew
PART = 0.1
#: the most corners of an outline that is followed: Cambridge has all its streets as one "parcel" of 46,494, and to hold it
#: against ten thousand neighbours would take longer than everything else; no plot comes near
CORNERS = 5000
#: decimals to which shares by area are kept: finer is noise of the drawing
DECIMALS = 4

# Looked for once: to read the streets of a city for each of their neighbours takes twenty seconds.
_LARGE = sql.SQL("""
CREATE TEMP TABLE lineage_large ON COMMIT DROP AS
SELECT id FROM registry.parcels WHERE ST_NPoints(geom) > %(corners)s
""")
# The last outline that each code had before, where that is not its outline now; ``settled``: nearly all its land still.
_MOVED = sql.SQL("""
CREATE TEMP TABLE lineage_moved ON COMMIT DROP AS
WITH old AS (
    SELECT DISTINCT ON (t.parcel_code) t.id, t.parcel_code, t.geom
    FROM registry.parcels t JOIN pg_temp.intake_ended e USING (id) ORDER BY t.parcel_code, t.valid_from
), now AS (
    SELECT o.id, o.parcel_code, o.geom, n.geom AS now_geom
    FROM old o LEFT JOIN registry.parcels n ON n.parcel_code = o.parcel_code AND n.recorded_to IS NULL
        AND n.valid_from <= %(day)s AND (n.valid_to IS NULL OR n.valid_to > %(day)s)
        AND n.id NOT IN (SELECT id FROM pg_temp.lineage_large)
    WHERE (n.id IS NULL OR NOT {same}) AND o.id NOT IN (SELECT id FROM pg_temp.lineage_large)
), measured AS (
    SELECT *, ST_Area(geom) AS from_m2, ST_Area(now_geom) AS now_m2, ST_Area(ST_Intersection(geom, now_geom)) AS both_m2
    FROM now
)
SELECT id, parcel_code, geom,
       coalesce(least(both_m2 / from_m2, both_m2 / now_m2) >= 1 - %(part)s, false) AS settled
FROM measured
""").format(same=same_outline("n", "o"))
_CHANGED = sql.SQL("""
CREATE TEMP TABLE lineage_changed ON COMMIT DROP AS
SELECT parcel_code FROM pg_temp.lineage_moved WHERE NOT settled
UNION
SELECT n.parcel_code FROM registry.parcels n WHERE n.import_id = ANY(%(imports)s) AND n.recorded_to IS NULL
    AND NOT EXISTS (SELECT FROM registry.parcels t JOIN pg_temp.intake_ended e USING (id) WHERE t.parcel_code = n.parcel_code)
""")
_PAIRS = sql.SQL("""
CREATE TEMP TABLE lineage_pairs ON COMMIT DROP AS
WITH later AS NOT MATERIALIZED (
    SELECT n.id, n.parcel_code, n.geom FROM registry.parcels n WHERE n.recorded_to IS NULL
        AND n.valid_from <= %(day)s AND (n.valid_to IS NULL OR n.valid_to > %(day)s)
        AND n.id NOT IN (SELECT id FROM pg_temp.lineage_large)
), near AS (
    SELECT o.id AS from_id, n.id AS to_id FROM pg_temp.lineage_changed c JOIN pg_temp.lineage_moved o USING (parcel_code)
    JOIN later n ON n.geom && o.geom AND n.parcel_code <> o.parcel_code
    UNION
    SELECT o.id, n.id FROM pg_temp.lineage_changed c JOIN later n USING (parcel_code)
    JOIN registry.parcels p ON p.geom && n.geom AND p.parcel_code <> n.parcel_code
    JOIN pg_temp.lineage_moved o ON o.id = p.id
), measured AS MATERIALIZED (
    SELECT o.parcel_code AS from_code, n.parcel_code AS to_code, ST_Area(ST_Intersection(o.geom, n.geom)) AS both_m2,
           ST_Area(o.geom) AS from_m2, ST_Area(n.geom) AS to_m2
    FROM near JOIN registry.parcels o ON o.id = from_id JOIN registry.parcels n ON n.id = to_id
), others AS MATERIALIZED (
    SELECT * FROM (SELECT from_code, to_code, {from_share} AS share_of_from, {to_share} AS share_of_to FROM measured) s
    WHERE {kept}
), own AS (
    -- A parcel that goes on under its own code belongs to the story only where land came to it or left it.
    SELECT o.parcel_code AS from_code, o.parcel_code AS to_code, ST_Area(ST_Intersection(o.geom, n.geom)) AS both_m2,
           ST_Area(o.geom) AS from_m2, ST_Area(n.geom) AS to_m2
    FROM (SELECT from_code AS parcel_code FROM others UNION SELECT to_code FROM others) c
    JOIN pg_temp.lineage_moved o USING (parcel_code) JOIN later n USING (parcel_code)
)
SELECT * FROM others UNION ALL
SELECT * FROM (SELECT from_code, to_code, {from_share} AS share_of_from, {to_share} AS share_of_to FROM own) s WHERE {kept}
""").format(
    from_share=sql.SQL("round(least(1, both_m2 / from_m2)::numeric, %(decimals)s)::float8"),
    to_share=sql.SQL("round(least(1, both_m2 / to_m2)::numeric, %(decimals)s)::float8"),
    kept=sql.SQL("(greatest(share_of_from, share_of_to) >= %(most)s OR least(share_of_from, share_of_to) >= %(part)s)"),
)
_STATISTICS = sql.SQL("ANALYZE pg_temp.lineage_moved, pg_temp.lineage_changed")


def measure_pairs(cursor: psycopg.Cursor[Any], values: dict[str, Any]) -> None:
    """Make ``pg_temp.lineage_pairs``: ``from_code``, ``to_code``, ``share_of_from``, ``share_of_to`` (shares of area, 0–1).

    Called within the import's transaction, after its versions are written; reads those that it ended from
    ``pg_temp.intake_ended``.  ``values`` has ``day`` and ``imports``.
    """
    given = values | {"most": MOST, "part": PART, "decimals": DECIMALS, "corners": CORNERS}
    for statement in (_LARGE, _MOVED, _CHANGED, _STATISTICS, _PAIRS):
        cursor.execute(statement, given)
