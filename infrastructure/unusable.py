"""What stops a start, or a tool: one root, so that who reports it needs no technology."""


class Unusable(Exception):
    """A setting, file, port or server cannot be used as it is; the message is one line without
    secrets that says what to do."""
