"""Logs and metrics. They wrap the ports and the mediator; the product does not know of them."""
