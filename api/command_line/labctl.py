"""The program `labctl`."""

import gc


def main() -> None:
    """Run the command line."""
    # What is loaded stays; looking for garbage in it again and again took a quarter of the start.
    gc.disable()
    from api.command_line.cli import app  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    app()
