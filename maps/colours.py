"""Every colour of maps and pages, said once.

Land uses follow the convention of Chinese planning drawings (residential yellow, commercial red, industrial brown,
green space green, water blue), toned down so that judgement stands out.  Verdicts and the score ramp keep apart under
red-green colour blindness (Okabe-Ito, ColorBrewer YlGnBu) and are never told by colour alone.
"""

from __future__ import annotations

LAND_USE: dict[str, str] = {
    "residential": "#f3e08a",
    "community_service": "#f2c879",
    "education": "#e9a9c6",
    "administration": "#d88aa6",
    "culture": "#dd93bd",
    "sport": "#b9cf74",
    "medical": "#eb9c97",
    "welfare": "#f0bfb4",
    "research_design": "#a48fd6",
    "commercial_service": "#dd6a5f",
    "commercial_office": "#cc5f9c",
    "industrial_rnd": "#7a64b2",
    "industrial": "#b58a63",
    "storage": "#9c93bd",
    "heritage_site": "#bfa071",
    "transport": "#a6adb3",
    "road_square": "#d5d7d6",
    "utilities": "#7fadb5",
    "green": "#9cc97f",
    "water": "#a9d0e6",
    "reserve": "#e9e4d2",
    "special": "#97a487",
    "other_public": "#e2b3cf",
    "unstated": "#cdbfae",
    "mixed": "#d3ab8e",
    "unknown": "#dcdcd8",
}

VERDICT: dict[str, str] = {"candidate": "#0f5f96", "no": "#8b9096", "unknown": "#9c5a00"}

#: low to high, over the whole scale of the score in equal steps
SCORE: tuple[str, ...] = ("#cfe9c6", "#86cfbb", "#41b0c4", "#2a78b5", "#253f94")
SCORE_MAX = 100.0

OUTCOME: dict[str, str] = {"pass": "#1b7a55", "fail": "#a8322a", "unknown": "#9c5a00"}

CLUSTER: dict[str, str] = {"belt": "#b4491f", "patch": "#12355b"}

#: the best site and those laid beside it (Okabe-Ito, kept apart under red-green colour blindness)
SITE: tuple[str, ...] = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a5a2b", "#5b4a8a")
#: clusters of several parcels, apart from each other (Okabe and Ito's and Tol's, darkened), and single parcels
CLUSTER_FILL: tuple[str, ...] = (
    *("#2f6ea6", "#d1495b", "#1f8a4c", "#b8860b", "#7b3fa0", "#0a9396", "#c8553d", "#5a6f1b", "#b0478f", "#4b5fb5"),
)
SINGLE = "#9aa0a6"
#: how two parcels lie to each other, told by dashes too
EDGE: dict[str, str] = {"shared_edge": "#1d2733", "lane": "#1b6fb3", "corner": "#8b9096", "barrier": "#b3261e"}
NEAR_MISS = "#c2187a"
BRIDGE = "#5d3a00"

#: kinds of measures that lead to the target (Okabe and Ito's, darkened where they would be pale)
WAY: dict[str, str] = {
    "admit": "#0072b2",
    "completion": "#009e73",
    "conversion_building": "#d55e00",
    "conversion_land": "#a6761d",
    "new_building": "#56b4e9",
    "site": "#cc79a7",
    "delisting": "#5b5b5b",
}
#: measures that are open and not chosen
WAY_KNOWN = "#56606c"

ZONE: dict[str, str] = {"north_bund": "#1f5f8b", "north_middle_ring": "#2b7a6b"}
ZONE_OTHER = "#6b6f76"

CARRIER: dict[str, str] = {
    "planned": "#7fb2d9",
    "active": "#0a8a68",
    "on_notice": "#e0a100",
    "delisted": "#8a8a8a",
    "replaced": "#b5b5b5",
    "unknown": "#ffffff",
}

BARRIER: dict[str, str] = {
    "branch": "#dcd8cc",
    "secondary": "#cfc9b8",
    "arterial": "#bdb49c",
    "elevated": "#a39a86",
    "rail": "#7d7d86",
    "river": "#8fbcd8",
    "wall": "#9a8f84",
}

STATION = "#23364d"
TRANSIT_LINE = "#7b8fa8"
HERITAGE = "#8a5a2b"
STREET = "#b8b3a6"
BLOCK = "#efece3"
SERVICE = "#5f7f6f"
PARK = "#7a3f6d"
OPEN_SPACE = "#cfe3c0"
CENTRE = "#5b4a8a"
PLAN_CHANGE = "#b03a6a"

#: the page itself: paper, ink, lines, the accent of the house, and the mark of invented data
PAGE: dict[str, str] = {
    "paper": "#f6f4ee",
    "card": "#ffffff",
    "ink": "#1d2733",
    "ink-soft": "#56606c",
    "line": "#ddd9ce",
    "line-strong": "#c3bdae",
    "accent": "#1c3f63",
    "accent-soft": "#e8edf3",
    "on-accent": "#ffffff",
    "mark": "#a8322a",
    "mark-soft": "#fbeeec",
    "focus": "#b4691f",
}


def land_use(use: str | None) -> str:
    """The colour of a canonical land use; a use that is not known has the colour of ``unknown``."""
    return LAND_USE.get(use or "unknown", LAND_USE["unknown"])


def score_step(score: float) -> int:
    """Which step of :data:`SCORE` a score from 0 to 100 has: ``floor(score / (100 / steps))``, the top one closed."""
    return min(int(score / SCORE_MAX * len(SCORE)), len(SCORE) - 1)


def css() -> str:
    """All colours as CSS custom properties, so that no style sheet says one again."""
    groups = {
        "verdict": VERDICT,
        "outcome": OUTCOME,
        "cluster": CLUSTER,
        "zone": ZONE,
        "use": LAND_USE,
        "carrier": CARRIER,
    }
    lines = [f"--{name}:{value}" for name, value in PAGE.items()]
    lines += [f"--{group}-{name}:{value}" for group, table in groups.items() for name, value in table.items()]
    lines += [f"--score-{step}:{value}" for step, value in enumerate(SCORE)]
    return ":root{" + ";".join(lines) + "}"
