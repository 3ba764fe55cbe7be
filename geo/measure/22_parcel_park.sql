-- Share of a parcel's drawn area inside the boundary of the park (虹口园), parts that overlap counted once; 0 where the
-- boundary is registered and does not touch the parcel.  Unknown while no boundary is registered: it is not public.

CREATE FUNCTION measure.parcel_park(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, park_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id, CASE WHEN layer.is_there THEN coalesce(inside.share, 0) END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (SELECT EXISTS (SELECT FROM measure.park_on(day, known_at)) AS is_there) layer
    LEFT JOIN LATERAL (
        SELECT CASE WHEN bool_or(ST_Covers(k.geom, p.geom)) THEN 1
                    ELSE ST_Area(ST_Intersection(p.geom, ST_Union(k.geom))) / ST_Area(p.geom) END AS share
        FROM measure.park_on(day, known_at) k
        WHERE ST_Intersects(k.geom, p.geom)
    ) inside ON true;
END;
