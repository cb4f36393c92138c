"""A picture of a graph: what is written in it, and its forms from DOT to HTML."""
