"""Looking at a graph: pictures of it."""
