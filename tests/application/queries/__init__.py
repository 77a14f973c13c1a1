"""Questions about the present, the past and single facts."""
