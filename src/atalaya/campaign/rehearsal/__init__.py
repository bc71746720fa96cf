"""Rehearsing a campaign on the digital range: its country and sites, its sorties flown, the result scored.

In: a campaign file and its plan. Out: recordings, tracks and looks as aircraft bring them home, the truth
beside them, and a score of what a workspace made of the recordings.
"""
