"""nginx before servers of Minyi, with the file that docs/ gives to cities."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.servers import free_port

EXAMPLE = Path(__file__).parents[2] / "docs/nginx.conf.example"
_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class NoNginx(Exception):
    """nginx is not installed."""


@contextmanager
def running_nginx(addresses: Sequence[str]) -> Iterator[str]:
    """Give the address of an nginx before these servers (`host:port`). Raises NoNginx."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise NoNginx
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="minyi-nginx-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)  # its workers are another user's
        configuration = folder / "nginx.conf"
        configuration.write_text(_configuration(port, folder))
        lines = [f"server {one} max_fails=1 fail_timeout=2s;\n" for one in addresses]
        (folder / "minyi-servers.conf").write_text("".join(lines))
        process = subprocess.Popen(
            [program, "-e", folder / "error.log", "-c", configuration, "-g", "daemon off;"]
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _configuration(port: int, folder: Path) -> str:
    """Change in the example what belongs to the machine, and nothing else."""
    text = EXAMPLE.read_text()
    folders = "".join(f"    {one}_temp_path {folder}/{one};\n" for one in _FOLDERS)
    for theirs, ours in (
        ("listen 80 ", f"listen 127.0.0.1:{port} "),
        ("worker_processes auto;", "worker_processes 1;"),
        ("pid /run/nginx.pid;", f"pid {folder}/nginx.pid;"),
        ("/var/log/nginx/error.log", f"{folder}/error.log"),
        ("/var/cache/nginx/minyi", f"{folder}/cache"),
        ("http {\n", f"http {{\n{folders}"),
    ):
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{address}/metrics", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    msg = "nginx did not start"
    raise RuntimeError(msg)
