"""labctl: the service and its tools on the command line."""
