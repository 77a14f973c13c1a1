"""What is on a real connection before an application is asked."""
