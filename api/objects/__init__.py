"""Namespaces, leases and clients' events over HTTP: written, read and watched alike."""
