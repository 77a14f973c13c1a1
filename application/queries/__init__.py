"""The questions the service answers, one module each for how."""
