"""The picture of a network of neurons."""
