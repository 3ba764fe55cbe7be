"""All that one import reads: the file, what is joined to it, its sheet of uses, and the mapping for the table they make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from geo.errors import MappingError, ReadError
from geo.fields import Kind
from geo.intake.automap import match_columns
from geo.intake.joining import join_sources, key_columns
from geo.intake.read import Source, read
from geo.intake.report import Step, unheard
from geo.intake.sheets import ALL_AT_ONCE
from geo.intake.specs import ALONE, REGISTERED, Elsewhere, Join, Mapping, Uses
from geo.intake.uses import with_uses


def gather(
    path: str | Path,
    kind: Kind,
    chosen: Mapping | None,
    *,
    layer: str | None = None,
    join: str | Path | None = None,
    step: Step = unheard,
    source: Source | None = None,
    elsewhere: tuple[Elsewhere, Elsewhere] = (ALONE, ALONE),
) -> tuple[Source, Mapping]:
    """One table of all that the import reads, and the mapping that says what its columns are.

    ``join`` names the other file, or ``registered``, over what the mapping says; ``step`` is told of the rows of ``path``.
    ``source`` is what was read of it already; ``elsewhere`` is what other sheets have of the joined file and of the uses.

    Raises
    ------
    ReadError, MappingError
        A file cannot be read, has no rows, or does not have what the mapping names.
    """
    source = source or read_own(path, chosen, step, layer=layer)
    file = Path(path)
    plan, told = chosen, chosen.join if chosen else None
    twice: str | None = None
    wanted = joined_by(told, join)
    if wanted is not None and not wanted.registered:
        other, label = _other(file, wanted, plan, given=join is not None)
        if plan is None:
            # Both columns of codes hold the same, and one of them is enough.
            this, twice = key_columns(source, other, wanted, kind, plan, label)
            twice = None if this == twice else twice
        source, plan = join_sources(source, other, wanted, kind, plan, label, elsewhere[0])
    if plan is None:
        columns = [name for name in source.columns if name != twice]
        partial = wanted is not None and wanted.registered
        plan = match_columns(columns, kind, source.title, partial=partial)
    if plan.uses is not None:
        sheet, label = _other(file, plan.uses, plan)
        source, plan = with_uses(source, sheet, plan, plan.uses, label, elsewhere[1])
    return source, replace(plan, join=wanted)


def read_own(path: str | Path, chosen: Mapping | None, step: Step = unheard, *, layer: str | None = None) -> Source:
    """The imported file or sheet alone, as its mapping says to read it.

    Raises
    ------
    ReadError, MappingError
        It cannot be read, has no rows, or lacks the columns of its shapes.
    """
    source = read(
        path,
        layer=layer or (chosen.layer if chosen else None),
        encoding=chosen.encoding if chosen else None,
        geometry=chosen.geometry if chosen else None,
        step=step,
    )
    if not len(source.rows):
        which = f"{source.file_name}, {source.layer}," if chosen and chosen.layer else source.file_name
        raise ReadError(f"{which} has no rows.", "Fill it in, or ask for the file again.")
    return source


def joined_by(told: Join | None, join: str | Path | None) -> Join | None:
    """What to join: what the call names, else what the mapping does."""
    if join is None:
        return told
    if str(join) == REGISTERED:
        return Join(registered=True)
    return replace(told or Join(), file=str(join), registered=False)


def _other(file: Path, wanted: Join | Uses, plan: Mapping | None, *, given: bool = False) -> tuple[Source, str]:
    """Another file or sheet, and what faults call it.

    A file that a mapping names lies beside the imported file, or beside the mapping; one that the call names, where it says.
    """
    shapes = wanted.geometry if isinstance(wanted, Join) else None
    if wanted.file is None:
        if wanted.layer is None:
            raise MappingError(
                f"{plan.name if plan else 'The mapping'}: join names neither a file nor a layer.",
                "Say file = …, or layer = … of the same file, under [join]; or pass --join FILE.",
            )
        source = read(file, layer=wanted.layer, encoding=wanted.encoding, geometry=shapes)
        return source, wanted.layer or source.file_name
    folders = [] if given else [file.parent, *([plan.folder] if plan and plan.folder else [])]
    named = Path(wanted.file)
    found = next((folder / named for folder in folders if (folder / named).is_file()), None)
    if found is None:
        if not given and not named.is_file():
            places = " or ".join("beside " + what for what in (file.name, plan.name if plan else "the mapping"))
            raise ReadError(f"There is no file {named} {places}.", "Put it there, or pass --join FILE.")
        found = named
    try:
        source = read(found, layer=wanted.layer, encoding=wanted.encoding, geometry=shapes)
    except ReadError as error:
        # The option --layer is of the imported file.
        hint = error.hint.partition(ALL_AT_ONCE)[0].rstrip()
        hint = hint.replace("Pass --layer:", "Name one in the mapping, as layer = … under [join]:")
        raise ReadError(error.message, hint) from None
    if not len(source.rows):
        raise ReadError(f"{source.file_name} has no rows.", "Ask for the file again.")
    return source, f"{source.file_name}, {wanted.layer}" if wanted.layer else source.file_name
