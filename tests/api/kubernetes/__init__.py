"""What Kubernetes clients rely on, asked over HTTP as they ask it."""
