"""Namespaces, leases and events of clients: API objects beside labs in the same log."""
