"""The command line as a client: asks the running service, and prints what it is told."""
