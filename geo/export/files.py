"""One call that writes an answer to a file; the file's ending says the format."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geo.errors import ReadError, SettingsError, ShuangbeiError
from geo.export.candidate_book import write_candidate_book
from geo.export.candidate_list import is_candidate_list
from geo.export.plain import marked, plain_text
from geo.export.registry import as_sheet, flat, registered_kind, unformulated
from geo.export.stamps import whole
from geo.export.wording import Wording
from geo.export.workbook import write_workbook
from geo.fields.readers import for_all
from geo.fields.values import records

Stamp = Mapping[str, Any]
_TEXT, _DAY = pd.ArrowDtype(pa.string()), pd.ArrowDtype(pa.date32())
_Writer = Callable[[pd.DataFrame, Path, Stamp], None]


def export(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    stamp: Stamp | None = None,
    restricted: bool = False,
    title: str = "",
    unit: str = "",
    secrecy: str = "",
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    top: int | None = None,
    overwrite: bool = False,
) -> Path:
    """Write an answer to ``path``; the ending says the format: xlsx, csv, json, geojson, gpkg, parquet, or docx.

    ``stamp`` says where the figures come from (``Run.stamp``; default: what the answer itself carries).  It goes into
    the workbook's sheet 运行信息, into a report, and for the other formats into ``<path>.run.json`` beside the file.
    Candidates become a workbook of several sheets (:mod:`geo.export.candidate_book`), or a report with small maps (docx,
    candidates alone: :mod:`geo.export.report`), on which ``unit`` (编制单位) and ``secrecy`` (密级) stand; ``layers``
    (``geo.answers.layers``) are drawn on the maps.  With ``top`` a workbook of candidates holds all rows and prints so many
    of the first, and a report has no more; other files are not printed and do not take it.
    Columns that only some may read, and what reasons found in them, are left out unless ``restricted`` is true.  Rows of
    made-up land bear 演示数据 in a column of their own.  The file appears whole or not at all, and only with
    ``overwrite`` in the place of one that is there already: an office may have filled that in.  Rows of the registry
    (``geo.facts``) are written so that the import reads them back without a mapping.

    Raises
    ------
    ReadError
        The ending is none of these, the file is there already, or the folder cannot be written to.
    SettingsError
        ``top`` is below 1, or asked of what is no workbook or report of candidates.
    """
    target = Path(path)
    if target.is_dir():
        raise ReadError(f"{target} is a folder.", f"Name the file to write in it, such as {target / 'NAME.xlsx'}.")
    ending = target.suffix.lower().lstrip(".")
    if ending not in (*_WRITERS, REPORT):
        raise ReadError(
            f"{target.name}: .{ending or '(none)'} is not a format.",
            f"Formats: {', '.join(FORMATS)}; {REPORT} for candidates.",
        )
    if target.exists() and not overwrite:
        raise ReadError(
            f"{target} is there already.", "Name another file, or write over it with overwrite=True (--force)."
        )
    said = dict(stamp if stamp is not None else frame.attrs.get("stamp", {}))
    shown = marked(frame if restricted else for_all(frame))
    shown.attrs["kind"] = frame.attrs.get("kind")
    said |= {name: text for name, text in (("title", title), ("unit", unit), ("secrecy", secrecy)) if text}
    said = whole(said)
    if top is not None:
        said |= _first(top, ending, is_candidate_list(shown, said))
    if ending == "xlsx" and is_candidate_list(shown, said):
        whole_or_not_at_all(target, lambda temporary: write_candidate_book(shown, temporary, said))
    elif ending == REPORT:
        _report(shown, target, said, layers)
    else:
        whole_or_not_at_all(target, lambda temporary: _WRITERS[ending](shown, temporary, said))
    if ending not in ("xlsx", REPORT):
        sidecar = target.with_name(target.name + ".run.json")
        text = json.dumps(said, ensure_ascii=False, indent=1, default=str)
        whole_or_not_at_all(
            sidecar,
            lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"),
        )
    return target


def _first(top: int, ending: str, candidates: bool) -> dict[str, int]:
    if top < 1:
        raise SettingsError(f"The first {top} rows are none.", "Give a number from 1 on.")
    if not candidates or ending not in ("xlsx", REPORT):
        raise SettingsError(
            "How many of the first are printed is asked of a workbook or a report of candidates.",
            f"Name the file NAME.xlsx or NAME.{REPORT}, or leave it out.",
        )
    return {"top": top}


def _report(frame: pd.DataFrame, target: Path, stamp: Stamp, layers: Mapping[str, gpd.GeoDataFrame] | None) -> None:
    if not is_candidate_list(frame, stamp):
        raise ReadError(
            f"{target.name}: a report is made of candidates, and this is no list of them.",
            f"Formats: {', '.join(FORMATS)}.",
        )
    # Only here: a Word library and a drawing one are nothing that other answers should wait for.
    from geo.export.report import write_report

    whole_or_not_at_all(target, lambda temporary: write_report(frame, temporary, stamp, layers=layers))


def whole_or_not_at_all(target: Path, write: Callable[[Path], Any]) -> None:
    """Call ``write`` with a path that takes the target's place when it is done.

    Raises
    ------
    ReadError
        The folder cannot be written to.
    """
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".shuangbei-") as folder:
            # The same name inside, since some writers take the layer's name from the file's.
            temporary = Path(folder) / target.name
            write(temporary)
            temporary.replace(target)
    except ShuangbeiError:
        raise
    except OSError as error:
        raise ReadError(
            f"{target} cannot be written: {error.strerror or error}.",
            "Choose another --out.",
        ) from None


def _csv(frame: pd.DataFrame, path: Path, stamp: Stamp) -> None:
    # UTF-8 with a byte-order mark: without it Excel in a Chinese office reads the file as GBK.
    kind = registered_kind(frame)
    plain = plain_text(frame, Wording.of(stamp)) if kind is None else unformulated(as_sheet(frame, kind, office=False))
    plain.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _json(frame: pd.DataFrame, path: Path, stamp: Stamp) -> None:
    content = {"run": dict(stamp), "rows": records(frame)}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str), encoding="utf-8")


def _geojson(frame: pd.DataFrame, path: Path, stamp: Stamp) -> None:
    shaped = _shaped(frame, path)
    # RFC 7946 wants no more than what is needed; 8 decimals are a millimetre.  The registry's own outlines come back as
    # they were only with all of them.
    decimals = 8 if registered_kind(frame) is None else None
    features = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in zip(_rfc7946_geometries(shaped, decimals), records(shaped), strict=True)
    ]
    content = {"type": "FeatureCollection", "run": dict(stamp), "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False, default=str), encoding="utf-8")


def _rfc7946_geometries(frame: gpd.GeoDataFrame, decimals: int | None) -> list[dict[str, Any] | None]:
    # RFC 7946: WGS84 longitude and latitude, outer rings anticlockwise.
    shapes = frame.geometry.to_crs(4326).array
    turned = shapely.orient_polygons(shapes) if len(shapes) else shapes
    rounded = turned if decimals is None else shapely.transform(turned, lambda xy: xy.round(decimals))
    return [None if s is None else json.loads(shapely.to_geojson(s)) for s in rounded]


def _gpkg(frame: pd.DataFrame, path: Path, stamp: Stamp) -> None:
    shaped = _shaped(frame, path)
    kind = registered_kind(frame)
    bare = pd.DataFrame(shaped.drop(columns="geometry"))
    rows = plain_text(bare, Wording.of(stamp), codes=True) if kind is None else flat(shaped, kind)
    # Inside as well, since a download leaves what lies beside it behind.
    said = {"shuangbei": json.dumps(dict(stamp), ensure_ascii=False, default=str)}
    whole_frame = gpd.GeoDataFrame(rows, geometry=shaped.geometry, crs=shaped.crs)
    whole_frame.to_file(path, driver="GPKG", layer=path.stem, engine="pyogrio", dataset_metadata=said)


def _parquet(frame: pd.DataFrame, path: Path, stamp: Stamp) -> None:
    # pandas cannot read back an Arrow column of lists of records, and attrs are not always what Parquet can hold.
    lists = [name for name in frame if isinstance(frame[name].dtype, pd.ArrowDtype)]
    simple = frame.astype(dict.fromkeys(lists, object))
    kind = registered_kind(frame)
    if kind is not None:
        plain = flat(frame, kind)
        shaped = isinstance(frame, gpd.GeoDataFrame)
        simple = gpd.GeoDataFrame(plain, geometry=frame.geometry, crs=frame.crs) if shaped else plain
    # Where nobody has said anything yet a column has its type all the same, and not that of nothing.
    silent = [n for n in simple if len(simple) and simple[n].dtype == object and simple[n].isna().all()]
    days = [name for name in silent if str(name).endswith("_on")]
    simple = simple.astype(dict.fromkeys(silent, _TEXT) | dict.fromkeys(days, _DAY))
    simple.attrs = {}
    simple.to_parquet(path, index=False)  # a GeoDataFrame writes GeoParquet
    _stamped(path, json.dumps(dict(stamp), ensure_ascii=False, default=str))


def _stamped(path: Path, said: str) -> None:
    """Put the stamp inside a Parquet file, which neither pandas nor GeoPandas writes; one group of rows at a time."""
    written = path.with_name(f"{path.name}.new")
    with pq.ParquetFile(path) as source:
        known = dict(source.schema_arrow.metadata or {})
        schema = source.schema_arrow.with_metadata(known | {b"shuangbei": said.encode()})
        with pq.ParquetWriter(written, schema) as target:
            for number in range(source.num_row_groups):
                target.write_table(source.read_row_group(number).replace_schema_metadata(schema.metadata))
    written.replace(path)


def _shaped(frame: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    if not isinstance(frame, gpd.GeoDataFrame):
        raise ReadError(
            f"These rows have no shapes, so they cannot be {path.suffix}.",
            "Choose xlsx, csv or json.",
        )
    return frame


_WRITERS: dict[str, _Writer] = {
    "xlsx": write_workbook,
    "csv": _csv,
    "json": _json,
    "geojson": _geojson,
    "gpkg": _gpkg,
    "parquet": _parquet,
}
FORMATS = tuple(_WRITERS)
#: the format that candidates alone can be given in
REPORT = "docx"
