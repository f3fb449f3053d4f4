"""The SLURM cluster behind ssh: the login, its SLURM, and the worker's interpreter there."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..commands import find_command
from ..problems import Problem, problem
from ..redact import printable
from .commands import Answer, Command, ask_here
from .interpreters import WORKER, does_not_run, read_answer, worker_findings, worker_question
from .probe import Fact, Finding, Probe, Scene, SshTarget, Waiting, ask_resolver, quote, resolve
from .slurm import CLIENTS, Cluster, look_at, missing_clients
from .slurm_file import read_slurm_file

_BACKEND = "FRACTAL_RUNNER_BACKEND"
_OWN_FAILURE = 255
_MARK = "--fractal-settings-doctor--"
_PORT = "22"


class _Login(NamedTuple):
    """The command that logs in, and where it leads."""

    words: tuple[str, ...]
    host: str
    port: int
    direct: bool


def probes(scene: Scene) -> list[Probe]:
    """One probe, for the backend `slurm_ssh`."""
    if scene.text(_BACKEND) != "slurm_ssh" or not find_command(
        "ssh", scene.facts.path, scene.facts.cwd
    ):
        return []
    if scene.ssh is None:
        return [Probe("ssh", _no_host)]
    return [Probe(f"ssh {printable(scene.ssh.host)}", partial(_look, scene, scene.ssh))]


def _no_host() -> Iterator[Finding]:
    yield problem(
        "FS650",
        "ssh was not probed: hosts stand in the users' settings, and none was given",
        name=_BACKEND,
        hint="--ssh-host HOST --ssh-user USER --ssh-key /path/to/key",
    )


def _look(scene: Scene, target: SshTarget) -> Iterator[Finding]:
    key = _key_problem(scene, target)
    if key:
        yield key
        return
    login = _login(scene, target)
    where = f"{printable(login.host)}:{login.port}"
    if login.direct:
        unresolved = problem(
            "FS654",
            f"ssh: no address is known for the name {printable(login.host)}",
            name=_BACKEND,
            hint=ask_resolver(login.host),
        )
        if not (yield from resolve(login.host, login.port, unresolved)):
            return
    yield Waiting(
        problem(
            "FS656",
            f"ssh: {where} gives no answer within {scene.limit:g} s",
            name=_BACKEND,
            hint=shlex.join((*login.words, "true")),
        )
    )
    greeted = yield from _greet(scene, login, where)
    if greeted:
        ask = partial(_ask_there, login, scene.limit)
        name = f"SLURM on {printable(login.host)}"
        yield from look_at(Cluster(ask, name, scene.limit, read_slurm_file(scene)))


def _key_problem(scene: Scene, target: SshTarget) -> Problem | None:
    if not target.key:
        return None
    path = scene.facts.cwd / target.key
    shown = printable(target.key)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a path").lower()
        return problem(
            "FS651", f"ssh: there is no key {shown}: {reason}", hint=f"ssh-keygen -f {shown}"
        )
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return problem(
            "FS652",
            f"ssh: the key {shown} may be read by others (mode {stat.S_IMODE(mode):04o})",
            hint=f"chmod 600 {shown}",
        )
    (answer,) = ask_here([Command(("ssh-keygen", "-y", "-P", "", "-f", str(path)))])
    if answer.status:
        return problem(
            "FS653",
            f"ssh: the key {shown} is not usable without a person: {quote(answer.errors)}",
            hint="a private key without passphrase: ssh-keygen -p removes one",
        )
    return None


def _login(scene: Scene, target: SshTarget) -> _Login:
    host, _, port = target.host.partition(":")
    home = Path(scene.environ.get("HOME") or "/nonexistent")
    config = home / ".ssh" / "config"
    words = ["ssh", "-T", "-F", str(config) if config.is_file() else os.devnull]
    for option in (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ControlMaster=no",
        "ControlPath=none",
        f'UserKnownHostsFile="{home}/.ssh/known_hosts" "{home}/.ssh/known_hosts2"',
        f"ConnectTimeout={max(1, round(scene.limit))}",
    ):
        words += ["-o", option]
    if target.key:
        words += ["-o", "IdentitiesOnly=yes", "-i", str(scene.facts.cwd / target.key)]
    if target.user:
        words += ["-l", target.user]
    if port:
        words += ["-p", port]
    (answer,) = ask_here([Command((*words, "-G", "--", host))])
    found = dict(line.partition(" ")[::2] for line in answer.output.splitlines())
    direct = (
        found.get("proxyjump", "none") == "none" and found.get("proxycommand", "none") == "none"
    )
    return _Login(
        (*words, "--", host), found.get("hostname", host), int(found.get("port", _PORT)), direct
    )


def _ask_there(login: _Login, limit: float, commands: Sequence[Command]) -> list[Answer]:
    """Run commands in one login; each ends by itself, even if the connection is cut."""
    lines = ["exec 2>&1"]
    for command in commands:
        given = f"printf %s {shlex.quote(command.stdin)} | " if command.stdin else ""
        end = "" if given else " </dev/null"
        lines.append(f"{given}timeout {limit:g} {shlex.join(command.words)}{end}")
        lines.append(f"printf '\\n{_MARK}%s\\n' $?")
    (answer,) = ask_here([Command((*login.words, "sh", "-s"), "\n".join(lines) + "\n")])
    parts = re.split(rf"\n{_MARK}(\d+)\n", answer.output)
    answers = [
        Answer(int(status), text, text)
        for text, status in zip(parts[::2], parts[1::2], strict=False)
    ]
    lost = Answer(_OWN_FAILURE, "", answer.errors)
    return [*answers, *[lost] * (len(commands) - len(answers))]


def _greet(scene: Scene, login: _Login, where: str) -> Generator[Finding, None, bool]:
    worker = scene.text(WORKER)
    questions = [Command(("sh", "-c", f"command -v {each}")) for each in CLIENTS]
    if worker:
        questions.append(worker_question(worker))
    answers = _ask_there(login, scene.limit, questions)
    if answers[0].status == _OWN_FAILURE:
        yield _failure(answers[0].errors, login, where)
        return False
    yield Fact(f"logged in to {where}")
    if worker:
        answer = answers[-1]
        running = read_answer(answer)
        if running:
            yield from worker_findings(scene, running, f" on {printable(login.host)}")
        else:
            shown = f"{printable(worker)} on {printable(login.host)}"
            yield does_not_run("FS663", WORKER, shown, answer)
    yield from _sftp(login, where)
    missing = [each for each, answer in zip(CLIENTS, answers, strict=False) if answer.status]
    yield from missing_clients(missing, f"SLURM on {printable(login.host)}", "FS661")
    return not missing


def _sftp(login: _Login, where: str) -> Iterator[Finding]:
    """The server moves the files of jobs by SFTP."""
    (answer,) = ask_here([Command((*login.words[:-2], "-s", *login.words[-2:], "sftp"))])
    if answer.status:
        yield problem(
            "FS664",
            f"ssh: {where} offers no SFTP: {quote(answer.errors)}",
            name=_BACKEND,
            hint="Subsystem sftp internal-sftp   # in sshd_config, there",
        )


class _Meaning(NamedTuple):
    """What it means if ssh says something; braces are filled in."""

    pattern: str
    code: str
    message: str
    hint: str


_MEANINGS = (
    _Meaning(
        r"IDENTIFICATION HAS CHANGED",
        "FS659",
        "ssh: {where} has another host key than the one that is known",
        "if the host was installed anew: ssh-keygen -R {known_as}",
    ),
    _Meaning(
        r"Host key verification failed|No \w+ host key is known",
        "FS658",
        "ssh: the host key of {where} is not known here",
        "ssh-keyscan -p {port} {host} >> ~/.ssh/known_hosts   # and compare it with what is right",
    ),
    _Meaning(
        r"Permission denied|Too many authentication failures",
        "FS660",
        "ssh: {where} refuses the login: {said}",
        "ssh-copy-id -i KEY USER@HOST, or another --ssh-user or --ssh-key",
    ),
    _Meaning(
        r"Could not resolve hostname",
        "FS654",
        "ssh: no address is known on the way to {where}: {said}",
        "getent hosts {host}   # asks the resolver of this machine",
    ),
    _Meaning(
        r"timed out",
        "FS656",
        "ssh: {where} gives no answer: {said}",
        "look for a firewall on the way",
    ),
    _Meaning(
        r"[Rr]efused|No route|unreachable",
        "FS655",
        "ssh: nothing takes connections at {where}: {said}",
        "systemctl start ssh, there; or --ssh-host HOST:PORT",
    ),
    _Meaning(
        r"banner|kex_exchange_identification|Bad packet|invalid format",
        "FS657",
        "ssh: what answers at {where} does not speak ssh: {said}",
        "--ssh-host HOST:PORT, with the port of its sshd",
    ),
    _Meaning(r"", "FS662", "ssh: the login to {where} fails: {said}", "{command}"),
)


def _failure(errors: str, login: _Login, where: str) -> Problem:
    meaning = next(each for each in _MEANINGS if re.search(each.pattern, errors))
    fill = partial(
        str.format,
        where=where,
        said=_line(errors, meaning.pattern),
        host=printable(login.host),
        port=login.port,
        known_as=_known_as(login),
        command=shlex.join((*login.words, "true")),
    )
    return problem(meaning.code, fill(meaning.message), name=_BACKEND, hint=fill(meaning.hint))


def _line(text: str, about: str) -> str:
    return quote(next((line for line in text.splitlines() if re.search(about, line)), ""))


def _known_as(login: _Login) -> str:
    host = printable(login.host)
    return shlex.quote(host if str(login.port) == _PORT else f"[{host}]:{login.port}")
