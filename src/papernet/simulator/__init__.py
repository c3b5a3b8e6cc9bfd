"""The seeded crowd: a living market made of draws that are the same on every machine, speaking only commands."""
