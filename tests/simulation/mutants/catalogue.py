"""All mutants, by name."""

from tests.simulation.mutants.in_commands import IN_COMMANDS
from tests.simulation.mutants.in_control import IN_CONTROL, WITHOUT_A_NET
from tests.simulation.mutants.in_decisions import IN_DECISIONS
from tests.simulation.mutants.in_leases import IN_LEASES
from tests.simulation.mutants.in_projections import IN_PROJECTIONS
from tests.simulation.mutants.mutant import Mutant, together

MUTANTS: dict[str, Mutant] = IN_COMMANDS | IN_DECISIONS | IN_PROJECTIONS | IN_CONTROL | IN_LEASES
"""Each is found by the simulation within the seeds of `make simulate-mutants`."""

VETTED: dict[str, Mutant] = {
    "nothing-mutated": Mutant(mistake="none", apply=together()),
    "without-a-net": Mutant(mistake="none: only what hides others is off", apply=WITHOUT_A_NET),
}
"""What must not be found: the conditions under which some of the mutants are looked for."""
