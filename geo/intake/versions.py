"""The SQL by which a staged file becomes versions: what is new, what changed, what stays, what goes.

A key's *live* versions are those whose recorded time has not ended; they tile its valid time without overlap.  A file
that holds from day D touches only what is live on or after D: that is ended in recorded time, the part before D is
written again as it was, and the new content is written from D on.  Nothing is deleted.
"""

from __future__ import annotations

from psycopg import sql

from geo.fields import Kind
from geo.intake.alike import same_outline
from geo.tables import REGISTRY, fact_columns, parts_name

STAGE = sql.Identifier("pg_temp", "intake_stage")
REJECTED = sql.Identifier("pg_temp", "intake_rejected")
DIFF = sql.Identifier("pg_temp", "intake_diff")
ENDED = sql.Identifier("pg_temp", "intake_ended")
PAIRS = sql.Identifier("pg_temp", "intake_pairs")

LIVE = sql.SQL("t.recorded_to IS NULL AND (t.valid_to IS NULL OR t.valid_to > %(day)s)")


class Versions:
    """The statements for one kind; each takes its values as parameters ``day``, ``now``, ``import_id`` and such."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.table = sql.Identifier(REGISTRY, kind.name)
        self.facts = fact_columns(kind)
        self.measured = kind.name == "parcels"

    def create_stage(self) -> list[sql.Composed]:
        """Empty tables of this transaction: the rows that are good, and the keys of those that are not."""
        create = sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT 0::integer AS row_no, {} FROM {} WITH NO DATA")
        return [
            create.format(sql.Identifier(name), names_of(columns), self.table)
            for name, columns in (("intake_stage", self.facts), ("intake_rejected", list(self.kind.key)))
        ]

    def copy(self) -> sql.Composed:
        """COPY of the good rows as CSV: row number, then every fact."""
        return sql.SQL("COPY {} (row_no, {}) FROM STDIN (FORMAT csv)").format(STAGE, names_of(self.facts))

    def copy_rejected(self) -> sql.Composed:
        """COPY of the keys of rejected rows: they are in the file, so ``gone="retire"`` leaves them alone."""
        return sql.SQL("COPY {} (row_no, {}) FROM STDIN").format(REJECTED, names_of(self.kind.key))

    def analyze(self) -> sql.Composed:
        """Statistics of the stage's keys, without which the planner joins a million rows by nested loop."""
        return sql.SQL("ANALYZE {} (row_no, {})").format(STAGE, names_of(self.kind.key))

    def analyze_table(self) -> sql.Composed:
        """Statistics of the registry's own table, for what is asked next in this transaction and for all answers after."""
        return sql.SQL("ANALYZE {}").format(self.table)

    def diff(self) -> sql.Composed:
        """Each staged row as ``added``, ``changed`` or ``same``; parameters ``day``, ``synthetic``.

        ``same``: one live version that holds on ``day`` and ever after has the same facts.
        """
        return sql.SQL(
            "CREATE TEMP TABLE {diff} ON COMMIT DROP AS "
            "SELECT s.row_no, CASE WHEN count(t.id) = 0 THEN 'added' "
            "WHEN count(t.id) = 1 AND bool_and(t.valid_from <= %(day)s AND t.valid_to IS NULL "
            "AND t.synthetic = %(synthetic)s AND {same}) THEN 'same' ELSE 'changed' END AS state "
            "FROM {stage} s LEFT JOIN {table} t ON {key} AND {live} GROUP BY s.row_no"
        ).format(
            diff=sql.Identifier("intake_diff"),
            same=sql.SQL(" AND ").join(self.same(name) for name in self.facts),
            stage=STAGE,
            table=self.table,
            key=self.key("s"),
            live=LIVE,
        )

    def ended(self) -> sql.Composed:
        """The versions that the file ends; parameters ``day``, ``retire``."""
        return sql.SQL(
            "CREATE TEMP TABLE {ended} ON COMMIT DROP AS "
            "SELECT t.id, false AS gone FROM {table} t JOIN {stage} s ON {key} JOIN {diff} d ON d.row_no = s.row_no "
            "WHERE d.state = 'changed' AND {live} "
            "UNION ALL SELECT t.id, true FROM {table} t WHERE %(retire)s AND {live} "
            "AND NOT EXISTS (SELECT FROM {stage} s WHERE {key}) AND NOT EXISTS (SELECT FROM {rejected} r WHERE {key_r})"
        ).format(
            ended=sql.Identifier("intake_ended"),
            table=self.table,
            stage=STAGE,
            key=self.key("s"),
            diff=DIFF,
            live=LIVE,
            rejected=REJECTED,
            key_r=self.key("r"),
        )

    def counts(self) -> sql.Composed:
        """How many rows are ``added``, ``changed``, ``same``, and how many keys are ``gone``."""
        return sql.SQL(
            "SELECT state, count(*) FROM {diff} GROUP BY state UNION ALL "
            "SELECT 'gone', count(DISTINCT ({key})) FROM {table} t JOIN {ended} e USING (id) WHERE e.gone"
        ).format(diff=DIFF, table=self.table, ended=ENDED, key=names_of(self.kind.key, "t"))

    def pairs(self) -> sql.Composed:
        """Each changed row beside the version that holds on ``day``, or else the first that comes after it."""
        return sql.SQL(
            "CREATE TEMP TABLE {pairs} ON COMMIT DROP AS SELECT DISTINCT ON (s.row_no) s.row_no, t.id FROM {stage} s "
            "JOIN {diff} d ON d.row_no = s.row_no AND d.state = 'changed' JOIN {table} t ON {key} AND {live} "
            "ORDER BY s.row_no, t.valid_from <= %(day)s DESC, t.valid_from"
        ).format(
            pairs=sql.Identifier("intake_pairs"),
            stage=STAGE,
            diff=DIFF,
            table=self.table,
            key=self.key("s"),
            live=LIVE,
        )

    def emptied(self) -> sql.Composed:
        """In how many of those pairs a fact is there and the row has none: one column for each of :attr:`emptiable`."""
        counted = sql.SQL("count(*) FILTER (WHERE t.{0} IS NOT NULL AND s.{0} IS NULL)")
        return sql.SQL("SELECT {} FROM {} p JOIN {} t ON t.id = p.id JOIN {} s ON s.row_no = p.row_no").format(
            sql.SQL(", ").join(counted.format(sql.Identifier(name)) for name in self.emptiable),
            PAIRS,
            self.table,
            STAGE,
        )

    @property
    def emptiable(self) -> list[str]:
        """The facts that a file can take away: all but the key, and what only follows from another fact."""
        parts = {parts_name(column.name) for column in self.kind.columns if column.type == "land_use"}
        return [name for name in self.facts if name not in parts and name not in self.kind.key]

    def end(self) -> sql.Composed:
        """End the recorded time of those versions; parameters ``now``, ``import_id``."""
        return sql.SQL(
            "UPDATE {table} t SET recorded_to = %(now)s, ended_by = %(import_id)s FROM {ended} e WHERE e.id = t.id"
        ).format(table=self.table, ended=ENDED)

    def keep_past(self) -> sql.Composed:
        """Write again what held before ``day``; parameters ``day``, ``now``, ``import_id``."""
        kept = [*self.facts, *(["measured_area_m2"] if self.measured else []), "source", "synthetic"]
        return sql.SQL(
            "INSERT INTO {table} ({kept}, valid_from, valid_to, recorded_from, import_id) "
            "SELECT {kept_t}, t.valid_from, %(day)s, %(now)s, %(import_id)s "
            "FROM {table} t JOIN {ended} e USING (id) WHERE t.valid_from < %(day)s"
        ).format(table=self.table, kept=names_of(kept), kept_t=names_of(kept, "t"), ended=ENDED)

    def insert(self) -> sql.Composed:
        """Write what is new or changed, from ``day`` on; parameters ``day``, ``now``, ``import_id``, ``source`` and so on."""
        area, measured = (
            (sql.SQL(", measured_area_m2"), sql.SQL(", ST_Area(s.geom)")) if self.measured else (_NONE, _NONE)
        )
        return sql.SQL(
            "INSERT INTO {table} ({facts}{area}, source, synthetic, valid_from, recorded_from, import_id) "
            "SELECT {facts_s}{measured}, %(source)s, %(synthetic)s, %(day)s, %(now)s, %(import_id)s "
            # The stage stands in the order of the file, and leaving out what is the same keeps it: no sort of wide rows.
            "FROM {stage} s WHERE NOT EXISTS (SELECT FROM {diff} d WHERE d.row_no = s.row_no AND d.state = 'same')"
        ).format(
            table=self.table,
            facts=names_of(self.facts),
            area=area,
            facts_s=names_of(self.facts, "s"),
            measured=measured,
            stage=STAGE,
            diff=DIFF,
        )

    def key(self, alias: str) -> sql.Composed:
        """That a version ``t`` and a row of ``alias`` have one key."""
        return sql.SQL(" AND ").join(
            sql.SQL("t.{0} = {1}.{0}").format(sql.Identifier(name), sql.Identifier(alias)) for name in self.kind.key
        )

    def same(self, name: str) -> sql.Composed:
        """That a version ``t`` and a staged row ``s`` say the same of one fact."""
        if name != "geom":
            return sql.SQL("t.{0} IS NOT DISTINCT FROM s.{0}").format(sql.Identifier(name))
        return same_outline("t", "s")


_NONE = sql.SQL("")


def names_of(names: tuple[str, ...] | list[str], alias: str | None = None) -> sql.Composed:
    """Columns as a statement names them, one after the other."""
    return sql.SQL(", ").join(sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)
