"""Subscriptions by name over one connection, and the feeds of what is subscribed to: what all doors of streams share."""
