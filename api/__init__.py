"""The doors of 双北: pages, maps, JSON and downloads over HTTP (``api.app``), and the command line (``api.cli``)."""
