"""Secrets that can be recognised are put everywhere, and looked for in all that a cloud leaves."""
