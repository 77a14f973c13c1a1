"""Which release of the service this is."""

SERVICE_VERSION = "0.1.0"
