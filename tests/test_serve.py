"""``shuangbei serve``: who it listens to, what it says, and how it ends."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.serve import listen
from geo.errors import SettingsError

ROOT = Path(__file__).parent.parent

# The server with an application of the test's own in the place of ours, which needs a database.
STUB = """
import sys, types
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        print("closed", flush=True)
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})
module = types.ModuleType("api.app")
module.create_app = lambda: app
sys.modules["api.app"] = module
from api.cli import main
main()
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_it_says_its_address_once_pages_can_be_had_and_ends_cleanly(sent: signal.Signals, code: int) -> None:
    command = [sys.executable, "-c", STUB, "serve", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ROOT, **pipes) as server:
        assert server.stderr is not None
        line = server.stderr.readline()
        address = line.split("http://")[1].split()[0]
        page = http.client.HTTPConnection(address, timeout=10)
        page.request("GET", "/")
        assert page.getresponse().read() == b"here"
        page.close()
        server.send_signal(sent)
        out, err = server.communicate(timeout=20)
    assert server.returncode == code, err
    assert out == "closed\n"
    assert "Traceback" not in err


def test_a_taken_port_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port}") as caught:
            listen("127.0.0.1", port)
    assert "--port" in caught.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_it_refuses_to_listen_beyond_this_machine(host: str) -> None:
    with pytest.raises(SettingsError):
        listen(host, 0)


def test_small_answers_are_not_held_back() -> None:
    with listen("127.0.0.1", 0) as listener:
        # What asyncio looks at before it sets TCP_NODELAY.
        assert listener.proto == socket.IPPROTO_TCP


def test_the_demo_tells_of_a_taken_port_before_it_loads_anything(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        command = [sys.executable, "-c", "from api.cli import main; main()"]
        command += ["demo", "--port", str(other.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=dict(os.environ))
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert list(home.iterdir()) == []
