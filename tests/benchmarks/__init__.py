"""Benchmarks of stepgrad against its peers: ``python -m tests.benchmarks``."""
