"""When a connection is read."""

from uvicorn.protocols.http.flow_control import FlowControl


class HoldingFlow(FlowControl):
    """Reads nothing more while bytes that came too early are held."""

    _holding = False

    def hold(self) -> None:
        """Read nothing until `let_go`, whoever else would read on."""
        self.pause_reading()
        self._holding = True

    def let_go(self) -> None:
        """Read on."""
        self._holding = False
        self.resume_reading()

    def resume_reading(self) -> None:
        """Read on, unless bytes are held."""
        if self.read_paused and not self._holding:
            super().resume_reading()
