"""Certificates for the HTTPS port."""
