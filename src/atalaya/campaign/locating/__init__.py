"""From the detections of a workspace to its sites: looks and what they could see, the filter, files."""
