-- Zone (片区) of a carrier, and its place.
--
-- By its own point or outline: the zone that covers it, or most of an outline, if that share reaches `min_share`;
-- else `other_zone`.  Without either: the zone that holds most of the drawn area of the parcels it stands on, each
-- parcel whole in its own zone; equal areas: the one first by code.  Without parcels, or while no zone is registered:
-- unknown (null).

CREATE FUNCTION measure.carrier_zone(
    day date, known_at timestamptz DEFAULT now(), min_share float8 DEFAULT NULL, other_zone text DEFAULT NULL)
RETURNS TABLE (carrier_id bigint, zone text, geom geometry, place_source text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.carrier_id,
           CASE WHEN NOT layer.is_there THEN NULL
                WHEN c.place_source = 'carrier' THEN CASE WHEN own.share >= min_share THEN own.zone ELSE other_zone END
                ELSE land.zone END,
           c.geom,
           c.place_source
    FROM measure.carrier_places(day, known_at) c
    CROSS JOIN (SELECT EXISTS (SELECT FROM measure.zones_on(day, known_at)) AS is_there) layer
    LEFT JOIN LATERAL (
        SELECT z.zone,
               CASE WHEN ST_Covers(z.geom, c.geom) THEN 1
                    WHEN ST_Dimension(c.geom) = 2 THEN ST_Area(ST_Intersection(z.geom, c.geom)) / ST_Area(c.geom)
                    ELSE 0 END AS share
        FROM measure.zones_on(day, known_at) z
        WHERE c.place_source = 'carrier' AND ST_Intersects(z.geom, c.geom)
        ORDER BY 2 DESC, 1
        LIMIT 1
    ) own ON true
    LEFT JOIN (
        SELECT DISTINCT ON (a.carrier_code) a.carrier_code, a.zone
        FROM (
            SELECT s.carrier_code, z.zone, sum(p.measured_area_m2) AS area_m2
            FROM measure.carrier_parcels(day, known_at) s
            JOIN measure.parcels_on(day, known_at) p ON p.parcel_code = s.parcel_code
            JOIN measure.parcel_zone(day, known_at, min_share, other_zone) z ON z.parcel_id = p.id
            GROUP BY 1, 2
        ) a
        ORDER BY a.carrier_code, a.area_m2 DESC, a.zone
    ) land ON land.carrier_code = c.carrier_code;
END;
