"""Leaves: where completions come from, one engine a file."""
