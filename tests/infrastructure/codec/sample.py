"""Writes samples of events: `python -m tests.infrastructure.codec.sample Retried`."""

from argparse import ArgumentParser
from pathlib import Path

from infrastructure.codec.event_codec import encode_event
from tests.infrastructure.codec.events import EVENT_TYPES, fixed

SAMPLES = Path(__file__).parent / "samples"


def main() -> None:
    """Write the current sample of each; one that exists is history, and is never replaced."""
    types = {type_.__name__: type_ for type_ in EVENT_TYPES}
    parser = ArgumentParser(description="Write the samples of events as they are stored now.")
    parser.add_argument("events", nargs="+", choices=sorted(types), metavar="EVENT")
    for wanted in parser.parse_args().events:
        name, data = encode_event(fixed(types[wanted]))
        with (SAMPLES / f"{name}.json").open("xb") as sample:
            sample.write(data + b"\n")


if __name__ == "__main__":
    main()
