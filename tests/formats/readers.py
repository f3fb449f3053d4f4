"""The programs that the formats are for, asked what they read."""

from __future__ import annotations

import ctypes
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import yaml


def by_python_dotenv(path: Path, environ: dict[str, str] | None = None) -> dict[str, str]:
    """As the server does it: load_dotenv of the file, in an environment of its own."""
    from dotenv import load_dotenv

    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(environ or {})
        load_dotenv(path)
        return {k: v for k, v in os.environ.items() if k not in (environ or {})}
    finally:
        os.environ.clear()
        os.environ.update(before)


def by_shell(path: Path, *, shell: str = "/bin/sh") -> dict[str, str] | None:
    """What a program started by the shell finds; None if the shell refuses the file."""
    run = subprocess.run(
        [shell, "-c", '. "$0" && exec /usr/bin/env -0', str(path)],
        env={},
        capture_output=True,
        check=False,
    )
    if run.returncode:
        return None
    entries = run.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    found = dict(entry.split("=", 1) for entry in entries)
    return {k: v for k, v in found.items() if k not in ("PWD", "OLDPWD", "SHLVL", "_")}


LIBRARIES = sorted(Path("/usr/lib").glob("**/libsystemd-shared-*.so"))


def by_systemd(path: Path) -> dict[str, str] | None:
    """As systemd's own parser of environment files reads it; None if it refuses."""
    library = ctypes.CDLL(str(LIBRARIES[-1]))
    found = ctypes.POINTER(ctypes.c_char_p)()
    outcome = library.load_env_file(None, os.fsencode(path), ctypes.byref(found))
    if outcome < 0:
        return None
    entries = []
    while found and (entry := found[len(entries)]) is not None:
        entries.append(entry.decode())
    named = [entry for entry in entries if not entry.startswith("=")]  # it drops others later
    return dict(entry.split("=", 1) for entry in named)


class Docker(http.server.BaseHTTPRequestHandler):
    """A Docker daemon, as far as `docker create` needs one: it keeps what it is asked for."""

    asked: ClassVar[list[dict[str, object]]] = []

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Api-Version", "1.41")
        self.end_headers()

    def do_POST(self) -> None:
        self.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = b'{"Id": "0123456789ab", "Warnings": []}'
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def docker_daemon() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Docker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


DOCKER = shutil.which("docker")


def by_docker(path: Path, daemon: str) -> dict[str, str] | None:
    """As the docker client sends it to the daemon; None if it refuses."""
    assert DOCKER
    Docker.asked.clear()
    run = subprocess.run(
        [DOCKER, "create", "--env-file", str(path), "image"],
        env={"DOCKER_HOST": daemon, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        assert "invalid env file" in run.stderr
        return None
    return dict(entry.split("=", 1) for entry in Docker.asked[-1]["Env"])


def by_docker_s_rules(data: bytes) -> dict[str, str] | None:
    """As the documentation of docker/cli's package kvfile says; None for a refusal."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    found = {}
    for line in text.removeprefix("\ufeff").split("\n"):
        if len(line.encode()) > 65_535:
            return None
        line = line.removesuffix("\r").lstrip()  # noqa: PLW2901
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name or " " in name or "\t" in name:
            return None
        if equals:
            found[name] = value
    return found


def by_compose(path: Path) -> dict[str, str]:
    """A YAML parser, and the documented rule that `$$` stands for `$`."""
    with path.open(encoding="utf-8") as file:
        environment = yaml.safe_load(file)["services"]["fractal-server"]["environment"]
    for value in environment.values():
        assert "$" not in value.replace("$$", "")
    return {name: value.replace("$$", "$") for name, value in environment.items()}


def by_kubernetes(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What `envFrom` would take from the ConfigMap and from the Secret."""
    with path.open(encoding="utf-8") as file:
        manifests = {manifest["kind"]: manifest for manifest in yaml.safe_load_all(file)}
    secret = manifests.get("Secret", {"stringData": {}})["stringData"]
    return manifests["ConfigMap"]["data"], secret


KUBECTL = shutil.which("kubectl")


def by_kubectl(path: Path) -> dict[str, str]:
    """All that kubectl reads of the manifests, as it would send it to a cluster."""
    assert KUBECTL
    run = subprocess.run(
        [KUBECTL, "label", "--local", "-f", str(path), "for=test", "-o", "json"],
        env={"KUBECONFIG": "/dev/null"},
        capture_output=True,
        check=True,
    )
    text, found = run.stdout.decode(), {}
    while text:
        manifest, end = json.JSONDecoder().raw_decode(text)
        found |= manifest.get("data", {}) | manifest.get("stringData", {})
        text = text[end:].lstrip()
    return found


def by_json(path: Path) -> dict[str, str]:
    return dict(json.loads(path.read_bytes()))
