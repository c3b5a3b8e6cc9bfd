"""The WebSocket API: requests and replies in text frames, and the user data stream."""
