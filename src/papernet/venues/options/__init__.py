"""The options venue: contracts, margin, marks, settlement. It knows nothing of the spot venue."""
