"""L2, the exchange: the state machine, the only thing that is journaled, replayed, hashed and replicated."""
