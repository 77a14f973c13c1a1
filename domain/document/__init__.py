"""Objects of Kubernetes' own kinds that clients keep here: namespaces, leases and events."""
