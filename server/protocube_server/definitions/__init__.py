"""Kinds that come while the server runs: checked, compiled, published, followed."""
