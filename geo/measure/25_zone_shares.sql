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
