"""earth."""
