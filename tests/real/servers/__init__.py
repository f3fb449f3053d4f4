"""Real servers, each on a free loopback port, in a folder of its own, stopped by its pid."""

from .cluster import Slurm, slurm
from .common import UnavailableError, free_port, listens, program, stop, stop_pid, until
from .openid import Provider, certificates, oidc_provider
from .openssh import Sshd, new_key, sshd
from .others import black_hole, redis, server_venv
from .postgresql import Postgres, german, postgres, unpacked_postgres_10

__all__ = [
    "Postgres",
    "Provider",
    "Slurm",
    "Sshd",
    "UnavailableError",
    "black_hole",
    "certificates",
    "free_port",
    "german",
    "listens",
    "new_key",
    "oidc_provider",
    "postgres",
    "program",
    "redis",
    "server_venv",
    "slurm",
    "sshd",
    "stop",
    "stop_pid",
    "unpacked_postgres_10",
    "until",
]
