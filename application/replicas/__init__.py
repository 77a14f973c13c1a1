"""How replicas divide the labs: leases, shards, whose labs are whose."""
