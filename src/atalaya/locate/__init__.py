"""From many looks to few sites: tracklets, sites with probability and error, dossiers, reviews of people."""
