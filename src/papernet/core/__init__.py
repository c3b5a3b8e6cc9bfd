"""L0, mechanism: integers in, events out. No I/O, no clock, no randomness, no float."""
