"""The loop that lets go of what was set aside, when it was kept for its time."""

import asyncio
import logging

from application.control.pass_troubles import PassTroubles
from application.control.provisioner_gate import BreakerOpen, ProvisionerGate
from application.ports.provisioner import ProvisionerError

log = logging.getLogger(__name__)

_PAUSE = 60.0
_PART = "the removal of what was set aside"


class Retention:
    """Has the provisioner go on with it once a minute, beside everything else."""

    def __init__(self, gate: ProvisionerGate, troubles: PassTroubles) -> None:
        self._gate = gate
        self._troubles = troubles

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(_PAUSE)
            await self._go_on()

    async def _go_on(self) -> None:
        try:
            await self._gate.clear_aside()
        except BreakerOpen:
            log.debug("what was set aside is left for later")
        except ProvisionerError as error:
            self._troubles.failed(_PART, error)
            log.warning("what was set aside stays for now", extra={"error": str(error)})
        else:
            self._troubles.worked(_PART)
