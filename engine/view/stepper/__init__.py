"""The stepper: the passes over a graph, one step at a time."""
