"""The service as its users' programs see it: unmodified clients, over TLS."""
