"""Reading the log: streams, folds, the past."""
