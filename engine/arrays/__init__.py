"""Ops on NumPy arrays: what a Tensor is made of. Loaded with the first Tensor only."""
