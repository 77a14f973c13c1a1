"""The settings of the process provisioner."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

IsolationDemand = Literal["required", "preferred", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSettings:
    """Seconds and bytes.

    `data_dir`: the service's data directory; labs live in its folder `labs`.
    `lab_python`: the interpreter of the labs' environment.
    `isolation`: what is demanded: `required` is bubblewrap or nothing, `preferred` the
    strongest level that holds here.
    `grace`: what a lab gets to end by itself before it is killed.
    `probe_interval`, `probe_timeout`: how often a ready lab is asked, how long it may think.
    `probes_to_end`: a ready lab that misses so many in a row is said to have ended.
    `work_retention`: how long what was set aside is kept.
    `log_limit`: a log that is longer is emptied; of its end, what is ever shown is kept.
    `disk_pause`: how long after one look at what all labs take of the disk the next one begins.
    `disk_reserve_mib`: with less free on the labs' disk no lab is started; 0 for no reserve.
    """

    data_dir: Path
    lab_python: Path
    isolation: IsolationDemand = "preferred"
    grace: float = 8.0
    probe_interval: float = 5.0
    probe_timeout: float = 3.0
    probes_to_end: int = 3
    work_retention: timedelta = timedelta(hours=168)
    log_limit: int = 4 * 1024 * 1024
    disk_pause: float = 30.0
    disk_reserve_mib: int = 256
