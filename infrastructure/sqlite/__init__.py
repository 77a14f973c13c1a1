"""The embedded stores: events and views in one SQLite file, behind one writer."""
