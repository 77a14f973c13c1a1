"""What commands promise to whoever sends them."""
