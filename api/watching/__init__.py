"""How watches travel: their events, their lines, their end."""
