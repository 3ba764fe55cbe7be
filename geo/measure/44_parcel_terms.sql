-- How long the land is granted, and how long what stands on it is let.  Restricted: see the catalogue.
--
-- grant_years_left: from `day` to the end of the grant (土地使用权到期日) in years of 365.2425 days, the calendar's mean;
--   below zero where it has ended.  Unknown where no end is registered.
-- lease_years_left: the same to the end of the last lease that stands on the parcel or on one of its buildings
--   (measure.lease_places); 0 where all have ended.  Unknown where no lease is registered on it (nobody has said that it is
--   not let), where one's end is not known, or where one that only may stand on it would end later than all that do.

CREATE FUNCTION measure.parcel_terms(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, grant_years_left float8, lease_years_left float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           (p.grant_ends_on - day) / 365.2425::float8,
           CASE WHEN l.n_ends = l.n AND (l.may_end IS NULL OR l.may_end <= l.last_end)
                THEN greatest(l.last_end - day, 0) / 365.2425::float8 END
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN (
        SELECT s.parcel_code,
               count(*) AS n,
               count(s.lease_ends_on) AS n_ends,
               max(s.lease_ends_on) FILTER (WHERE s.sure) AS last_end,
               max(s.lease_ends_on) FILTER (WHERE NOT s.sure) AS may_end
        FROM measure.lease_places(day, known_at) s
        GROUP BY 1
    ) l ON l.parcel_code = p.parcel_code;
END;
