-- Places by share of area, for policies that divide a parcel across a boundary instead of giving it whole to one side.
-- (The names begin otherwise than those of the measures, for a parcel may have several rows here.)

-- The zones that a parcel touches, each with its share of the drawn area, and `other_zone` with what is left.  The shares of
-- one parcel sum to 1: zones that overlap on it are taken in proportion.  No row while no zone is registered.
CREATE FUNCTION measure.zone_shares(
    day date, known_at timestamptz DEFAULT now(), other_zone text DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, zone text, share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH touched AS MATERIALIZED (
        SELECT p.id, z.zone,
               CASE WHEN ST_Covers(z.geom, p.geom) THEN 1
                    ELSE ST_Area(ST_Intersection(z.geom, p.geom)) / ST_Area(p.geom) END AS share
        FROM measure.parcels_on(day, known_at) p
        JOIN measure.zones_on(day, known_at) z ON ST_Intersects(z.geom, p.geom)
    )
    SELECT t.id, t.zone, t.share / greatest(1, sum(t.share) OVER (PARTITION BY t.id))
    FROM touched t
    WHERE t.share > 0
    UNION ALL
    SELECT p.id, other_zone, 1 - coalesce(t.share, 0)
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN (SELECT w.id, sum(w.share) AS share FROM touched w GROUP BY w.id) t ON t.id = p.id
    WHERE coalesce(t.share, 0) < 1 AND EXISTS (SELECT FROM measure.zones_on(day, known_at));
END;

-- How much of each zone's part of a parcel lies in the park, for parcels that both a zone's edge and the park's boundary cut:
-- there the two shares of the parcel do not tell it.  `zone` is as `measure.zone_shares` gives it, `other_zone` the part that
-- lies in none.  No row for a parcel that one of the two lines leaves whole: its parts lie in the park as it does itself.
CREATE FUNCTION measure.park_shares_of_zones(
    day date, known_at timestamptz DEFAULT now(), other_zone text DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, zone text, park_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH cut AS MATERIALIZED (
        SELECT p.id, p.geom, inside.geom AS in_park
        FROM measure.parcel_park(day, known_at) k
        JOIN measure.parcels_on(day, known_at) p ON p.id = k.parcel_id
        CROSS JOIN LATERAL (
            SELECT ST_Intersection(p.geom, ST_Union(b.geom)) AS geom
            FROM measure.park_on(day, known_at) b
            WHERE ST_Intersects(b.geom, p.geom)
        ) inside
        WHERE k.park_share > 0 AND k.park_share < 1
    ),
    parts AS MATERIALIZED (
        SELECT c.id, z.zone, c.in_park, ST_Intersection(c.geom, z.geom) AS geom
        FROM cut c
        JOIN measure.zones_on(day, known_at) z ON ST_Intersects(z.geom, c.geom) AND NOT ST_Covers(z.geom, c.geom)
        UNION ALL
        SELECT c.id, other_zone, c.in_park, ST_Difference(c.geom, zoned.geom)
        FROM cut c
        CROSS JOIN LATERAL (
            SELECT ST_Union(z.geom) AS geom
            FROM measure.zones_on(day, known_at) z
            WHERE ST_Intersects(z.geom, c.geom)
        ) zoned
        WHERE zoned.geom IS NOT NULL
    )
    SELECT t.id, t.zone, ST_Area(ST_Intersection(t.geom, t.in_park)) / ST_Area(t.geom)
    FROM parts t
    WHERE ST_Area(t.geom) > 0;
END;

-- Street (街道) of a parcel: the one that covers the largest share of it, if that reaches `min_share`; the one first by code
-- where two are equal.  Unknown (null) else, and while no street is registered.
CREATE FUNCTION measure.street_of_parcels(
    day date, known_at timestamptz DEFAULT now(), min_share float8 DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, street text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id, CASE WHEN best.share >= min_share THEN best.street END
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN LATERAL (
        SELECT coalesce(s.name, s.street_code) AS street,
               CASE WHEN ST_Covers(s.geom, p.geom) THEN 1
                    ELSE ST_Area(ST_Intersection(s.geom, p.geom)) / ST_Area(p.geom) END AS share
        FROM measure.streets_on(day, known_at) s
        WHERE ST_Intersects(s.geom, p.geom)
        ORDER BY 2 DESC, s.street_code
        LIMIT 1
    ) best ON true;
END;
