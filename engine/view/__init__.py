"""Graphs made visible: pictures of a graph, and the stepper through its passes."""
