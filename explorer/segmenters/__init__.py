"""Leaves: where segments start, one rule a file."""
