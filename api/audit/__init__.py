"""Questions over all labs: the API group of the audit."""
