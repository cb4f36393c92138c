"""Oracles: ways to know a derivative without the rule that is tested."""
