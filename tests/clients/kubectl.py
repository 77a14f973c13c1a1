"""kubectl as tests run it: a program, its arguments, and what it prints."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.served import Served
from tests.scenarios.service import manifest

Given = Sequence[Mapping[str, Any]]
_WITHIN = 60


class Kubectl:
    """One kubectl with the service's kubeconfig. `name` is its column in the table."""

    def __init__(self, name: str, program: Path, served: Served) -> None:
        self.name = name
        self.served = served
        self._program = program

    @property
    def own(self) -> str:
        """A prefix for names that no other kubectl uses."""
        return "path" if "PATH" in self.name else "wheel"

    def __call__(self, *args: str, stdin: Given = (), **variables: str) -> str:
        """Run it and return what it printed. `stdin`: the documents it is given."""
        done = self.tried(*args, stdin=stdin, **variables)
        assert done.returncode == 0, f"{args}: {done.stderr}"
        return done.stdout

    def refused(self, *args: str, stdin: Given = ()) -> str:
        """Run it, see it fail, and return what it complained about."""
        done = self.tried(*args, stdin=stdin)
        assert done.returncode != 0, f"{args}: {done.stdout}"
        return done.stderr

    def tried(
        self, *args: str, stdin: Given = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it, whatever comes of it."""
        return subprocess.run(
            [self._program, *args],
            input="\n".join(json.dumps(document) for document in stdin),
            env=self.served.variables(**variables),
            cwd=self.served.home,
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )

    def read(self, *args: str) -> Any:
        """What `get -o json` tells."""
        return json.loads(self("get", "-o", "json", *args))

    def make(self, *names: str, **metadata: Any) -> None:
        """Labs that are ready."""
        self("create", "-f", "-", stdin=[lab(name, **metadata) for name in names])
        self("wait", "--for=condition=Ready", *(f"lab/{name}" for name in names))

    def made(self, what: str) -> str:
        """The name of a new lab that is ready. `what` it is for tells it from others."""
        name = f"{self.own}-{what}"
        self.make(name)
        return name

    @contextmanager
    def following(self, *args: str) -> Iterator["Followed"]:
        """Run it in the background, until the context ends."""
        output = self.served.home / f"followed-{time.monotonic_ns()}"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [self._program, *args],
                env=self.served.variables(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        try:
            yield Followed(process, output)
        finally:
            process.kill()
            process.wait()


class Followed:
    """A kubectl in the background."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    def lines(self) -> Sequence[str]:
        """What it has printed so far."""
        return self._output.read_text().splitlines()

    def until(self, enough: Callable[[Sequence[str]], bool]) -> Sequence[str]:
        """What it has printed, as soon as that is enough."""
        deadline = time.monotonic() + _WITHIN
        while not enough(lines := self.lines()):
            assert time.monotonic() < deadline, f"in vain: {lines}"
            time.sleep(0.02)
        return lines

    def ended(self) -> int:
        """Wait for its end, and return its exit code."""
        return self.process.wait(_WITHIN)


def lab(name: str, **metadata: Any) -> dict[str, Any]:
    """A lab as people declare it."""
    declared = manifest(name)
    declared["metadata"].update(metadata)
    return declared
