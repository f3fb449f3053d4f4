"""FS6xx: what `doctor` finds when it talks to the real services."""

from __future__ import annotations

from . import general, machine, oauth, postgres, slurm, ssh

ENTRIES = (
    *general.ENTRIES,
    *postgres.ENTRIES,
    *slurm.ENTRIES,
    *ssh.ENTRIES,
    *machine.ENTRIES,
    *oauth.ENTRIES,
)
