-- Standing floor area of a parcel, and what follows from it.
--
-- gfa_m2: where the floor area of every standing building is known, their sum (source `buildings`); else the parcel's
--   own figure (`parcel`); else 0 where no building stands and the parcel is stated to be granted and unbuilt
--   (`unbuilt`); else unknown.  No building on record is not the same as no floor area.
-- countable_gfa_m2 (计容): the same rule over the countable figures.  Where that leaves it unknown and gfa_m2 is known to be
--   0, it is 0: of no floor area nothing is counted.  An empty parcel's far is therefore 0 and not unknown.
-- far = countable_gfa_m2 / site area.  Any other total floor area never stands in for countable: then far is unknown.
-- far_headroom = max_far - far; far_used_share = far / max_far.
-- vacancy_share: mean over standing buildings weighted by floor area; unknown where one building's vacancy is, or where
--   they differ and a weight is unknown.
-- year_built: the oldest standing building's where every one's is known, else the parcel's own figure: an unknown
--   year may be the oldest.
-- n_buildings, n_buildings_unknown: standing buildings, and those of them without a floor area.

-- Who speaks for a parcel's floor area: its `n` standing buildings (null: none), of which `n_known` tell theirs, or its `own`.
CREATE FUNCTION measure.gfa_source(n bigint, n_known bigint, own float8, supply_status text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN n_known = n THEN 'buildings'
                WHEN own IS NOT NULL THEN 'parcel'
                WHEN n IS NULL AND supply_status = 'granted_unbuilt' THEN 'unbuilt' END;
END;

CREATE FUNCTION measure.parcel_floor_area(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (
    parcel_id bigint, gfa_m2 float8, gfa_source text, countable_gfa_m2 float8, far float8, far_headroom float8,
    far_used_share float8, vacancy_share float8, year_built integer, n_buildings bigint, n_buildings_unknown bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.id, t.gfa_m2, f.source, c.m2, c.m2 / f.site, f.max_far - c.m2 / f.site,
           c.m2 / f.site / nullif(f.max_far, 0), f.vacancy, f.year_built, f.n, f.n_unknown
    FROM (
        SELECT p.id,
               p.max_far,
               p.gfa_m2 AS own,
               coalesce(p.registered_area_m2, p.measured_area_m2) AS site,
               coalesce(b.n, 0) AS n,
               coalesce(b.n - b.n_gfa, 0) AS n_unknown,
               b.gfa,
               measure.gfa_source(b.n, b.n_gfa, p.gfa_m2, p.supply_status) AS source,
               CASE measure.gfa_source(b.n, b.n_countable, p.countable_gfa_m2, p.supply_status)
                    WHEN 'buildings' THEN b.countable
                    WHEN 'parcel' THEN p.countable_gfa_m2
                    WHEN 'unbuilt' THEN 0 END AS countable,
               CASE WHEN b.n_vacancy < b.n THEN NULL
                    WHEN b.vacancy_low = b.vacancy_high THEN b.vacancy_low
                    WHEN b.n_gfa = b.n THEN b.vacant / nullif(b.gfa, 0) END AS vacancy,
               CASE WHEN b.n_year = b.n THEN b.year_built ELSE p.year_built END AS year_built
        FROM measure.parcels_on(day, known_at) p
        LEFT JOIN (
            SELECT s.parcel_code,
                   count(*) AS n,
                   count(s.gfa_m2) AS n_gfa,
                   sum(s.gfa_m2) AS gfa,
                   count(s.countable_gfa_m2) AS n_countable,
                   sum(s.countable_gfa_m2) AS countable,
                   count(s.vacancy_share) AS n_vacancy,
                   min(s.vacancy_share) AS vacancy_low,
                   max(s.vacancy_share) AS vacancy_high,
                   sum(s.vacancy_share * s.gfa_m2) AS vacant,
                   count(s.year_built) AS n_year,
                   min(s.year_built) AS year_built
            FROM measure.standing_buildings(day, known_at) s
            GROUP BY s.parcel_code
        ) b ON b.parcel_code = p.parcel_code
    ) f
    CROSS JOIN LATERAL (
        SELECT CASE f.source WHEN 'buildings' THEN f.gfa WHEN 'parcel' THEN f.own WHEN 'unbuilt' THEN 0 END AS gfa_m2
    ) t
    CROSS JOIN LATERAL (SELECT measure.countable(t.gfa_m2, f.countable) AS m2) c;
END;
