"""``python -m benchmarks.again [N …] [--times 3]``: judging again when nothing but weights has changed, over N parcels.

- *kept*: ``geo.candidates`` of one rule in a process of its own, which reads what was measured before;
- *again*: the same with another weight in a process that has just asked, all reasons included;
- *judged*: the judgement alone over a frame in memory, of one rule; *all judged*: of every rule of the policy;
- *published*: a whole run with another weight in that process, up to ``--publish-up-to`` parcels: clusters, floor area and
  the writing of it are in it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.rules import POLICY
from benchmarks.side_by_side import add, apart, each, heading, options, own_database, own_server, peak_mib, say, table

RULE = "office_to_rnd"


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    parser = options(__doc__)
    parser.add_argument("--publish-up-to", type=int, default=100_000)
    asked = parser.parse_args()
    with own_server() as (server, _):
        found = {n: _measured(server, n, asked.times, n <= asked.publish_up_to) for n in asked.sizes}
    lines = heading("Judging again after a change of weights", (), f"median of {asked.times}", asked.note)
    lines.append(table("parcels", "what", "seconds (all)"))
    for n, run in found.items():
        lines += [f"| {n:,} | {name} | {each(seconds, 2)} |" for name, seconds in run["seconds"].items()]
        lines.append(f"| {n:,} | peak memory of the process, MiB | {peak_mib([run])} |")
    add(lines, dry=asked.dry)


def _measured(server: str, n: int, times: int, publishing: bool) -> dict[str, Any]:
    with own_database(server) as url:
        subprocess.run([sys.executable, "-m", "benchmarks.made_city", url, str(n)], check=True)
        # Once for what is measured to be kept.
        apart("benchmarks.again", "--one", url, 1, 0)
        found = apart("benchmarks.again", "--one", url, times, int(publishing))
    sys.stderr.write(f"{n:,}: {found}\n")
    return found


def _in_one_process(url: str, times: int, publishing: bool) -> None:
    import geo
    from geo.judge.rules import judgement

    db, policy = geo.connect(url), geo.policy(POLICY)
    criterion = policy.rules[RULE].criteria[0].id
    # Another weight each time, so that no answer is one that was given before.
    changed = [
        policy.with_changes({f"rules.{RULE}.criteria.{criterion}.weight": 1.0 + step}) for step in range(3 * times)
    ]
    seconds: dict[str, list[float]] = {}

    def take(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = work()
        seconds.setdefault(name, []).append(time.perf_counter() - start)
        return found

    land = take("kept", lambda: geo.candidates(db, policy, rule=RULE))
    for step in range(times):
        one, other, third = changed[3 * step : 3 * step + 3]
        take("again", lambda one=one: geo.candidates(db, one, rule=RULE))
        take("judged", lambda other=other: judgement(land, other.rules[RULE]))
        take("all judged", lambda other=other: [judgement(land, rule) for rule in other.rules.values()])
        if publishing:
            take("published", lambda third=third: geo.publish(db, third))
    say(seconds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _in_one_process(sys.argv[2], int(sys.argv[3]), bool(int(sys.argv[4])))
    else:
        main()
