-- Distance to the nearest open space (公园、广场、滨水空间 …): straight line between outlines, in metres, 0 where they
-- touch.  Unknown while no open space is registered.

CREATE FUNCTION measure.parcel_open_space(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, open_space_distance_m float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id, nearest.distance_m
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN LATERAL (
        SELECT ST_Distance(o.geom, p.geom) AS distance_m
        FROM measure.open_spaces_on(day, known_at) o
        ORDER BY o.geom <-> p.geom
        LIMIT 1
    ) nearest ON true;
END;
