"""A peer that means harm, or does not know better, against a real service."""
