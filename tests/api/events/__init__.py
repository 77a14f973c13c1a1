"""Events over HTTP: the facts of labs, and what clients post."""
