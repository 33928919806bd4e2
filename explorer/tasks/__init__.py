"""Leaves: problems and the rules that judge completions, one task a file."""
