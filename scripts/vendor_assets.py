"""Copy the browser files that pages load from ``node_modules`` to ``maps/vendor``, with a manifest of what they are.

Run by ``make assets`` after ``npm ci``.  Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "maps" / "vendor"

#: Package → what of it a page loads, and its licence.  A pattern that finds nothing is an error.
WANTED = {
    "leaflet": ["dist/leaflet.js", "dist/leaflet.css", "dist/images/*", "LICENSE"],
    # Folium's popups are built with jQuery, its page frame with Bootstrap, its icons with the next two.
    "jquery": ["dist/jquery.min.js", "LICENSE.txt"],
    "bootstrap": ["dist/js/bootstrap.bundle.min.js", "dist/css/bootstrap.min.css", "LICENSE"],
    "leaflet.awesome-markers": [
        *("dist/leaflet.awesome-markers.js", "dist/leaflet.awesome-markers.css", "dist/images/*", "LICENSE"),
    ],
    "@fortawesome/fontawesome-free": ["css/all.min.css", "webfonts/*.woff2", "LICENSE.txt"],
    "leaflet.markercluster": ["dist/leaflet.markercluster.js", "dist/MarkerCluster*.css", "MIT-LICENCE.txt"],
    # The page of the HTTP interface's documentation.
    "swagger-ui-dist": ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"],
}


def vendor(modules: Path, target: Path) -> dict[str, dict[str, str]]:
    """Copy what is wanted from ``modules`` to ``target``, which is swapped in whole."""
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    manifest: dict[str, dict[str, str]] = {}
    for package, patterns in WANTED.items():
        source = modules / package
        version = json.loads((source / "package.json").read_text())["version"]
        if version != locked[f"node_modules/{package}"]["version"]:
            raise SystemExit(f"node_modules has {package} {version}, which is not the locked one. Run: npm ci")
        for pattern in patterns:
            files = sorted(file for file in source.glob(pattern) if file.is_file())
            if not files:
                raise SystemExit(f"{package} {version} has no {pattern}.")
            for file in files:
                name = f"{package.rpartition('/')[2]}/{file.relative_to(source).as_posix()}"
                copy = new / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
                digest = hashlib.sha256(copy.read_bytes()).hexdigest()
                manifest[name] = {"package": package, "version": version, "sha256": digest}
    (new / "MANIFEST.json").write_text(json.dumps(manifest, indent=1) + "\n")
    if target.is_symlink() or target.is_file():
        target.unlink()
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)
    return manifest


if __name__ == "__main__":
    done = vendor(ROOT / "node_modules", VENDOR)
    size = sum((VENDOR / name).stat().st_size for name in done)
    print(f"{len(done)} browser files, {size / 1e6:.1f} MB, in {VENDOR.relative_to(ROOT)}", file=sys.stderr)
