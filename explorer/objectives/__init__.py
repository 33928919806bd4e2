"""Leaves: how ratio and trust region shape the step, one objective a file."""
