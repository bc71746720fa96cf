"""Shapes that nature seldom makes: straight edges that meet squarely, narrow ways that end somewhere."""
