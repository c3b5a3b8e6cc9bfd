"""WebSocket connections without sockets: frames, the rules of a connection, and whoever sits at the other end."""
