"""Probes, metrics, the version and the templates."""
