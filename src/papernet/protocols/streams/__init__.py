"""Market streams: what is subscribed to by name, and pushed."""
