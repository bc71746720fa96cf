"""Atalaya: open mission software for unarmed aerial search."""

__version__ = "0.1.0"
