"""The policy of the tests with the two routes of 二(三)7, made from the one that is shipped."""

from __future__ import annotations

from typing import Any

from geo.policy import Policy, policy

RULE = "office_to_rnd"


def condition(name: str, title: str, measure: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": title, "measure": measure, "op": op, "value": value, "assumption": "测试用"} | more


def target(use: str, code: str) -> dict[str, Any]:
    return {"use": use, "table": "shanghai_kg", "code": code, "assumption": "测试用"}


def routed_policy(**changes: Any) -> Policy:
    """``hongkou-2025`` with a land route (C65, M4) and a building route (C65); ``changes`` by dotted key."""
    content = policy("hongkou-2025").model_dump(mode="python")
    rule = content["rules"][RULE]
    rule["criteria"] = [dict(item) | {"routes": None} for item in rule["criteria"]]
    rule["routes"] = (
        {
            "id": "land",
            "title": "土地路径",
            "procedure": "控详规划调整 → 产业用地出让",
            "targets": (target("research_design", "C65"), target("industrial_rnd", "M4")),
            "conditions": (condition("free", "未供或未建", "supply_status", "in", ("not_granted", "granted_unbuilt")),),
            "clause": "二(三)7",
        },
        {
            "id": "building",
            "title": "既有建筑路径",
            "procedure": "权利人申请 → 合同变更 → 补缴价款",
            "targets": (target("research_design", "C65"),),
            "conditions": (
                condition("built", "已建", "supply_status", "is", "built"),
                condition("empty", "空置率足够", "vacancy_share", ">=", 20, unit="%"),
            ),
            "assumption": "测试用",
        },
    )
    # What the target may be reached by names the rule's routes, so it names these.
    content["target"]["measures"]["conversion_building"]["routes"]["value"] = (f"{RULE}.building",)
    whole = Policy.model_validate(content)
    return whole.with_changes(changes) if changes else whole
