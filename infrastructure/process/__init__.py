"""Labs as real processes of this machine, each in its own directory and with its own token."""
