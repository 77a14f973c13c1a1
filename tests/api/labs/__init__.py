"""Labs over HTTP: reads, writes, subresources."""
