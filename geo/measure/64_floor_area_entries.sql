-- Floor-area entries: the sources of the ledger.  Every standing square metre is in one of them, and so is every one that
-- is approved, under construction or demolished, each in its state.
--
-- A standing entry is one building, or one parcel's own figure:
--   * a parcel whose standing buildings all have a floor area: the buildings (source `buildings`);
--   * else a parcel with a figure of its own: that figure, and not its buildings (`parcel`);
--   * else a parcel with standing buildings: those, each without a floor area as an unknown entry (`buildings`);
--   * else a parcel that is stated to be granted and unbuilt: one entry of 0 m² (`unbuilt`);
--   * else one unknown entry (source null): nothing is on record, which is not 0.
-- A building that does not stand is an entry of its own (`buildings`) in its state, whatever its parcel says: a parcel's
-- figure is of what stands.  A building whose parcel is not in the registry on that day is an entry without a parcel
-- (`parcel_id` null).
--
-- gfa_m2 is a building's total (else above plus below ground if both are known), else the parcel's figure.
-- countable_gfa_m2: what is registered of the same building or parcel; where that is empty and the total is known to be 0, it
--   is 0 (measure.countable), as in 41.
-- use_parts: a building's own use where it says one, else its parcel's.
-- since, year: from when the square metres hold: a standing building's day of completion, else its year; a parcel's year;
--   the planned day of completion of what is approved or under construction; the day of demolition.  The two are unknown
--   where nobody has said so: the day on which the registry was told is another thing.
-- storeys_m2 = drawn footprint × storeys, far_m2 = permitted FAR × site area: what a floor area that is not known may be
--   estimated from, where a policy allows it.  Of a building that is one of several, far_m2 says nothing: unknown.

--
-- `of_carriers` true leaves out the parcels on which no carrier has a share: their entries are nobody's, whole.

CREATE FUNCTION measure.floor_area_entries(
    day date, known_at timestamptz DEFAULT now(), of_carriers boolean DEFAULT false)
RETURNS TABLE (
    parcel_id bigint, parcel_code text, building_id bigint, building_code text, state text, use_parts jsonb,
    gfa_m2 float8, gfa_above_m2 float8, gfa_below_m2 float8, countable_gfa_m2 float8, gfa_source text, since date,
    year integer, storeys_m2 float8, far_m2 float8, supply_status text, owner_kind text, import_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT c.parcel_code FROM measure.carrier_parcels(day, known_at) c WHERE of_carriers
    )
    SELECT p.id, coalesce(p.parcel_code, s.parcel_code), b.id, b.building_code, 'standing', coalesce(b.use_parts, p.land_use_parts),
           t.gfa_m2, b.gfa_above_m2, b.gfa_below_m2,
           measure.countable(t.gfa_m2, CASE WHEN b.id IS NOT NULL THEN b.countable_gfa_m2 ELSE p.countable_gfa_m2 END),
           CASE WHEN b.id IS NOT NULL THEN 'buildings' ELSE f.source END,
           b.completed_on,
           CASE WHEN b.id IS NOT NULL THEN coalesce(extract(year FROM b.completed_on)::integer, b.year_built)
                ELSE p.year_built END,
           ST_Area(b.geom) * b.storeys,
           CASE WHEN b.id IS NULL OR s.n = 1
                THEN p.max_far * coalesce(p.registered_area_m2, p.measured_area_m2) END,
           p.supply_status, coalesce(b.owner_kind, p.owner_kind), coalesce(b.import_id, p.import_id)
    FROM (
        SELECT q.*
        FROM measure.parcels_on(day, known_at) q
        WHERE NOT of_carriers OR q.parcel_code IN (SELECT h.parcel_code FROM held h)
    ) p
    -- full: buildings whose parcel is not registered stand too
    FULL JOIN (
        SELECT a.parcel_code, count(*) AS n, count(a.gfa_m2) AS n_known
        FROM measure.standing_buildings(day, known_at) a
        WHERE NOT of_carriers OR a.parcel_code IN (SELECT h.parcel_code FROM held h)
        GROUP BY a.parcel_code
    ) s ON s.parcel_code = p.parcel_code
    CROSS JOIN LATERAL (SELECT measure.gfa_source(s.n, s.n_known, p.gfa_m2, p.supply_status) AS source) f
    -- the buildings speak where they know all, or where nothing else is known
    LEFT JOIN measure.buildings_on(day, known_at) b
        ON b.parcel_code = coalesce(p.parcel_code, s.parcel_code) AND b.state = 'standing'
        AND f.source IS DISTINCT FROM 'parcel'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN b.id IS NOT NULL THEN coalesce(b.gfa_m2, b.gfa_above_m2 + b.gfa_below_m2)
                    WHEN f.source = 'parcel' THEN p.gfa_m2
                    WHEN f.source = 'unbuilt' THEN 0 END AS gfa_m2
    ) t
    UNION ALL
    SELECT p.id, b.parcel_code, b.id, b.building_code, b.state, coalesce(b.use_parts, p.land_use_parts),
           t.gfa_m2, b.gfa_above_m2, b.gfa_below_m2, measure.countable(t.gfa_m2, b.countable_gfa_m2),
           'buildings', s.since, extract(year FROM s.since)::integer, ST_Area(b.geom) * b.storeys, NULL::float8,
           p.supply_status, coalesce(b.owner_kind, p.owner_kind), b.import_id
    FROM measure.buildings_on(day, known_at) b
    LEFT JOIN measure.parcels_on(day, known_at) p ON p.parcel_code = b.parcel_code
    CROSS JOIN LATERAL (SELECT coalesce(b.gfa_m2, b.gfa_above_m2 + b.gfa_below_m2) AS gfa_m2) t
    CROSS JOIN LATERAL (
        SELECT CASE b.state WHEN 'demolished' THEN b.demolished_on ELSE b.planned_completion_on END AS since
    ) s
    WHERE b.state <> 'standing' AND (NOT of_carriers OR b.parcel_code IN (SELECT h.parcel_code FROM held h));
END;
