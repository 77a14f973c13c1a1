"""What the log tells: streams, folds, the past."""
