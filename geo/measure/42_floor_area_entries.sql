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
-- use_parts: a building's own use where it says one, else its parcel's.
-- since, year: from when the square metres hold: a standing building's day of completion, else its year; a parcel's year;
--   the planned day of completion of what is approved or under construction; the day of demolition.  The two are unknown
--   where nobody has said so: the day on which the registry was told is another thing.
-- storeys_m2 = drawn footprint × storeys, far_m2 = permitted FAR × site area: what a floor area that is not known may be
--   estimated from, where a policy allows it.  Of a building that is one of several, far_m2 says nothing: unknown.

CREATE FUNCTION measure.floor_area_entries(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (
    parcel_id bigint, parcel_code text, building_id bigint, building_code text, state text, use_parts jsonb,
    gfa_m2 float8, gfa_above_m2 float8, gfa_below_m2 float8, countable_gfa_m2 float8, gfa_source text, since date,
    year integer, storeys_m2 float8, far_m2 float8, supply_status text, owner_kind text, import_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH of_parcels AS (
        SELECT p.id, p.parcel_code, p.land_use_parts, p.year_built, p.supply_status, p.owner_kind, p.countable_gfa_m2, p.import_id,
               p.max_far * coalesce(p.registered_area_m2, p.measured_area_m2) AS far_m2, f.gfa_m2, f.gfa_source,
               f.n_buildings,
               -- the buildings speak where they know all, or where nothing else is known
               f.n_buildings > 0 AND f.gfa_source IS DISTINCT FROM 'parcel' AS by_building
        FROM measure.parcels_on(day, known_at) p
        JOIN measure.parcel_floor_area(day, known_at) f ON f.parcel_id = p.id
    )
    SELECT p.id, p.parcel_code, NULL::bigint, NULL::text, 'standing', p.land_use_parts,
           p.gfa_m2, NULL::float8, NULL::float8, p.countable_gfa_m2, p.gfa_source, NULL::date,
           p.year_built, NULL::float8, p.far_m2, p.supply_status, p.owner_kind, p.import_id
    FROM of_parcels p
    WHERE NOT p.by_building
    UNION ALL
    SELECT p.id, b.parcel_code, b.id, b.building_code, b.state, coalesce(b.use_parts, p.land_use_parts),
           coalesce(b.gfa_m2, b.gfa_above_m2 + b.gfa_below_m2), b.gfa_above_m2, b.gfa_below_m2, b.countable_gfa_m2,
           'buildings', s.since,
           CASE WHEN b.state = 'standing' THEN coalesce(extract(year FROM b.completed_on)::integer, b.year_built)
                ELSE extract(year FROM s.since)::integer END,
           ST_Area(b.geom) * b.storeys,
           CASE WHEN p.n_buildings = 1 AND b.state = 'standing' THEN p.far_m2 END,
           p.supply_status, coalesce(b.owner_kind, p.owner_kind), b.import_id
    FROM measure.buildings_on(day, known_at) b
    LEFT JOIN of_parcels p ON p.parcel_code = b.parcel_code
    CROSS JOIN LATERAL (
        SELECT CASE b.state WHEN 'standing' THEN b.completed_on
                            WHEN 'demolished' THEN b.demolished_on
                            ELSE b.planned_completion_on END AS since
    ) s
    WHERE b.state <> 'standing' OR p.id IS NULL OR p.by_building;
END;
