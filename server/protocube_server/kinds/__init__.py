"""A kind as the server needs it: read from its descriptor, with no code of its own."""
