"""Leaves: the weight of each token in the loss, one normaliser a file."""
