"""Options that several commands have, and the formats in which answers are given."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

Format = Literal["table", "json", "csv", "geojson", "xlsx", "gpkg", "parquet", "docx"]
#: those of every answer: a report is made of a list of candidates alone
FORMATS = tuple(name for name in get_args(Format) if name != "docx")
#: those that are printed
PRINTED = ("xlsx", "docx")
#: those of rows that have no place on a map
PLAIN_FORMATS = tuple(name for name in FORMATS if name not in ("geojson", "gpkg"))

FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Default: what --out ends in, else a table.", show_default=False)
]
#: of answers of which no report is made
RowsFormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar=f"<{'|'.join(FORMATS)}>",
        help="Default: what --out ends in, else a table.",
        show_default=False,
    ),
]
OutOption = Annotated[Path | None, typer.Option(help="The file to write; without it the answer goes to stdout.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")]
PolicyOption = Annotated[str | None, typer.Option(help="A name in data/policy, or the path of a file.")]
AsOfOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that is asked about; default today.")
]
RuleOption = Annotated[str, typer.Option(help="A rule of the policy.")]
