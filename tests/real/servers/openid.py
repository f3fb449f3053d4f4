"""An OpenID provider, and certificates for it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .common import UnavailableError, free_port, listens, program, stop, until


@dataclass(frozen=True)
class Provider:
    """An OpenID provider at `url`; `discovery` is its discovery document."""

    url: str

    @property
    def discovery(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"


@contextlib.contextmanager
def oidc_provider(
    folder: Path, *, certificate: Path | None = None, headers: tuple[str, ...] = ()
) -> Iterator[Provider]:
    """oidc-provider-mock under uvicorn.

    Args:
        folder: for its log.
        certificate: a PEM file with key and certificate: serve by TLS.
        headers: more headers (`Name: value`); a `Date:` replaces the server's own.
    """
    folder.mkdir(exist_ok=True)
    port = free_port()
    command = [
        *(sys.executable, "-W", "ignore", "-m", "uvicorn", "--factory", "oidc_provider_mock:app"),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *(("--ssl-certfile", str(certificate)) if certificate else ()),
        *(word for each in headers for word in ("--header", each)),
        *(("--no-date-header",) if any(each.startswith("Date:") for each in headers) else ()),
    ]
    with (folder / f"{port}.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: listens(port) or process.poll() is not None, "oidc-provider-mock")
        if process.poll() is not None:
            raise UnavailableError(
                f"oidc-provider-mock: {(folder / f'{port}.log').read_text()[-300:]}"
            )
        yield Provider(f"{'https' if certificate else 'http'}://127.0.0.1:{port}")
    finally:
        stop(process)


def certificates(folder: Path) -> Path:
    """An authority, and certificates of its own with their keys, each in one PEM file.

    `good` is for 127.0.0.1, `other` for another name, `expired` was for 127.0.0.1.
    """
    folder.mkdir()
    openssl = program("openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run(
        *("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"),
        "-subj",
        "/CN=ca",
    )
    for name, subject, days in (
        ("good", "IP:127.0.0.1", "2"),
        ("other", "DNS:other.example.org", "2"),
        ("expired", "IP:127.0.0.1", "-1"),
    ):
        run("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={subject}\n")
        run(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.crt"),
        )
        joined = (folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text()
        (folder / f"{name}.pem").write_text(joined)
    return folder
