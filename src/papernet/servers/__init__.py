"""L5, servers: sockets, the clock, the disk and the process; the only room that touches the world."""
