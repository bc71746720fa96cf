"""Ruin and recreate: the search of the own engine, compiled."""
