"""L3, use-cases: what a request may do and what it costs, the order of commands, the journal. `now` and bytes are arguments."""
