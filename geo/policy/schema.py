"""The JSON Schema of a policy file, for editors that check while one writes."""

from __future__ import annotations

import json
from typing import Any

from geo.policy import Policy

#: what the schema calls itself; it is not an address that anything is loaded from
SCHEMA_ID = "urn:shuangbei:policy"


def policy_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a policy, made from the very classes that read it.

    It holds names, types, ranges, which units, operators, values and functions each measure lets one ask for, and that each
    value says its clause or its assumption; what depends on other sections or on tables of codes (a zone, a route, a day that
    lies before another, the code of a target) only ``shuangbei policy check`` can tell.
    """
    schema = Policy.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID} | schema


def schema_text() -> str:
    """The schema as it stands in ``docs/policy.schema.json``."""
    return json.dumps(policy_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
