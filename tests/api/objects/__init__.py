"""Namespaces, leases and what is common to all API objects, over HTTP."""
