"""Tests of the settings and of the machine's clock."""
