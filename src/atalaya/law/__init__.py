"""Whose sky: boundary layers with their own measured error, and exact geometry of tracks against them.

In come layers (packaged or a user's files) and positions in longitude and latitude, WGS 84; out come area
numbers, signed geodesic depths and crossings. Chicago Convention Art. 1 and 2 and LOSC Art. 2 give the
meaning of a sovereign layer; an FIR, ADIZ or EEZ is kept apart and never read as sovereignty.
"""
