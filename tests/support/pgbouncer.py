"""PgBouncer in transaction mode before a PostgreSQL."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.support.servers import free_port

CONFIGURATION = """
[databases]
* = host={host} port={server_port} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 8
server_reset_query_always = 0
logfile = {folder}/log
pidfile = {folder}/pid
"""
"""Fewer connections to PostgreSQL than one process of ours has to PgBouncer: they are shared."""


class NoPgBouncer(Exception):
    """PgBouncer is not installed."""


@contextmanager
def running_pgbouncer(server: str) -> Iterator[Callable[[str], str]]:
    """Give what turns the URL of a database on this server into one through PgBouncer.

    Raises NoPgBouncer.
    """
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise NoPgBouncer
    url, port = make_url(server), free_port()
    with tempfile.TemporaryDirectory(prefix="minyi-pgbouncer-", dir="/tmp") as name:
        configuration = Path(name, "pgbouncer.ini")
        configuration.write_text(
            CONFIGURATION.format(
                host=url.query.get("host") or url.host,
                server_port=url.port or 5432,
                user=url.username,
                port=port,
                folder=name,
            )
        )
        user = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
        if user:
            owner = pwd.getpwnam(user)
            os.chown(name, owner.pw_uid, owner.pw_gid)
        process = subprocess.Popen([program, "-q", configuration], user=user, cwd="/")
        try:
            _wait_until_ready(port, process, Path(name, "log"))
            yield (
                lambda direct: (
                    make_url(direct)
                    .set(host="127.0.0.1", port=port, query={})
                    .render_as_string(hide_password=False)
                )
            )
        finally:
            process.kill()  # asked politely, it waits for its clients
            process.wait(10)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(log.read_text() if log.exists() else "pgbouncer did not start")
