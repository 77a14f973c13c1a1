"""Kubernetes' Events: those that clients write, in both of their API versions."""
