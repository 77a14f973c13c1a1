"""The hostile labs, by what they do, and what one of them tries to gain."""

CASES = (
    "tags",
    "crowd",
    "deep",
    "many",
    "log",
    "locked",
    "escape",
    "cookies",
    "stream",
    "bomb",
    "drip",
    "links",
)

TRIES = (
    "the_services_token",
    "the_log_of_events",
    "files_of_another_lab",
    "the_services_kubeconfig",
    "other_processes",
    "the_services_environment",
    "another_mount_namespace",
    "the_machines_settings",
    "the_services_code",
    "control_groups",
    "the_kernels_settings",
    "the_kernels_messages",
    "more_than_its_share",
    "uncovered",
    "made_writable",
    "bound_around",
    "processes_shown",
    "power_of_root",
)
