"""How watches travel, tried with labs."""
