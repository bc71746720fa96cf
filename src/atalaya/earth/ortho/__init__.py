"""Pictures laid on the ground."""
