"""``python -m benchmarks.again [N …] [--times 3]``: judging again when nothing but weights has changed, over N parcels.

- *kept*: ``geo.candidates`` of one rule in a process of its own, which reads what was measured before;
- *again*: the same with another weight in a process that has just asked, all reasons included;
- *judged*: the judgement alone over a frame in memory, of one rule; *all judged*: of every rule of the policy;
- *published*: a whole run with another weight in that process, up to ``--publish-up-to`` parcels: clusters, floor area and
  the writing of it are in it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.rules import POLICY, RESULTS
from geo.embedded import Cluster
from geo.embedded.server import create_database, drop_database

RULE = "office_to_rnd"


def main() -> None:
    """Measure, and add what was found, also where it is worse than before."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--publish-up-to", type=int, default=100_000)
    parser.add_argument("--note", default="", help="what else ran on the machine")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shuangbei-bench-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "pg").start()
        try:
            found = {
                n: _measured(cluster.url("postgres"), n, asked.times, n <= asked.publish_up_to) for n in asked.sizes
            }
        finally:
            cluster.stop("fast")
    text = _told(found, asked.times, asked.note)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(text)
    sys.stdout.write(text)


def _measured(server: str, n: int, times: int, publishing: bool) -> dict[str, Any]:
    create_database(server, "bench")
    url = sa.make_url(server).set(drivername="postgresql", database="bench").render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-m", "benchmarks.made_city", url, str(n)], check=True)
    # Once for what is measured to be kept.
    _one(url, 1, publishing=False)
    found = _one(url, times, publishing=publishing)
    drop_database(server, "bench")
    sys.stderr.write(f"{n:,}: {found}\n")
    return found


def _one(url: str, times: int, *, publishing: bool) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.again", "--one", url, str(times), str(int(publishing))],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_bytes": peak}) + "\n")


def _told(found: dict[int, dict[str, Any]], times: int, note: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"\n## Judging again after a change of weights, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"\n{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end; Python "
        f"{platform.python_version()}; median of {times}. {note}",
        "\n| parcels | what | seconds (all) |\n| --- | --- | --- |",
    ]
    for n, run in found.items():
        for name, each in run["seconds"].items():
            told = ", ".join(f"{one:.2f}" for one in each)
            lines.append(f"| {n:,} | {name} | {statistics.median(each):.2f} ({told}) |")
        lines.append(f"| {n:,} | peak memory of the process, MiB | {run['peak_bytes'] / 2**20:,.0f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _in_one_process(sys.argv[2], int(sys.argv[3]), bool(int(sys.argv[4])))
    else:
        main()
