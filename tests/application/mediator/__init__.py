"""The one door of the application."""
