"""``shuangbei serve``: the pages, the JSON and the downloads, on this machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import Annotated

import typer

from api.cli.terminal import note
from geo.errors import SettingsError

Port = Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes any free one.")]
Host = Annotated[str, typer.Option(help="Address to listen on; loopback only, as there are no users yet.")]


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Serve the map and the lists until Ctrl-C."""
    listener = listen(host, port)
    with listener:
        run(listener)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on a loopback address.

    Raises
    ------
    SettingsError
        The address is not of this machine alone, or the port is taken.
    """
    _require_loopback(host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio sets TCP_NODELAY on what it accepts: without it a small answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} of {host} cannot be used: {error.strerror}.",
            "Choose another one with --port (make demo PORT=…), or --port 0 for any that is free.",
        ) from error
    return listener


def run(listener: socket.socket) -> None:
    """Serve on a listening socket until Ctrl-C or SIGTERM, and say the address once pages can be had."""
    import uvicorn

    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                note(f"双北 is at {address}   (Ctrl-C stops it)")

    config = uvicorn.Config(
        "api.app:create_app", factory=True, log_level="warning", server_header=False, timeout_graceful_shutdown=5
    )
    server = Server(config)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        # uvicorn has shut down by then and raises the signal again.
        note("Stopped; the database is as it was.")
    if not server.started:
        raise typer.Exit(1)  # the application has said why


def _require_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise SettingsError(f"{host!r} is not an IP address.", "Give --host 127.0.0.1, or leave it away.") from None
    if not loopback:
        raise SettingsError(
            f"Refused to listen on {host}: others could reach it, and there are no users and passwords yet.",
            "Leave --host away and let others in through SSH, or a proxy that signs them in.",
        )
