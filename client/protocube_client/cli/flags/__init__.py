"""Flags that several commands share, read as kubectl reads them."""
