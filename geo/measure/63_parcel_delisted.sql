-- Delisted carriers (摘牌载体) that stand on a parcel, counted as at least that many.
--
-- A carrier stands on a parcel where its shares name it or a building on it, where a point on the carrier's place lies
-- inside it, or where the carrier's outline covers a point on the parcel.  Unknown while no carrier with a place is
-- registered, and where none on the parcel is known to be delisted and the status of one is not known.

CREATE FUNCTION measure.parcel_delisted(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, delisted_carriers bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH places AS MATERIALIZED (
        SELECT c.carrier_code, c.status, c.geom, ST_PointOnSurface(c.geom) AS middle
        FROM measure.carrier_places(day, known_at) c
        WHERE c.geom IS NOT NULL AND (c.status = 'delisted' OR c.status IS NULL)
    ),
    standing AS (
        SELECT p.id, c.carrier_code, c.status
        FROM places c
        JOIN measure.parcels_on(day, known_at) p ON ST_Intersects(p.geom, c.geom)
        WHERE ST_Covers(p.geom, c.middle) OR ST_Covers(c.geom, ST_PointOnSurface(p.geom))
        UNION
        SELECT p.id, c.carrier_code, c.status
        FROM places c
        JOIN measure.carrier_parcels(day, known_at) s ON s.carrier_code = c.carrier_code
        JOIN measure.parcels_on(day, known_at) p ON p.parcel_code = s.parcel_code
    ),
    counted AS (
        SELECT s.id, count(s.status) AS n, count(*) AS n_maybe FROM standing s GROUP BY s.id
    )
    SELECT p.id,
           CASE WHEN NOT layer.is_there OR (c.n = 0 AND c.n_maybe > 0) THEN NULL ELSE coalesce(c.n, 0) END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (
        SELECT EXISTS (SELECT FROM measure.carrier_places(day, known_at) c WHERE c.geom IS NOT NULL) AS is_there
    ) layer
    LEFT JOIN counted c ON c.id = p.id;
END;
