"""The scale of a lab: Kubernetes' way to ask how many there are of something."""
