"""nginx as the server of PUTs, plain and with TLS, so that no client here waits for its server.

Debian's nginx answers every PUT with the same bytes and logs it. Answers that depend on what came before, the lists,
are those of the small server behind it, which reads that log: so a list tells the truth. Nothing is installed: where
there is no nginx, Debian's package is fetched and unpacked below the folder of results.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme

_WANTED = (
    "nginx is not here, and Debian's package could not be fetched with `apt-get download nginx`."
    " Install it (apt-get install nginx-light), or leave out the case raw."
)
_UNPACKED = Path("bench-results/nginx")
_READY_WITHIN_S = 10

_CONFIGURATION = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    log_format put '$msec $request_time $status $uri';
    map $request_method $is_put {{ PUT 1; default 0; }}
    keepalive_requests 10000000;
    keepalive_timeout 1h;
    default_type application/json;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream lists {{ server 127.0.0.1:{behind}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        location / {{
            access_log {log} put if=$is_put;
            if ($is_put) {{ return 200 "{{}}"; }}
            proxy_pass http://lists;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A running nginx."""

    plain: str
    tls: str
    ca_file: Path
    log: Path

    def puts(self) -> list[float]:
        """Return when the PUTs came since `reset`, in seconds of Unix time, to a millisecond."""
        lines = map(str.split, self.log.read_text(encoding="utf-8").splitlines())
        return sorted(float(ended) - float(lasted) for ended, lasted, *_ in lines)

    def reset(self) -> None:
        """Forget the PUTs that came."""
        os.truncate(self.log, 0)


@contextlib.contextmanager
def front(folder: Path, log: Path, *, behind: int) -> Iterator[Front]:
    """Run nginx with its files in *folder*, which is there, before the server on the port *behind*."""
    program = _program()
    plain, tls = _free_ports(2)
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    certificate.private_key_pem.write_to_path(folder / "server.key")
    for part in certificate.cert_chain_pems:
        part.write_to_path(folder / "server.pem", append=True)
    ca.cert_pem.write_to_path(folder / "ca.pem")
    log.touch()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, behind=behind, plain=plain, tls=tls, log=log), encoding="utf-8"
    )
    command = [str(each) for each in (program, "-c", configuration, "-p", folder, "-e", folder / "error.log")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, plain, folder)
            yield Front(
                plain=f"http://127.0.0.1:{plain}", tls=f"https://127.0.0.1:{tls}", ca_file=folder / "ca.pem", log=log
            )
        finally:
            process.terminate()


def version() -> str:
    """Return what nginx calls itself."""
    return subprocess.run([_program(), "-v"], capture_output=True, text=True, check=True).stderr.strip()


def _program() -> Path:
    if found := shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"):
        return Path(found)
    unpacked = _UNPACKED.resolve()
    program = unpacked / "usr/sbin/nginx"
    if not program.exists():
        _fetch(unpacked)
    return program


def _fetch(unpacked: Path) -> None:
    sys.stdout.write("nginx is not here: fetching Debian's package, which is unpacked and not installed ...\n")
    sys.stdout.flush()
    unpacked.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "nginx"], cwd=unpacked, check=True, capture_output=True)
        (package,) = unpacked.glob("nginx_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError, ValueError):
        raise SystemExit(_WANTED) from None


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [each.getsockname()[1] for each in sockets]


def _wait_for(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nginx did not start: {(folder / 'error.log').read_text(encoding='utf-8')[-1000:]}")
