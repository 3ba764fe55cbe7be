"""Write ``docs/policy.schema.json`` from the classes that read policies; a test holds that it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from geo.policy.schema import schema_text

FILE = Path(__file__).resolve().parent.parent / "docs" / "policy.schema.json"

if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
    print(FILE.name, file=sys.stderr)
