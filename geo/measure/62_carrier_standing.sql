-- Which carriers (载体) stand on which parcels.
--
-- A carrier stands on a parcel where its shares name it or a building on it, where a point on the carrier's place lies
-- inside it, or where the carrier's outline covers a point on the parcel.  A carrier without a known place stands nowhere.

CREATE FUNCTION measure.carrier_standing(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, parcel_code text, carrier_code text, status text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH places AS MATERIALIZED (
        SELECT c.carrier_code, c.status, c.geom, ST_PointOnSurface(c.geom) AS middle
        FROM measure.carrier_places(day, known_at) c
        WHERE c.geom IS NOT NULL
    )
    SELECT p.id, p.parcel_code, c.carrier_code, c.status
    FROM places c
    JOIN measure.parcels_on(day, known_at) p ON ST_Intersects(p.geom, c.geom)
    WHERE ST_Covers(p.geom, c.middle) OR ST_Covers(c.geom, ST_PointOnSurface(p.geom))
    UNION
    SELECT p.id, p.parcel_code, c.carrier_code, c.status
    FROM places c
    JOIN measure.carrier_parcels(day, known_at) s ON s.carrier_code = c.carrier_code
    JOIN measure.parcels_on(day, known_at) p ON p.parcel_code = s.parcel_code;
END;
