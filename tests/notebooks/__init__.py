"""The notebooks of the course: what executes them, and holds them to what is committed."""
