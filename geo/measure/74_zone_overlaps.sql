-- Zones that lie on each other, one row for each two of them: the area that both claim, and how many parcels reach into it.
-- A parcel there goes to one of the two, or is divided between them in proportion: nothing is counted twice, but which zone
-- it is counted in is no more than a guess.  Areas up to `least_m2` are drawing noise.

CREATE FUNCTION measure.zone_overlaps(
    day date, known_at timestamptz DEFAULT now(), least_m2 float8 DEFAULT NULL)
RETURNS TABLE (zones text, overlap_m2 float8, n_parcels bigint, import_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.zone || ', ' || b.zone, ST_Area(both_claim.geom), land.n, greatest(a.import_id, b.import_id)
    FROM measure.zones_on(day, known_at) a
    JOIN measure.zones_on(day, known_at) b ON a.zone < b.zone AND ST_Intersects(a.geom, b.geom)
    CROSS JOIN LATERAL (SELECT ST_Intersection(a.geom, b.geom) AS geom) both_claim
    CROSS JOIN LATERAL (
        SELECT count(*) AS n
        FROM measure.parcels_on(day, known_at) p
        -- a parcel that only touches has no area there
        WHERE ST_Intersects(p.geom, both_claim.geom) AND ST_Area(ST_Intersection(p.geom, both_claim.geom)) > least_m2
    ) land
    WHERE ST_Area(both_claim.geom) > least_m2;
END;
