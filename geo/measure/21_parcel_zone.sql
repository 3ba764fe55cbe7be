-- Zone (片区) of a parcel: the zone that covers the largest share of its drawn area, if that share reaches `min_share`
-- (the policy's); else `other_zone` (其他).  Two zones with equal shares: the one first by code.
--
-- `zone_share` is that largest share, also where it is too small to count; 0 where no zone touches the parcel.
-- Both are unknown while no zone at all is registered: then nobody has said where the zones lie.

CREATE FUNCTION measure.parcel_zone(
    day date, known_at timestamptz DEFAULT now(), min_share float8 DEFAULT NULL, other_zone text DEFAULT NULL)
RETURNS TABLE (parcel_id bigint, zone text, zone_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           CASE WHEN NOT layer.is_there THEN NULL WHEN best.share >= min_share THEN best.zone ELSE other_zone END,
           CASE WHEN layer.is_there THEN coalesce(best.share, 0) END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (SELECT EXISTS (SELECT FROM measure.zones_on(day, known_at)) AS is_there) layer
    LEFT JOIN LATERAL (
        SELECT z.zone,
               -- most parcels lie wholly inside: cutting them would cost time and leave 0.999…
               CASE WHEN ST_Covers(z.geom, p.geom) THEN 1
                    ELSE ST_Area(ST_Intersection(z.geom, p.geom)) / ST_Area(p.geom) END AS share
        FROM measure.zones_on(day, known_at) z
        WHERE ST_Intersects(z.geom, p.geom)
        ORDER BY 2 DESC, 1
        LIMIT 1
    ) best ON true;
END;
