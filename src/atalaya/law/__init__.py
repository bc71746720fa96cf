"""Whose sky, by what right, who was told: boundaries, accounts of tracks, records, gates and the ledger.

In: tracks, boundary layers, statements of parties. Out: geometry, terms and evidence; never a verdict on
anybody's conduct. Chicago Convention Art. 1-3, 8; LOSC Art. 2.
"""
