"""The adapters, each technology by itself, and the service put together from them."""
