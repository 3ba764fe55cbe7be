-- How long the land is granted, and how long what stands on it is let.  Restricted: see the catalogue.
--
-- grant_years_left: from `day` to the end of the grant (土地使用权到期日) in years of 365.2425 days, the calendar's mean;
--   below zero where it has ended.  Unknown where no end is registered.
-- lease_years_left: the same to the end of the last lease on the parcel or on one of its buildings; 0 where all have
--   ended.  Unknown where no lease is registered on it (nobody has said that it is not let) or where one's end is not known.

CREATE FUNCTION measure.parcel_terms(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, grant_years_left float8, lease_years_left float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           (p.grant_ends_on - day) / 365.2425::float8,
           CASE WHEN l.n_ends = l.n THEN greatest(l.last_end - day, 0) / 365.2425::float8 END
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN (
        SELECT coalesce(b.parcel_code, s.target_code) AS parcel_code,
               count(*) AS n,
               count(s.lease_ends_on) AS n_ends,
               max(s.lease_ends_on) AS last_end
        FROM measure.leases_on(day, known_at) s
        LEFT JOIN measure.buildings_on(day, known_at) b
            ON s.stands_on = 'building' AND b.building_code = s.target_code
        WHERE s.stands_on = 'parcel' OR b.id IS NOT NULL
        GROUP BY 1
    ) l ON l.parcel_code = p.parcel_code;
END;
