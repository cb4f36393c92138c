"""The structure of a graph: its modules and what it repeats, as groups that open and close."""
