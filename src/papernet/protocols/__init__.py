"""L4, protocols: bytes to vocabulary and back, sans-I/O. Doors are strangers to each other and share `json`."""
