"""The application over memory: commands, loops, views and questions."""
