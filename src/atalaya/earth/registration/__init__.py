"""Frames laid on pictures of the ground whose place is known."""
