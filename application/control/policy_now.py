"""The policy with its time, limits and chance filled in: what to ask about a lab."""

from dataclasses import dataclass
from datetime import timedelta

from application.control.pulse import Pulse
from application.ports.clock import Clock, Randomness
from domain.lab_instance import policy
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.observation import Observation
from domain.lab_instance.policy import Limits
from domain.lab_instance.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNow:
    """Asks the one policy, for controllers and reconciler alike, as of now."""

    limits: Limits
    clock: Clock
    randomness: Randomness
    pulse: Pulse

    def next_step(self, lab: LabInstance, observed: Observation) -> Step:
        """The policy's next step."""
        return policy.next_step(
            lab,
            observed,
            now=self.clock.now(),
            limits=self.limits,
            jitter=self.randomness.fraction(),
            missed=self._missed(lab),
        )

    def corrective(self, lab: LabInstance) -> LabInstanceCommand | None:
        """The policy's corrective command for a lab that is due."""
        return policy.corrective(
            lab,
            now=self.clock.now(),
            limits=self.limits,
            jitter=self.randomness.fraction(),
            missed=self._missed(lab),
        )

    def _missed(self, lab: LabInstance) -> timedelta:
        """How much of the attempt under way this service could not look at."""
        if lab.attempt_deadline is None:
            return timedelta(0)
        return self.pulse.missed(lab.attempt_deadline - self.limits.provisioning_timeout)
