"""Health, metrics, the version, and the templates."""
