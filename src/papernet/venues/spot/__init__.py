"""The spot venue: symbols, filters, average price and trading."""
