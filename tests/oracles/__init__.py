"""What the engine is held to, written without it: references, dual numbers, programs."""
