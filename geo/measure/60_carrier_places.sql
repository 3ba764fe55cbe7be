-- Where a carrier (载体) stands.

-- The parcels that a carrier stands on: named by its shares, or holding a building that they name.
CREATE FUNCTION measure.carrier_parcels(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (carrier_code text, parcel_code text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.carrier_code, s.target_code
    FROM measure.carrier_shares_on(day, known_at) s
    WHERE s.stands_on = 'parcel'
    UNION
    SELECT s.carrier_code, b.parcel_code
    FROM measure.carrier_shares_on(day, known_at) s
    JOIN measure.buildings_on(day, known_at) b ON b.building_code = s.target_code
    WHERE s.stands_on = 'building';
END;

-- A carrier's place on the map: its own point or outline (source `carrier`), else the parcels that it stands on
-- together (`parcels`); null where neither is known.
CREATE FUNCTION measure.carrier_places(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (carrier_id bigint, carrier_code text, status text, geom geometry, place_source text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.id, c.carrier_code, c.status, coalesce(c.geom, l.geom),
           CASE WHEN c.geom IS NOT NULL THEN 'carrier' WHEN l.geom IS NOT NULL THEN 'parcels' END
    FROM measure.carriers_on(day, known_at) c
    LEFT JOIN (
        SELECT s.carrier_code, ST_Union(p.geom) AS geom
        FROM measure.carrier_parcels(day, known_at) s
        JOIN measure.parcels_on(day, known_at) p ON p.parcel_code = s.parcel_code
        GROUP BY s.carrier_code
    ) l ON l.carrier_code = c.carrier_code;
END;
