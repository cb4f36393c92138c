"""Proof that the tests can fail: break the engine in one place, and see whether they notice."""
