"""A SLURM of one node, with a munge of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .common import ROOT, UnavailableError, free_port, listens, program, stop_pid, until

SLURM_CONF = """\
ClusterName=doctor
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={slurmd}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SwitchType=switch/none
ReturnToService=2
EnforcePartLimits=ALL
MessageTimeout=10
GresTypes=gpu
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 Gres=gpu:v100:1 Feature=ssd State=UNKNOWN
NodeName=ghost NodeAddr=127.0.0.1 Port={ghost} CPUs=2 RealMemory=2000 State=DOWN Reason=test
PartitionName=main Nodes={host} Default=YES MaxTime=60 State=UP
PartitionName=small Nodes={host} MaxMemPerNode=500 MaxCPUsPerNode=1 State=UP
PartitionName=closed Nodes={host} State=DOWN
PartitionName=inactive Nodes={host} State=INACTIVE
PartitionName=members Nodes={host} AllowAccounts=lab State=UP
PartitionName=roots Nodes={host} AllowGroups=nobody-is-here State=UP
PartitionName=deserted Nodes=ghost State=UP
"""


@dataclass(frozen=True)
class Slurm:
    """A controller and one node of 2 CPUs and 2,000 MB, with one GPU that is /dev/null."""

    folder: Path
    conf: Path
    port: int

    @property
    def environ(self) -> dict[str, str]:
        return {"SLURM_CONF": str(self.conf)}

    def ask(self, *command: str) -> str:
        """Run a client command, and give back what it prints."""
        done = subprocess.run(
            command, env={**os.environ, **self.environ}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def jobs(self) -> list[str]:
        """The ids of all jobs that the controller remembers."""
        return self.ask("squeue", "-h", "-a", "-t", "all", "-o", "%i").split()


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[Slurm]:
    munged, mungekey = program("munged"), program("mungekey")
    slurmctld, slurmd, sinfo = program("slurmctld"), program("slurmd"), program("sinfo")
    if not ROOT:
        raise UnavailableError("slurmd needs root")
    for each in (folder, folder / "state", folder / "spool"):
        each.mkdir()
        each.chmod(0o755)
    host = socket.gethostname().split(".")[0]
    conf = folder / "slurm.conf"
    port, node_port = free_port(), free_port()
    values = {"ctld": port, "slurmd": node_port, "ghost": free_port(), "user": getpass.getuser()}
    conf.write_text(SLURM_CONF.format(host=host, folder=folder, **values))
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu Type=v100 File=/dev/null\n")
    key = folder / "munge.key"
    subprocess.run([mungekey, "--create", f"--keyfile={key}"], check=True)
    subprocess.run(
        [
            *(munged, "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"),
            *(f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log"),
            f"--seed-file={folder}/munge.seed",
        ],
        check=True,
        capture_output=True,
    )
    env = {**os.environ, "SLURM_CONF": str(conf)}
    try:
        subprocess.run([slurmctld, "-c"], env=env, check=True, capture_output=True)
        subprocess.run([slurmd, "-c", "-N", host], env=env, check=True, capture_output=True)
        question = [sinfo, "-h", "-p", "main", "-o", "%t"]

        def idle() -> bool:
            listens(port)
            said = subprocess.run(question, env=env, capture_output=True, text=True, check=False)
            return said.stdout.strip() == "idle"

        until(lambda: listens(port), "slurmctld")
        until(idle, "slurmd")
        yield Slurm(folder, conf, port)
    finally:
        for name in ("slurmd", "slurmctld", "munged"):
            stop_pid(folder / f"{name}.pid")
