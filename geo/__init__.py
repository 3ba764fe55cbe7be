"""双北 (shuangbei): what land may change use, what hangs together, and how much floor area that makes.

These are the public names, and nothing else::

    db = geo.connect()
    policy = geo.policy("hongkou-2025")
    geo.candidates(db, policy, rule="office_to_rnd")

Each is imported when it is first used, so that ``import geo`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.answers.adjacency import adjacency as adjacency
    from geo.answers.candidates import candidates as candidates
    from geo.answers.carrier_groups import carrier_groups as carrier_groups
    from geo.answers.carriers import carriers as carriers
    from geo.answers.clusters import clusters as clusters
    from geo.answers.explain import explain as explain
    from geo.answers.facts import facts as facts
    from geo.answers.floor_area import floor_area as floor_area
    from geo.answers.ledger import ledger as ledger
    from geo.answers.ledger import ledger_faults as ledger_faults
    from geo.answers.ledger import trace as trace
    from geo.answers.open_measures import open_measures as open_measures
    from geo.answers.parcels import parcels as parcels
    from geo.answers.robustness import robustness as robustness
    from geo.answers.sites import sites as sites
    from geo.answers.target import target as target
    from geo.answers.way import best_way as best_way
    from geo.answers.worth import bridges as bridges
    from geo.answers.worth import near_misses as near_misses
    from geo.database import connect as connect
    from geo.export import export as export
    from geo.export.replay import replay as replay
    from geo.intake import load as load
    from geo.intake import rejected as rejected
    from geo.intake import retry as retry
    from geo.intake.opinions import opinions as opinions
    from geo.judge.compare import compare as compare
    from geo.policy import policy as policy
    from geo.publish import current_run as current_run
    from geo.publish import publish as publish
    from geo.publish.laid import compare_scenarios as compare_scenarios
    from geo.publish.laid import scenario as scenario
    from geo.publish.scenarios import drop_scenario as drop_scenario
    from geo.publish.scenarios import save_scenario as save_scenario
    from geo.publish.scenarios import scenarios as scenarios
    from geo.publish.scenarios import take_up_scenario as take_up_scenario

__all__ = [
    "adjacency",
    "best_way",
    "bridges",
    "candidates",
    "carrier_groups",
    "carriers",
    "clusters",
    "compare",
    "compare_scenarios",
    "connect",
    "current_run",
    "drop_scenario",
    "explain",
    "export",
    "facts",
    "floor_area",
    "ledger",
    "ledger_faults",
    "load",
    "near_misses",
    "open_measures",
    "opinions",
    "parcels",
    "policy",
    "publish",
    "replay",
    "rejected",
    "retry",
    "robustness",
    "save_scenario",
    "scenario",
    "scenarios",
    "sites",
    "take_up_scenario",
    "target",
    "trace",
]

#: public name → the module that has it
_HOMES = {
    "adjacency": "geo.answers.adjacency",
    "best_way": "geo.answers.way",
    "bridges": "geo.answers.worth",
    "candidates": "geo.answers.candidates",
    "carrier_groups": "geo.answers.carrier_groups",
    "carriers": "geo.answers.carriers",
    "clusters": "geo.answers.clusters",
    "compare": "geo.judge.compare",
    "compare_scenarios": "geo.publish.laid",
    "connect": "geo.database",
    "current_run": "geo.publish",
    "drop_scenario": "geo.publish.scenarios",
    "explain": "geo.answers.explain",
    "export": "geo.export",
    "facts": "geo.answers.facts",
    "floor_area": "geo.answers.floor_area",
    "ledger": "geo.answers.ledger",
    "ledger_faults": "geo.answers.ledger",
    "load": "geo.intake",
    "near_misses": "geo.answers.worth",
    "open_measures": "geo.answers.open_measures",
    "opinions": "geo.intake.opinions",
    "parcels": "geo.answers.parcels",
    "policy": "geo.policy",
    "publish": "geo.publish",
    "replay": "geo.export.replay",
    "rejected": "geo.intake",
    "retry": "geo.intake",
    "robustness": "geo.answers.robustness",
    "save_scenario": "geo.publish.scenarios",
    "scenario": "geo.publish.laid",
    "scenarios": "geo.publish.scenarios",
    "sites": "geo.answers.sites",
    "take_up_scenario": "geo.publish.scenarios",
    "target": "geo.answers.target",
    "trace": "geo.answers.ledger",
}


class _Room(ModuleType):
    """A module that is called as its own public function is: ``geo.policy("…")`` beside ``geo.policy.Policy``."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._public(*args, **kwargs)

    @property
    def _public(self) -> Any:
        return self.__dict__[self.__name__.rpartition(".")[2]]

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(self._public)


class _Geo(ModuleType):
    """This package: a room that has the name of a public call becomes callable when it is imported.

    Python binds an imported submodule to its package, over a function of the same name; so the room itself answers.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if _HOMES.get(name) == f"geo.{name}" and type(value) is ModuleType:
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Geo


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'geo' has no attribute {name!r}")
    home = import_module(_HOMES[name])
    return home if home.__name__ == f"geo.{name}" else getattr(home, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
