"""Files that scorers read: COCO JSON, tables of outlines, places or probabilities, score maps."""
