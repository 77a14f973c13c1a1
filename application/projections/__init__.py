"""From the log to the views and to watchers: projector, follower, feeds, rebuild."""
