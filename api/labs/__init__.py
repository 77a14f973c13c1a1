"""LabInstances over HTTP: written, read, watched, commanded."""
