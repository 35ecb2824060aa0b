"""Work that a server does by itself, beside the calls: one file a worker."""
