-- What of the carriers' shares does not fit, one row for each carrier that has a part in it; nothing is mended here.
--
--   * `shares_over_one`: the known shares of one entry sum to more than 1 + `tolerance` (`total`): its floor area is disputed;
--   * `share_unknown`: a share without a figure;
--   * `target_unknown`: a share of a parcel or building that is not in the registry on that day;
--   * `target_demolished`: a share of a building that is demolished;
--   * `carrier_unknown`: a share of a carrier that is not in the registry;
--   * `no_land`: a carrier that is registered without any share: its floor area lies on no parcel.
-- Shares of carriers in a status of `not_holding` hold nothing, and are no fault.

CREATE FUNCTION measure.share_faults(
    day date, known_at timestamptz DEFAULT now(), not_holding text[] DEFAULT NULL, tolerance float8 DEFAULT NULL)
RETURNS TABLE (
    fault text, carrier_code text, parcel_code text, building_code text, share float8, total float8, import_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH claims AS MATERIALIZED (
        SELECT c.* FROM measure.carrier_claims(day, known_at, not_holding) c
    ),
    shares AS MATERIALIZED (
        SELECT s.carrier_code, s.share, s.import_id, c.id AS carrier_id,
               CASE WHEN s.stands_on = 'parcel' THEN s.target_code ELSE b.parcel_code END AS parcel_code,
               CASE WHEN s.stands_on = 'building' THEN s.target_code END AS building_code,
               CASE WHEN s.stands_on = 'parcel' THEN p.id ELSE b.id END AS target_id,
               b.state
        FROM measure.carrier_shares_on(day, known_at) s
        LEFT JOIN measure.carriers_on(day, known_at) c ON c.carrier_code = s.carrier_code
        LEFT JOIN measure.buildings_on(day, known_at) b
            ON s.stands_on = 'building' AND b.building_code = s.target_code
        LEFT JOIN measure.parcels_on(day, known_at) p ON s.stands_on = 'parcel' AND p.parcel_code = s.target_code
        WHERE c.status IS NULL OR c.status <> ALL (not_holding)
    )
    SELECT 'shares_over_one', c.carrier_code, c.parcel_code, c.building_code, c.share, t.total, c.import_id
    FROM claims c
    JOIN (
        SELECT x.parcel_code, x.building_code, x.state, sum(x.share) AS total
        FROM claims x
        GROUP BY 1, 2, 3
    ) t ON t.parcel_code = c.parcel_code AND t.state = c.state AND t.building_code IS NOT DISTINCT FROM c.building_code
    WHERE t.total > 1 + tolerance
    UNION ALL
    SELECT 'share_unknown', s.carrier_code, s.parcel_code, s.building_code, NULL, NULL, s.import_id
    FROM shares s
    WHERE s.share IS NULL
    UNION ALL
    SELECT CASE WHEN s.target_id IS NULL THEN 'target_unknown' ELSE 'target_demolished' END,
           s.carrier_code, s.parcel_code, s.building_code, s.share, NULL, s.import_id
    FROM shares s
    WHERE s.target_id IS NULL OR s.state = 'demolished'
    UNION ALL
    SELECT 'carrier_unknown', s.carrier_code, s.parcel_code, s.building_code, s.share, NULL, s.import_id
    FROM shares s
    WHERE s.carrier_id IS NULL
    UNION ALL
    SELECT 'no_land', c.carrier_code, NULL, NULL, NULL, NULL, c.import_id
    FROM measure.carriers_on(day, known_at) c
    WHERE (c.status IS NULL OR c.status <> ALL (not_holding))
      AND NOT EXISTS (SELECT FROM measure.carrier_shares_on(day, known_at) s WHERE s.carrier_code = c.carrier_code);
END;
