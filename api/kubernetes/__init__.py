"""What Kubernetes clients need beyond plain JSON of labs: discovery, tables, OpenAPI, the few
built-in kinds they ask for. Everything is built from commands and queries of the application."""
