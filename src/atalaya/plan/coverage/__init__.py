"""Paths that see a whole area: polygons with holes, lines at the best headings, the shortest ways between them.

In: a polygon in a plane (metres) or in longitudes and latitudes, a swath, a cost. Out: a path with what the sensor
does on each leg, its cost beside a lower bound, what it covers and what it leaves. Lines are ordered as a rural
postman's tour (each line a node with two directions) over exact shortest ways in the visibility graph.
"""
