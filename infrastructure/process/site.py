"""Where the labs of one service live, and which of them are known from before."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from infrastructure.process.accounts import NOBODYS, owner_of
from infrastructure.process.cgroups import find_cgroups
from infrastructure.process.files import (
    LabFiles,
    RuntimeRecord,
    keep_root,
    kept_uids,
    open_root,
)
from infrastructure.process.isolation import Isolation, Premises, choose_isolation
from infrastructure.process.proc import UID_TAG, Process, boot_id, read_process, read_tags
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.sweep import sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`root` is the directory of all labs, `owner` the mark of their processes, `boot` the
    time since the machine's start that process numbers belong to."""

    root: Path
    owner: str
    boot: str
    isolation: Isolation

    def keep(self) -> None:
        """Make what the labs' directory needs again if it is gone. May raise OSError."""
        keep_root(self.root, self.owner)

    def files_of(self, uid: str) -> LabFiles:
        """Where that lab's files are, whether or not there are any."""
        return LabFiles(self.root, uid)

    def process_of(self, record: RuntimeRecord) -> Process | None:
        """The live process that the record is about, and never another of the same number."""
        if not record.pid or record.boot_id != self.boot:
            return None
        process = read_process(record.pid)
        return process if process and process.start_time == record.start_time else None

    def is_another(self, record: RuntimeRecord) -> bool:
        """Whether the process found for the record carries the tag of another lab, or none."""
        tags = read_tags(record.pid) if self.process_of(record) else None
        return tags is not None and tags.get(UID_TAG) != record.uid

    def processes_of(self, uid: str, record: RuntimeRecord | None) -> Sequence[Process]:
        """Every live process of that lab: those that carry its tags, and the one on record
        with its relatives, whatever they carry."""
        leader = None if record is None else self.process_of(record)
        tree = sweep(self.owner, on_record={} if leader is None else {uid: leader}).get(uid)
        return () if tree is None else tree.processes

    def read_records(self) -> Sequence[RuntimeRecord]:
        """The runtimes that were written down. One whose process was started but not
        written down any more, because the service died right then, is completed."""
        found = (self.files_of(uid).read_record() for uid in kept_uids(self.root))
        records = [record for record in found if record is not None]
        if all(record.pid or record.stopped for record in records):
            return records
        trees = sweep(self.owner)
        completed: list[RuntimeRecord] = []
        for record in records:
            tree = trees.get(record.uid)
            leader = tree.leader if tree and tree.revision == record.revision else None
            if record.pid or record.stopped or leader is None:
                completed.append(record)
                continue
            full = msgspec.structs.replace(record, pid=leader.pid, start_time=leader.start_time)
            self.files_of(record.uid).write_record(full)
            completed.append(full)
        return completed

    def account_for(self, files: LabFiles) -> int:
        """The user that a lab runs as: the one it has had, else a free one. May raise
        ProvisionerUnavailable."""
        accounts = self.isolation.confinement.accounts
        if accounts is None:
            return NOBODYS
        return accounts.keep_or_allot(files.uid, owner_of(files.work))

    def remove(self, uid: str) -> bool:
        """Remove all that is left of a lab in which nothing runs; whether there were files."""
        removed = self.files_of(uid).remove()
        groups = self.isolation.confinement.cgroups
        if groups is not None:
            groups.remove(uid)
        return removed

    def close(self) -> None:
        """Leave no control group behind in which nothing runs."""
        groups = self.isolation.confinement.cgroups
        if groups is not None:
            groups.close()

    def unrecorded(self, besides: Collection[str]) -> Sequence[str]:
        """The uids that have a directory, apart from those given and those with a record."""
        unknown = [uid for uid in kept_uids(self.root) if uid not in besides]
        return [uid for uid in unknown if self.files_of(uid).read_record() is None]


def open_site(settings: ProcessSettings) -> Site:
    """Make the directory if needed and find out what is possible here. May raise OSError, or
    IsolationRefused."""
    root, owner = open_root(settings.data_dir)
    cgroups = find_cgroups(f"labs-{owner}")
    premises = Premises(
        data_dir=settings.data_dir.resolve(),
        root=root,
        trial_in=root,
        lab_python=settings.lab_python.absolute(),
        cgroups=cgroups,
        as_root=os.geteuid() == 0,
    )
    isolation = choose_isolation(settings.isolation, premises)
    return Site(root=root, owner=owner, boot=boot_id(), isolation=isolation)
