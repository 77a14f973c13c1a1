"""The catalogue of lab templates, read from YAML files."""
