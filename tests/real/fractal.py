"""The unmodified fractal-server: its commands, and a client of its API."""

from __future__ import annotations

import contextlib
import getpass
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.real import servers

ADMIN = ("admin@fractal.xy", "made-up-for-admin")
# With the backend slurm, sudo gives sbatch no SLURM_CONF; so slurm.conf stands where it is by
# default, for these processes alone.
INSIDE = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/slurm && exec "$@"')


@dataclass(frozen=True)
class Server:
    """A fractal-server that listens."""

    url: str
    log: Path

    def call(
        self, method: str, path: str, body: object = None, token: str = "", form: object = None
    ) -> tuple[int, object]:
        """Status and document of an answer."""
        data, headers = None, {"Authorization": f"Bearer {token}"} if token else {}
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
        elif body is not None:
            data, headers = (
                json.dumps(body).encode(),
                headers | {"Content-Type": "application/json"},
            )
        request = urllib.request.Request(  # noqa: S310 - http
            self.url + path, data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - http
                text = response.read()
                return response.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def log_in(self) -> str:
        """The token of the first superuser; empty if the login fails."""
        form = {"username": ADMIN[0], "password": ADMIN[1]}
        status, answer = self.call("POST", "/auth/token/login/", form=form)
        return answer["access_token"] if status == 200 else ""


def inside(slurm: servers.Slurm, *command: str) -> tuple[str, ...]:
    """The command with the SLURM of the tests as this machine's own."""
    return (*INSIDE, str(slurm.folder), *command)


def set_db(venv: Path, environ: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess:
    """Make the tables and the first superuser."""
    return subprocess.run(
        [venv / "bin" / "fractalctl", "set-db"],
        env=dict(environ),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def serving(
    venv: Path, environ: Mapping[str, str], folder: Path, slurm: servers.Slurm | None = None
) -> Iterator[Server | None]:
    """The server; None if it ends instead of listening."""
    port = servers.free_port()
    log = folder / "server.log"
    command = [
        *(str(venv / "bin" / "fractalctl"), "start"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    with log.open("w") as stream:
        process = subprocess.Popen(
            inside(slurm, *command) if slurm else command,
            env=dict(environ),
            cwd=folder,
            stdout=stream,
            stderr=stream,
        )
    server = Server(f"http://127.0.0.1:{port}", log)
    try:
        servers.until(
            lambda: servers.listens(port) or process.poll() is not None, "fractal-server", 40
        )
        yield server if process.poll() is None else None
    finally:
        servers.stop(process)


def run_job(
    server: Server, token: str, folder: Path, seconds: float = 60, **user: str
) -> tuple[str, str]:
    """Run a job of one task as the superuser; its last status and its log.

    The task appends to the file `ran`, so that it can be seen to have run.

    Args:
        server: that runs it.
        token: of the superuser.
        folder: for the task's files.
        seconds: to wait at most.
        user: settings of the superuser, beside those of the backend slurm.
    """

    def call(method: str, path: str, body: object = None) -> dict:
        status, answer = server.call(method, path, body, token)
        assert status < 300, (method, path, status, answer)
        return answer

    name = f"job-{time.monotonic_ns()}"
    task = folder / "task.sh"
    task.write_text(
        "#!/bin/sh\n"
        'while [ $# -gt 0 ]; do [ "$1" = --out-json ] && out=$2; shift; done\n'
        f"echo ran >> {folder}/ran; echo '{{}}' > \"$out\"\n"
    )
    me = call("GET", "/auth/current-user/")
    base = {"slurm_user": getpass.getuser(), "cache_dir": str(folder), "project_dir": str(folder)}
    call("PATCH", f"/auth/users/{me['id']}/settings/", base | user)
    project = call("POST", "/api/v2/project/", {"name": name})["id"]
    where = f"/api/v2/project/{project}"
    dataset = call("POST", f"{where}/dataset/", {"name": name, "zarr_dir": str(folder / "zarr")})
    made = call("POST", "/api/v2/task/", {"name": name, "command_non_parallel": f"sh {task}"})
    workflow = call("POST", f"{where}/workflow/", {"name": name})["id"]
    call("POST", f"{where}/workflow/{workflow}/wftask/?task_id={made['id']}", {})
    job = call(
        "POST",
        f"{where}/job/submit/?workflow_id={workflow}&dataset_id={dataset['id']}",
        {},
    )["id"]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = call("GET", f"{where}/job/{job}/")
        if seen["status"] in {"done", "failed"}:
            return seen["status"], seen["log"] or ""
        time.sleep(0.3)
    return seen["status"], ""
