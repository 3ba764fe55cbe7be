"""Where the browser files are that pages load: Leaflet and the few others that npm brought at set-up.

They are served by this machine; no page asks anything of another host.
"""

from __future__ import annotations

from pathlib import Path

from geo.errors import SetupError

_VENDOR = Path(__file__).parent / "vendor"


def vendor_dir() -> Path:
    """The folder of the browser files, one folder a package; ``MANIFEST.json`` names each with version and sha256.

    Raises
    ------
    SetupError
        They have not been installed.
    """
    # The manifest is written last, so a folder without it is half done.
    if not (_VENDOR / "MANIFEST.json").is_file():
        raise SetupError("The browser files of the pages are not installed.", "Run: make install")
    return _VENDOR
