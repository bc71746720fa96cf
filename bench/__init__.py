"""What "good" is measured by: `python -m bench ROOM [--json]`, ours and the peer's in the same run."""
