"""The private cluster: what it must survive, and who must not get in."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from geo.embedded import Cluster, programs
from geo.embedded.postmaster import remove_misleading_lock, server_pid
from geo.embedded.server import connection, libpq
from geo.errors import DatabaseError, SettingsError, SetupError

ROOT = Path(__file__).parent.parent
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="drops to other accounts, which only root can")


def command(code: str, *arguments: object, user: str | None = None) -> list[str]:
    """A command line that runs a piece of Python with the project on its path, as another account if named.

    The account is taken on after the imports: this Python may stand in a folder that only root can enter.
    """
    head = f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
    head += "from pathlib import Path\nfrom geo.embedded import Cluster\nfrom geo.embedded import server\n"
    head += "from geo.errors import SetupError\n"
    if user:
        account = pwd.getpwnam(user)
        head += f"os.setgroups([]); os.setgid({account.pw_gid}); os.setuid({account.pw_uid})\n"
    return [sys.executable, "-c", head + code, *map(str, arguments)]


def python(code: str, *arguments: object, user: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(code, *arguments, user=user), capture_output=True, text=True, check=False, cwd="/")


def kill(cluster: Cluster) -> int:
    """Kill the postmaster as a crash would, and wait until it is gone."""
    pid = server_pid(cluster.data)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: server_pid(cluster.data) is None)
    return pid


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_committed_row_is_there_after_the_server_was_killed(home: Path) -> None:
    cluster = Cluster(home).start()
    cluster.ensure_database("shuangbei")
    with connection(cluster.url("shuangbei")) as database:
        database.execute("create table kept (n int)")
        for n in range(200):
            database.execute("insert into kept values (%s)", [n])
    kill(cluster)
    cluster.start()
    with connection(cluster.url("shuangbei")) as database:
        assert database.execute("select count(*), sum(n) from kept").fetchone() == (200, 19900)


def test_two_starters_at_once_get_the_same_server_and_database(home: Path) -> None:
    code = """
