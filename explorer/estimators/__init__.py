"""Leaves: credit from rollouts, one estimator a file."""
