-- Distance to the next metro station: straight line, in metres, from the parcel's outline (0 inside it) to the
-- nearest station point.  Unknown while no station is registered.

CREATE FUNCTION measure.parcel_station(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, station_distance_m float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id, nearest.distance_m
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN LATERAL (
        SELECT ST_Distance(s.geom, p.geom) AS distance_m
        FROM measure.stations_on(day, known_at) s
        ORDER BY s.geom <-> p.geom
        LIMIT 1
    ) nearest ON true;
END;
