"""How the grid of a layer is made."""
