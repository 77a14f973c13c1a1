"""Measurements against peers, on this machine, in one run. `make bench`, or one PART=creates."""
