"""The program `labctl`."""

import gc


def main() -> None:
    """Run the command line."""
    # What is loaded stays: collecting it took a quarter of the start (decision 29).
    gc.disable()
    from api.command_line.cli import app  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    app()
