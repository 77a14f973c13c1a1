"""The definition of labs as a custom resource."""
