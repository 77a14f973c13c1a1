"""Which groups, versions and kinds there are."""
