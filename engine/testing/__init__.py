"""The gradient-testing kit: what the project tests itself with, for gradients of any kind."""
