"""Policies in CEL: rules that refuse, warn or write into the audit log, and changes."""
