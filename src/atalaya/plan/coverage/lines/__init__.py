"""Lines over an area: headings worth trying, parts, parallel bands, strokes over what they leave."""
