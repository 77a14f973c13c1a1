"""One program for each client library, run by the clients' Python: it does what users do and
tells on each line of its output what came of one row of the table."""
