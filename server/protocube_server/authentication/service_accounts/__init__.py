"""Tokens of service accounts: made here, and good as long as what they name is there."""
