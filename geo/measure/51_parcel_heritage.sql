-- Heritage on and near a parcel.
--
-- heritage_share: the share of its drawn area inside statutory outlines (areas with `statutory`), overlapping
--   outlines counted once.  It is unknown
--   * while no statutory outline at all is registered, since points say nothing of how far protection reaches;
--   * where something protected whose outline is not drawn (a point, a sketch, an area of unknown standing) lies on the
--     parcel and in no statutory outline.
-- heritage_distance_m: metres from the outline (0 inside it) to the nearest heritage point or area of any kind;
--   unknown while none is registered.

CREATE FUNCTION measure.parcel_heritage(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, heritage_share float8, heritage_distance_m float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH unsure AS (
        SELECT DISTINCT p.id
        FROM measure.heritage_on(day, known_at) h
        JOIN measure.parcels_on(day, known_at) p ON ST_Intersects(h.geom, p.geom) AND NOT ST_Touches(h.geom, p.geom)
        WHERE NOT (h.statutory IS TRUE AND ST_Dimension(h.geom) = 2)
          AND NOT EXISTS (
              SELECT FROM measure.heritage_on(day, known_at) o
              WHERE o.statutory AND ST_Dimension(o.geom) = 2 AND ST_Covers(o.geom, h.geom))
    )
    SELECT p.id,
           CASE WHEN NOT layer.is_there OR u.id IS NOT NULL THEN NULL ELSE coalesce(inside.share, 0) END,
           nearest.distance_m
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (
        SELECT EXISTS (
            SELECT FROM measure.heritage_on(day, known_at) h WHERE h.statutory AND ST_Dimension(h.geom) = 2
        ) AS is_there
    ) layer
    LEFT JOIN unsure u ON u.id = p.id
    LEFT JOIN LATERAL (
        SELECT ST_Area(ST_Intersection(p.geom, ST_Union(h.geom))) / ST_Area(p.geom) AS share
        FROM measure.heritage_on(day, known_at) h
        WHERE h.statutory AND ST_Dimension(h.geom) = 2 AND ST_Intersects(h.geom, p.geom)
    ) inside ON true
    LEFT JOIN LATERAL (
        SELECT ST_Distance(h.geom, p.geom) AS distance_m
        FROM measure.heritage_on(day, known_at) h
        ORDER BY h.geom <-> p.geom
        LIMIT 1
    ) nearest ON true;
END;
