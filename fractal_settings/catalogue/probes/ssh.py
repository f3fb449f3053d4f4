"""FS650 to FS663: the SLURM cluster behind ssh."""

from __future__ import annotations

from ...problems import Severity
from ..entry import COMPLETE, Entry, Example
from .slurm import slurm_file

_NEEDS = "a cluster to which ssh leads"
_CLIENT = "an ssh client"
_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n"


def _entry(
    code: str,
    title: str,
    meaning: str,
    fix: str,
    severity: Severity = Severity.ERROR,
    *,
    needs: str = _NEEDS,
    arguments: tuple[str, ...] = ("--ssh-host", "cluster.example.org"),
    files: dict[str, str] | None = None,
) -> Entry:
    settings = {
        "FRACTAL_RUNNER_BACKEND": "slurm_ssh",
        "FRACTAL_SLURM_CONFIG_FILE": "slurm.json",
        "FRACTAL_SLURM_WORKER_PYTHON": "/opt/fractal/bin/python",
    }
    only = ("doctor", "--only", "ssh")
    given = slurm_file({"partition": "main", "cpus_per_task": 1, "mem": 100})
    environ = {**COMPLETE, **settings}
    wrong = Example({**given, **(files or {})}, environ, (*only, *arguments), needs)
    right = Example(given, environ, (*only, "--ssh-host", "cluster.example.org"), _NEEDS)
    return Entry(code, title, severity, meaning, fix, wrong, right)


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "FS650",
        "ssh was not probed",
        "With the backend `slurm_ssh`, host, user and key stand in the settings that each user has "
        "in the database. So the probe must be told where to log in.",
        "`--ssh-host HOST --ssh-user USER --ssh-key /path/to/key`; `HOST:PORT` for another port.",
        Severity.NOTE,
        needs="",
        arguments=(),
    ),
    _entry(
        "FS651",
        "The ssh key is not there",
        "There is no file of that name, or this user may not look into its folder.",
        "Mend the path, or make a key with `ssh-keygen`.",
        needs=_CLIENT,
        arguments=("--ssh-host", "cluster.example.org", "--ssh-key", "no-such-key"),
    ),
    _entry(
        "FS652",
        "The ssh key may be read by others",
        "Whoever reads a private key can log in with it. ssh refuses to use such a key.",
        "`chmod 600` it, and make a new one if others were on the machine.",
        needs=_CLIENT,
        arguments=("--ssh-host", "cluster.example.org", "--ssh-key", "key"),
        files={"key": _KEY},
    ),
    _entry(
        "FS653",
        "The ssh key is not usable",
        "The file is no private key, or is locked with a passphrase that nobody is there to type.",
        "Name the private key (not the `.pub`), one without a passphrase.",
        needs="a key with a passphrase",
        arguments=("--ssh-host", "cluster.example.org", "--ssh-key", "key"),
    ),
    _entry(
        "FS654",
        "The name of the ssh host has no address",
        "The resolver of this machine knows no address for the host, or did not answer in time.",
        "Mend the name, or the resolver.",
        needs=_CLIENT,
        arguments=("--ssh-host", "cluster.no-such-domain.invalid"),
    ),
    _entry(
        "FS655",
        "Nothing takes ssh connections",
        "The host is there, and nothing listens at the port, or no way leads there.",
        "Start sshd there, or give its port: `--ssh-host HOST:PORT`.",
        needs=_CLIENT,
        arguments=("--ssh-host", "127.0.0.1:1"),
    ),
    _entry(
        "FS656",
        "The ssh host gives no answer",
        "Nothing came back within the time limit, as when a firewall drops packets.",
        "Look for a firewall on the way; `--timeout` gives a slow host more time.",
        needs="something that accepts connections and says nothing",
    ),
    _entry(
        "FS657",
        "Not an ssh server",
        "Something answers there, in words that ssh does not use.",
        "Give the port of its sshd: `--ssh-host HOST:PORT`.",
        needs="a service of another kind",
    ),
    _entry(
        "FS658",
        "The host key is not known",
        "ssh has never seen this host from here, so nobody can say that it is the right one. The "
        "server itself accepts any key at the first connection; the probe does not, because it "
        "would have to write the key down.",
        "Compare the key with what the host's administrator says, then add it to "
        "`~/.ssh/known_hosts`.",
        needs="a host that is not in known_hosts",
    ),
    _entry(
        "FS659",
        "The host key has changed",
        "The host shows another key than the one that is known. It was installed anew, or somebody "
        "stands between.",
        "Ask the host's administrator. If it was installed anew: `ssh-keygen -R HOST`.",
        needs="a host with a new key",
    ),
    _entry(
        "FS660",
        "The login is refused",
        "The host takes none of the keys for this user, or does not know the user.",
        "Add the public key to `~/.ssh/authorized_keys` there, or give another `--ssh-user` or "
        "`--ssh-key`.",
        needs="a host that does not know the key",
    ),
    _entry(
        "FS661",
        "A client command of SLURM is missing there",
        "A login without a shell's start-up files has a shorter PATH than one at a terminal, and "
        "the server logs in so. One of `sbatch`, `squeue`, `scontrol` and `sinfo` is not on it.",
        "Install them there, or extend PATH for such logins (`SetEnv` in sshd_config, "
        "`~/.bashrc` above its test for a terminal).",
        needs="a host without SLURM",
    ),
    _entry(
        "FS662",
        "ssh fails for another reason",
        "ssh's own words are in the message.",
        "Run the command in the fix by hand, with `-v`.",
        needs="a host that ends every session at once",
    ),
    _entry(
        "FS663",
        "The worker's Python does not run there",
        "FRACTAL_SLURM_WORKER_PYTHON is a path on the cluster, not here. There it is missing, may "
        "not be executed, or is no working Python.",
        "Name the interpreter of an environment on the cluster that has fractal-server.",
        needs="a host without that interpreter",
    ),
    _entry(
        "FS664",
        "The host offers no SFTP",
        "The server sends the files of a job to the cluster and fetches its results by SFTP, in "
        "the same login.",
        "Add `Subsystem sftp internal-sftp` to sshd_config there.",
        needs="a host without SFTP",
    ),
)
