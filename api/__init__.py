"""HTTP in and out, in the shapes of the Kubernetes API."""
