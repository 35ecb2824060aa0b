"""Lets go what is being deleted and used no more: claims, volumes, and any kind that says so."""
