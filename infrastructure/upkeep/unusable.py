"""What a command says that cannot be carried out. Apart from what may be the trouble, so that
who only tells it loads no client of any server."""


class Unusable(Exception):
    """It cannot be done; the message is one line without secrets."""
