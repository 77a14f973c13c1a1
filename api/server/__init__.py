"""Sockets, TLS and HTTP/1.1: how the application is served."""
