"""Where the labs of one service live, and which processes and files are whose."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from infrastructure.process.accounts import NOBODYS, owner_of
from infrastructure.process.cgroups import (
    ControlGroups,
    dissolve,
    is_in,
    kill,
    open_groups,
    pids_in,
)
from infrastructure.process.files import LabFiles, is_uid, keep_root, kept_uids, open_root
from infrastructure.process.isolation import (
    BUBBLEWRAP,
    Isolation,
    IsolationRefused,
    Premises,
    choose_isolation,
)
from infrastructure.process.kin import Roots, kin, sandbox_init
from infrastructure.process.limit_groups import Share, find_limit_groups
from infrastructure.process.proc import (
    Process,
    all_processes,
    boot_id,
    read_process,
    writes_to,
)
from infrastructure.process.record import RuntimeRecord
from infrastructure.process.removal import is_gone, leaving_uids
from infrastructure.process.settings import ProcessSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`root` is the directory of all labs, `owner` the mark of this service, `boot` the
    time since the machine's start that process numbers belong to."""

    root: Path
    owner: str
    boot: str
    isolation: Isolation
    groups: ControlGroups

    def keep(self) -> None:
        """Make what the labs' directory needs again if it is gone. May raise OSError."""
        keep_root(self.root, self.owner)

    def files_of(self, uid: str) -> LabFiles:
        """Where that lab's files are, whether or not there are any."""
        return LabFiles(self.root, uid)

    def process_of(self, record: RuntimeRecord) -> Process | None:
        """The live process that the record is about, and never another of the same number."""
        return self._live(record, record.pid, record.start_time)

    def is_another(self, record: RuntimeRecord) -> bool:
        """Whether the process found for the record cannot be the one that was started: it is not
        in the group on record, or, where there is none, its output is not the lab's log."""
        process = self.process_of(record)
        if process is None:
            return False
        if record.group:
            return not is_in(Path(record.group), process.pid)
        output = writes_to(process.pid, self.files_of(record.uid).log)
        return output is False and record.isolation == BUBBLEWRAP

    def processes_of(
        self,
        uid: str,
        record: RuntimeRecord | None,
        *,
        seen: Mapping[int, Process] | None = None,
    ) -> Sequence[Process]:
        """Every live process of that lab, by what the record and the kernel say; among those
        `seen` just now, or seen afresh."""
        groups = self.groups.of(uid, record.group if record else "")
        members = {pid for group in groups for pid in pids_in(group)}
        seen = all_processes() if seen is None else seen
        if record is None:
            return kin(seen, Roots(anchors=self._writers(uid, seen), members=members))
        leader = self.process_of(record)
        init = self._live(record, record.init_pid, record.init_start_time)
        anchors = [one for one in (leader, init) if one is not None]
        of_now = record.boot_id == self.boot
        roots = Roots(
            anchors=anchors,
            members=members,
            # A copied data directory has copied users, and a group is of one service only.
            account=0 if record.group else record.account,
            session=record.pid if of_now else 0,
            started_at=record.start_time,
        )
        return kin(seen, roots)

    def with_init(self, record: RuntimeRecord) -> RuntimeRecord:
        """The record with the first process of its sandbox, as far as there is one."""
        leader = self.process_of(record)
        init = None if leader is None else sandbox_init(leader, all_processes())
        if init is None:
            return record
        return msgspec.structs.replace(record, init_pid=init.pid, init_start_time=init.start_time)

    def kill_at_once(self, uid: str, record: RuntimeRecord | None) -> None:
        """Kill what the lab's control group holds, where it has one."""
        for group in self.groups.of(uid, record.group if record else ""):
            kill(group)

    def dissolve(self, uid: str, record: RuntimeRecord | None) -> None:
        """Remove the lab's control groups when they are empty."""
        for group in self.groups.of(uid, record.group if record else ""):
            dissolve(group)
        limits = self.isolation.confinement.limit_groups
        if limits is not None:
            limits.remove(uid)

    def weigh(self, uid: str, share: Share) -> None:
        """Give the lab that share of the processor, where shares can be given."""
        limits = self.isolation.confinement.limit_groups
        if limits is not None:
            limits.weigh(uid, share)

    def account_for(self, files: LabFiles) -> int:
        """The user that a lab runs as: the one it has had, else a free one. May raise
        ProvisionerUnavailable."""
        accounts = self.isolation.confinement.accounts
        if accounts is None:
            return NOBODYS
        return accounts.keep_or_allot(f"{self.owner}/{files.uid}", owner_of(files.work))

    def close(self) -> None:
        """Leave no group of limits behind in which nothing runs."""
        limits = self.isolation.confinement.limit_groups
        if limits is not None:
            limits.close()

    def knows_nothing_of(self, uid: str) -> bool:
        """Whether neither a directory, nor one on its way out, nor a group is there of it."""
        return is_gone(self.files_of(uid)) and not self.groups.of(uid)

    def read_records(self) -> Sequence[RuntimeRecord]:
        """The runtimes that were written down. One whose process was started but not written
        down any more, because an earlier service died right then, is completed."""
        records: list[RuntimeRecord] = []
        for uid in kept_uids(self.root):
            with suppress(OSError):  # one that cannot be read is that lab's trouble
                record = self.files_of(uid).read_record()
                if record is not None:
                    records.append(self._completed(record))
        return records

    def unrecorded(self, besides: Collection[str]) -> Mapping[str, RuntimeRecord | None]:
        """The uids, apart from those given, that have a directory without a record, one that is
        being removed, or a control group; with the record of what is being removed."""
        kept = [uid for uid in kept_uids(self.root) if uid not in besides]
        named = [uid for uid in self.groups.uids() if is_uid(uid)]
        found = dict.fromkeys([uid for uid in kept if not self._has_record(uid)])
        return {
            uid: record
            for uid, record in (dict.fromkeys(named) | found | leaving_uids(self.root)).items()
            if uid not in besides
        }

    def _has_record(self, uid: str) -> bool:
        try:
            return self.files_of(uid).read_record() is not None
        except OSError:
            return False

    def _live(self, record: RuntimeRecord, pid: int, start_time: int) -> Process | None:
        if not pid or record.boot_id != self.boot:
            return None
        process = read_process(pid)
        return process if process and process.start_time == start_time else None

    def _completed(self, record: RuntimeRecord) -> RuntimeRecord:
        if record.pid or record.stopped or record.boot_id != self.boot:
            return record
        writers = self._writers(record.uid, all_processes())
        if not writers:
            return record
        leader = min(writers, key=lambda process: (process.start_time, process.pid))
        full = msgspec.structs.replace(record, pid=leader.pid, start_time=leader.start_time)
        self.files_of(record.uid).write_record(full)
        return full

    def _writers(self, uid: str, seen: Mapping[int, Process]) -> Sequence[Process]:
        """The leaders of sessions that have the lab's log as their output: nobody else can have
        opened it, since no lab sees the log of another."""
        log = self.files_of(uid).log
        leaders = (process for process in seen.values() if process.is_leader)
        return tuple(one for one in leaders if writes_to(one.pid, log))


def open_site(settings: ProcessSettings) -> Site:
    """Make the directory if needed and find out what is possible here. May raise OSError, or
    IsolationRefused; then no empty control group stays."""
    root, owner = open_root(settings.data_dir)
    limit_groups = find_limit_groups(f"labs-{owner}")
    premises = Premises(
        data_dir=settings.data_dir.resolve(),
        root=root,
        trial_in=root,
        lab_python=settings.lab_python.absolute(),
        limit_groups=limit_groups,
        as_root=os.geteuid() == 0,
    )
    try:
        isolation = choose_isolation(settings.isolation, premises)
    except (IsolationRefused, OSError):
        limit_groups.close()
        raise
    groups = open_groups(owner)
    return Site(root=root, owner=owner, boot=boot_id(), isolation=isolation, groups=groups)
