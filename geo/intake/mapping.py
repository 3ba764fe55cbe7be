"""Mapping files: which column of a file is which column of the registry, in which unit, by which code table.

A mapping is TOML (see ``data/mappings``), read whole and checked whole; a key that is not known is an error, for a
misspelt ``unit`` that is passed over would be an area off by a factor of 666.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.errors import MappingError, NotFoundError
from geo.fields import Kind, kind_named
from geo.intake.joins import parse_join, parse_uses
from geo.intake.parser import Parser
from geo.intake.specs import Mapping
from geo.settings import data_dir

_TOP = {"kind", "layer", "crs", "encoding", "source", "columns", "where", "geometry", "join", "uses"}
_SOURCE = {"name", "synthetic"}


def read_mapping(name: str | Path, kind: Kind) -> Mapping:
    """Read a mapping: a name in ``data/mappings``, or the path of a TOML file.

    Raises
    ------
    NotFoundError
        There is no such mapping; the message lists those there are.
    MappingError
        The file is broken, or is for another kind; file and key are named.
    """
    content, path = read_toml(name)
    return parse_mapping(content, path.name, kind, folder=path.parent)


def read_toml(name: str | Path) -> tuple[dict[str, Any], Path]:
    """What a mapping file says, and its path; see :func:`read_mapping`."""
    path = Path(name)
    if path.suffix != ".toml":
        path = data_dir() / "mappings" / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in (data_dir() / "mappings").glob("*.toml"))) or "none"
        raise NotFoundError(f"There is no mapping {str(name)!r}.", f"Mappings: {known}; or the path of a file.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), path
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name} is not sound TOML: {error}.", "Mend that line.") from None


def parse_mapping(
    content: dict[str, Any], name: str, kind: Kind, *, folder: Path | None = None, partial: bool = False
) -> Mapping:
    """A mapping from its content; ``name`` is what its errors call it.

    ``partial``: it says some of what is registered anew, and needs to name no column but the code.

    Raises
    ------
    MappingError
        A key is unknown or missing, of a wrong type, or does not fit its column; file and key are named.
    """
    return replace(_mapping(Parser(name, kind, partial, folder), content), folder=folder)


def _mapping(parser: Parser, content: dict[str, Any]) -> Mapping:
    parser.known(content, _TOP)
    own = parser.text(content, "kind")
    if own is None:
        raise parser.fault("kind", "missing", f'Write kind = "{parser.kind.name}".')
    try:
        kind_named(own)
    except NotFoundError as error:
        raise parser.fault("kind", f"unknown kind {own!r}", error.hint) from None
    if own != parser.kind.name:
        raise parser.fault("kind", f"it is for {own}, and {parser.kind.name} were asked for", f"Pass --kind {own}.")
    source, geometry = parser.table(content, "source"), parser.table(content, "geometry")
    parser.known(source, _SOURCE, "source.")
    synthetic = source.get("synthetic", False)
    if not isinstance(synthetic, bool):
        raise parser.fault("source.synthetic", f"true or false is wanted, not {synthetic!r}")
    join, uses = parser.table(content, "join"), parser.table(content, "uses")
    joined = parse_join(parser, join) if join else None
    parser.partial = parser.partial or bool(joined and joined.registered)
    columns = parser.columns(parser.table(content, "columns"))
    return Mapping(
        name=parser.name,
        kind=parser.kind,
        columns=columns,
        source=parser.text(source, "name", "source."),
        synthetic=synthetic,
        layer=parser.text(content, "layer"),
        crs=parser.text(content, "crs"),
        encoding=parser.text(content, "encoding"),
        geometry=parser.geometry(geometry) if geometry else None,
        where={key: parser.allowed(value, f"where.{key}") for key, value in parser.table(content, "where").items()},
        content=content,
        join=joined,
        uses=parse_uses(parser, uses, set(columns)) if uses else None,
    )
