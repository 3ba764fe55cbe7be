-- Delisted carriers (摘牌载体) that stand on a parcel, counted as at least that many.
--
-- Unknown while no carrier with a place is registered, and where none on the parcel is known to be delisted and the status
-- of one is not known.

CREATE FUNCTION measure.parcel_delisted(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, delisted_carriers bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH counted AS (
        SELECT s.parcel_id, count(s.status) AS n, count(*) AS n_maybe
        FROM measure.carrier_standing(day, known_at) s
        WHERE s.status = 'delisted' OR s.status IS NULL
        GROUP BY s.parcel_id
    )
    SELECT p.id,
           CASE WHEN NOT layer.is_there OR (c.n = 0 AND c.n_maybe > 0) THEN NULL ELSE coalesce(c.n, 0) END
    FROM measure.parcels_on(day, known_at) p
    CROSS JOIN (
        SELECT EXISTS (SELECT FROM measure.carrier_places(day, known_at) c WHERE c.geom IS NOT NULL) AS is_there
    ) layer
    LEFT JOIN counted c ON c.parcel_id = p.id;
END;
