"""The frozen policy: every threshold with its unit and its clause, or marked as our assumption.

A policy is one TOML file (``data/policy/*.toml`` or a path).  It is read whole, checked whole, and never changed while
the program runs; what-if is done on a copy (:meth:`Policy.with_changes`).  Judgement asks nothing else for numbers.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from geo.errors import NotFoundError, PolicyError
from geo.policy.between import faults_between
from geo.policy.faults import KeyFaultError, policy_text, told_faults
from geo.policy.ledger import CarrierTarget, Ledger
from geo.policy.rules import Condition, Criterion, Flag, Route, Rule, Target
from geo.policy.sections import CarrierGroups, Clusters, Explaining, Intake, Measures, Robustness, Zones
from geo.policy.settings import AreaSetting, Frozen, Grounded, LengthSetting, Setting, ShareSetting
from geo.policy.sites import Difficulty, Sites, SiteSearch, Weight
from geo.policy.way import WayKind, WayLimit, WaySearch
from geo.said import Said
from geo.settings import data_dir

__all__ = [
    "AreaSetting",
    "CarrierGroups",
    "CarrierTarget",
    "Clusters",
    "Condition",
    "Criterion",
    "Difficulty",
    "Explaining",
    "Flag",
    "Grounded",
    "Intake",
    "Ledger",
    "LengthSetting",
    "Measures",
    "Policy",
    "Robustness",
    "Route",
    "Rule",
    "Setting",
    "ShareSetting",
    "SiteSearch",
    "Sites",
    "Target",
    "WayKind",
    "WayLimit",
    "WaySearch",
    "Weight",
    "Zones",
    "policy",
]


class Policy(Frozen):
    """A whole policy; :func:`policy` reads one.

    ``cited_as`` is what the document is called whose clauses the policy cites: lists and reports put it before each clause,
    and without it print the clause as it is written.
    """

    id: str
    title: str
    authority: str
    source: str
    cited_as: str | None = None
    effective_from: date
    effective_to: date | None = None
    zones: Zones
    clusters: Clusters
    measures: Measures | None = None
    ledger: Ledger | None = None
    sites: Sites | None = None
    carrier_groups: CarrierGroups | None = None
    target: CarrierTarget | None = None
    intake: Intake | None = None
    robustness: Robustness | None = None
    explain: Explaining | None = None
    rules: dict[str, Rule]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """What one section names of another has to be in it; every fault is told at once."""
        if faults := list(faults_between(self)):
            raise KeyFaultError(*faults)
        return self

    def rule(self, name: str, on: date | None = None) -> Rule:
        """The rule of that name, which has to be in force on a day where one is given.

        Raises
        ------
        NotFoundError
            The policy has no such rule (the message lists those it has), or it is not in force on that day.
        """
        try:
            found = self.rules[name]
        except KeyError:
            raise NotFoundError(
                Said(f"Policy {self.id!r} has no rule {name!r}.", f"政策 {self.id} 没有规则 {name}。"),
                Said("Rules: " + ", ".join(self.rules) + ".", "规则：" + "、".join(self.rules) + "。"),
            ) from None
        if on is not None and not found.holds_on(on):
            raise NotFoundError(
                Said(
                    f"Rule {name!r} of policy {self.id!r} is not in force on {on}, but {found.days}: nothing is judged by it.",
                    f"政策 {self.id} 的规则 {name} 在 {on} 不施行（{found.days}），不能据以判断。",
                ),
                Said(
                    "Ask for a day on which it is (as_of, --as-of), or mend effective_from and effective_to of the rule in the "
                    "policy.",
                    "请改为其施行期内的日期，或修改政策中该规则的 effective_from、effective_to。",
                ),
            )
        return found

    @property
    def levers(self) -> tuple[str, ...]:
        """The measures in the order in which changes of them are told; empty where the policy says none."""
        return self.explain.order.value if self.explain else ()

    def holds_on(self, day: date) -> bool:
        """Whether a day lies in the time that the policy is made for; facts of another day may be judged by it all the same."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def rules_on(self, day: date) -> dict[str, Rule]:
        """The rules that are in force on a day, by name and in the policy's order.

        Raises
        ------
        NotFoundError
            None is.
        """
        found = {name: rule for name, rule in self.rules.items() if rule.holds_on(day)}
        if not found:
            told = ", ".join(f"{name} ({rule.days})" for name, rule in self.rules.items())
            raise NotFoundError(
                f"No rule of policy {self.id!r} is in force on {day}: {told}.",
                "Name another day (--as-of), or another policy (--policy).",
            )
        return found

    @property
    def hash(self) -> str:
        """SHA-256 over the policy's content in canonical JSON: equal content, equal hash, whatever the layout."""
        content = self.model_dump(mode="json")
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def with_changes(self, changes: dict[str, Any]) -> Policy:
        """A copy with dotted keys changed, checked as a file would be: ``{"clusters.lane_width.value": 30}``.

        Raises
        ------
        PolicyError
            A key does not exist, or the changed policy is not a sound one.
        """
        content = self.model_dump(mode="python")
        for key, value in changes.items():
            *path, last = key.split(".")
            node: Any = content
            for step in path:
                node = _step(node, step, key)
            _step(node, last, key)
            if isinstance(node, list | tuple):
                raise PolicyError(
                    f"Key {key!r} names a place in a list.",
                    "Change a field of the item instead.",
                )
            node[last] = value
        return _checked(content, f"{self.id} (changed)")


def _step(node: Any, step: str, key: str) -> Any:
    if isinstance(node, dict) and step in node:
        return node[step]
    if isinstance(node, list | tuple):
        for item in node:
            if isinstance(item, dict) and item.get("id") == step:
                return item
    raise PolicyError(
        f"The policy has no key {key!r} ({step!r} is not there).",
        "See `shuangbei policy show`.",
    )


def policy(name: str | Path) -> Policy:
    """Read a policy: a name in ``data/policy``, or the path of a TOML file.

    Raises
    ------
    NotFoundError
        There is no such policy.
    PolicyError
        The file is broken: each fault with its line and its key.
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = data_dir() / "policy" / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in (data_dir() / "policy").glob("*.toml"))
        raise NotFoundError(
            f"There is no policy {str(name)!r}.",
            f"Policies: {', '.join(known)}; or the path of a file.",
        )
    text, content = policy_text(path)
    return _checked(content, path.name, text)


def _checked(content: dict[str, Any], name: str, text: str = "") -> Policy:
    """The policy of that content; faults are told with the line of ``text`` on which their key stands."""
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        faults = told_faults(error, text)
        raise PolicyError(
            f"{name} has {len(faults)} fault(s):\n" + "\n".join(f"  {fault}" for fault in faults),
            "Mend these keys.",
        ) from None
