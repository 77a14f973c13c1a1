"""Clients of servers that speak plain HTTP, as the tests' do."""

NO_TLS = False
"""For httpx's `verify`: nothing is encrypted, so no client needs to read the machine's list of
authorities first, which takes it longer than most requests."""
