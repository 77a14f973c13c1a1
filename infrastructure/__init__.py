"""The adapters, one folder per technology, and what wires them. Nothing of the domain's rules."""
