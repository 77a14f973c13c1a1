"""Objects of Kubernetes' own kinds over HTTP: documents of the application, with what clients
expect of their kind around them."""
