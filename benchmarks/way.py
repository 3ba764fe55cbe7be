"""``python -m benchmarks.way``: the best way to the target among 2,000 measures, ours beside the easiest square metre first.

Made-up measures of the four kinds that gain most, with the lead times and limits of Hongkou's policy; one seed after another in
one process.  *over the best* is how much more difficult the greedy choice is; *told apart* says that it is in the time, too,
which measures every best choice has.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.side_by_side import add, each, heading, options, table
from geo.judge.open_measures import after
from geo.judge.to_target import Asked, find_way
from geo.policy import WaySearch, policy

N = 2000
SEEDS = (1, 2, 3)
DAY = date(2026, 11, 25)
SHARES = {"admit": 0.4, "conversion_building": 0.4, "conversion_land": 0.1, "new_building": 0.1}


@dataclass(frozen=True)
class Case:
    """A question: how much is needed until when, and whether within the policy's limits."""

    need_m2: float
    by: date
    limited: bool

    @property
    def name(self) -> str:
        """What the table calls it."""
        limits = "limits by zone and year" if self.limited else "no limits"
        return f"{self.need_m2:,.0f} m² by {self.by}, {limits}"


CASES = (
    Case(480_000, date(2030, 12, 31), limited=False),
    Case(480_000, date(2030, 12, 31), limited=True),
    Case(1_000_000, date(2032, 12, 31), limited=True),
    Case(480_000, date(2028, 12, 31), limited=True),
)


def main() -> None:
    """Measure, and add what was found."""
    parser = options(__doc__, sizes=False, times=None)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each question")
    asked = parser.parse_args()
    rules = policy("hongkou-2025")
    assert rules.target is not None
    assert rules.target.measures is not None
    zones = list(rules.zones.names)
    rows = [row(case, rules.target.measures, zones, asked.limit) for case in CASES]
    what = f"median of {len(SEEDS)} sets of measures, limit {asked.limit:.0f} s"
    lines = heading(f"The best way among {N:,} measures", ("highspy",), what, asked.note)
    lines += [
        "\nTime holds telling the measures apart, or why the target cannot be met and from when on it can.",
        table("question", "seconds (all)", "of the processor", "proven", "measures", "greedy, over the best"),
    ]
    add(lines + rows, dry=asked.dry)


def row(case: Case, search: WaySearch, zones: list[str], limit_s: float) -> str:
    """One question over all seeds."""
    seconds, busy, sizes, over, proven = [], [], [], [], 0
    for seed in SEEDS:
        measures = made_up(seed, search, zones)
        limits = search.limits if case.limited else ()
        start, begun = time.perf_counter(), time.process_time()
        way = find_way(measures, zones, Asked(case.need_m2, case.by, limits), time_limit_s=limit_s).way
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - begun)
        proven += way.proven or not way.is_possible
        sizes.append(str(len(way.chosen)) if way.is_possible else "impossible")
        easy = greedy(measures, case) if not case.limited else None
        if easy is not None and way.proven:
            over.append(easy / way.difficulty - 1)
    told = ", ".join(f"{share:.1%}" for share in over) or "–"
    return f"| {case.name} | {each(seconds)} | {each(busy)} | {proven} of {len(SEEDS)} | {', '.join(sizes)} | {told} |"


def made_up(seed: int, search: WaySearch, zones: list[str]) -> pd.DataFrame:
    """Measures of which all is known, one in five on land that another would use as well."""
    chance = np.random.default_rng(seed)
    kinds = chance.choice(list(SHARES), N, p=list(SHARES.values()))
    ready = {name: after(DAY, search.kinds[name].lead_time.months + search.recognition.months) for name in SHARES}
    return pd.DataFrame(
        {
            "measure_id": [f"m{number}" for number in range(N)],
            "kind": kinds,
            "zone": chance.choice(zones, N),
            "gfa_m2": np.round(chance.lognormal(9, 0.8, N), 1),
            "difficulty": np.round(chance.gamma(2, 8, N), 3),
            "ready_on": [ready[kind] for kind in kinds],
            "open": [[] for _ in range(N)],
            "sources": [(f"s{number // 2 if number % 5 == 0 else number}",) for number in range(N)],
        }
    )


def greedy(measures: pd.DataFrame, case: Case) -> float | None:
    """The difficulty of taking the easiest square metre first until it is enough; ``None`` where it never is."""
    ready = measures[[day <= case.by for day in measures["ready_on"]]]
    taken, gain, difficulty = set[str](), 0.0, 0.0
    for _, one in ready.assign(each=ready["difficulty"] / ready["gfa_m2"]).sort_values("each").iterrows():
        (source,) = one["sources"]
        if source not in taken:
            taken.add(source)
            gain += one["gfa_m2"]
            difficulty += one["difficulty"]
        if gain >= case.need_m2:
            return difficulty
    return None


if __name__ == "__main__":
    main()
