"""What options are worth: Black-Scholes on an arbitrage-free surface, in NumPy, with the same bits on every machine."""