cluster = Cluster(Path(sys.argv[1]), durable=False).start()
cluster.ensure_database("shuangbei")
print(cluster.url("shuangbei"))
"""
    starters = [subprocess.Popen(command(code, home), stdout=subprocess.PIPE, text=True, cwd="/") for _ in range(3)]
    urls = {starter.communicate(timeout=60)[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert len(urls) == 1
    assert Cluster(home).running()


def test_the_server_outlives_the_process_that_started_it(home: Path) -> None:
    done = python("Cluster(Path(sys.argv[1]), durable=False).start()", home)
    assert done.returncode == 0, done.stderr
    assert Cluster(home).running()


def test_a_stopped_cluster_starts_again_on_its_port_with_its_password(home: Path) -> None:
    cluster = Cluster(home, durable=False).start()
    before = cluster.url("postgres")
    cluster.stop()
    assert not cluster.running()
    with pytest.raises(DatabaseError, match="not running"):
        cluster.url("postgres")
    assert cluster.start().url("postgres") == before


def test_a_port_that_another_program_took_is_left_to_it(home: Path) -> None:
    cluster = Cluster(home, durable=False).start()
    taken = cluster.port()
    cluster.stop()
    with socket.create_server(("127.0.0.1", taken)):
        assert cluster.start().port() != taken
        connection(cluster.url("postgres")).close()


def test_only_this_machine_and_only_the_password_let_in(home: Path) -> None:
    cluster = Cluster(home, durable=False).start()
    pid = server_pid(cluster.data)
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    ours = [address for address in listening if address.endswith(f":{cluster.port():04X}")]
    assert ours == [f"0100007F:{cluster.port():04X}"]  # 127.0.0.1, bytes reversed
    sockets = Path("/proc/net/unix").read_text()
    assert f".s.PGSQL.{cluster.port()}" not in sockets
    assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600
    password = (home / "password").read_text()
    assert password.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert password not in cluster.log.read_text()
    for wrong in ("", "guess"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(libpq(cluster.url("postgres"), password=False), password=wrong)


def test_a_lost_password_is_made_anew_and_the_data_stays(home: Path) -> None:
    cluster = Cluster(home, durable=False).start()
    with connection(cluster.url("postgres")) as database:
        database.execute("create table kept as select 1 as n")
    before = cluster.url("postgres")
    (home / "password").unlink()
    assert cluster.start().url("postgres") != before
    with connection(cluster.url("postgres")) as database:
        assert database.execute("select n from kept").fetchone() == (1,)
    assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600


def test_a_lock_file_with_the_number_of_another_live_process_does_not_mislead(home: Path) -> None:
    cluster = Cluster(home).start()
    kill(cluster)
    lock = cluster.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lines[0] = str(os.getpid())  # as if the number had been given to us
    lock.write_text("\n".join(lines) + "\n")
    assert not cluster.running()
    cluster.start()
    connection(cluster.url("postgres")).close()


def test_a_killed_server_that_nobody_reaped_does_not_count_as_running(tmp_path: Path) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    eventually(lambda: ") Z " in Path(f"/proc/{zombie.pid}/stat").read_text())
    (tmp_path / "postmaster.pid").write_text(f"{zombie.pid}\n{tmp_path}\n")
    assert server_pid(tmp_path) is None
    remove_misleading_lock(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()
    zombie.wait()


def test_a_making_that_failed_leaves_nothing_and_the_next_one_succeeds(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An initdb that writes a part and fails, as on a full disk.
    broken = home / "bin"
    broken.mkdir()
    real = programs.find_programs()
    for program in real.iterdir():
        (broken / program.name).symlink_to(program)
    (broken / "initdb").unlink()
    (broken / "initdb").write_text(
        '#!/bin/sh\nmkdir "$2" && echo 15 >"$2/PG_VERSION"\necho No space left on device\nexit 1\n'
    )
    (broken / "initdb").chmod(0o755)
    monkeypatch.setattr("geo.embedded.cluster.find_programs", lambda _=None: broken)
    cluster = Cluster(home, durable=False)
    with pytest.raises(SetupError, match="No space left"):
        cluster.start()
    assert list(cluster.folder.iterdir()) == []
    monkeypatch.setattr("geo.embedded.cluster.find_programs", lambda _=None: real)
    connection(cluster.start().url("postgres")).close()


@as_root
def test_an_ordinary_user_has_a_cluster_of_their_own(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    mine = home / "of-nobody"
    mine.mkdir()
    os.chown(mine, nobody.pw_uid, nobody.pw_gid)
    code = """
cluster = Cluster(Path(sys.argv[1]), durable=False).start()
cluster.ensure_database("shuangbei")
print(cluster.running())
cluster.stop()
print(cluster.running())
"""
    done = python(code, mine, user="nobody")
    assert done.stdout == "True\nFalse\n", done.stderr
    assert (mine / "cluster").stat().st_uid == nobody.pw_uid


@as_root
def test_the_cluster_of_another_user_is_refused_with_the_reason(home: Path) -> None:
    Cluster(home, durable=False).start()
    code = """
try:
    Cluster(Path(sys.argv[1])).start()
except SetupError as error:
    print(error.message)
"""
    assert "belongs to" in python(code, home, user="nobody").stdout


@as_root
def test_a_home_that_the_server_cannot_enter_is_told_and_not_made(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SetupError, match=f"may not enter {closed}") as caught:
        Cluster(closed / "home").start()
    assert "SHUANGBEI_HOME" in caught.value.hint
    assert list(closed.iterdir()) == []


def test_a_home_whose_name_a_shell_would_change_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="quote"):
        Cluster(tmp_path / 'a "quoted" $HOME')


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(programs, "SEARCHED", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SetupError, match="not installed") as caught:
        Cluster(home).start()
    assert "DATABASE_URL" in caught.value.hint
    assert list(home.iterdir()) == []


def test_a_server_without_postgis_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "15/bin").mkdir(parents=True)
    (tmp_path / "15/bin/initdb").touch()
    monkeypatch.setattr(programs, "SEARCHED", (f"{tmp_path}/*/bin",))
    monkeypatch.setattr(programs, "has_postgis", lambda _: False)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SetupError, match="PostGIS is not"):
        programs.find_programs()
