"""See the advantage of every token under every estimator."""
