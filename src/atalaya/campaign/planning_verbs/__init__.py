"""What the smaller verbs of `atalaya plan` need beyond a call: files read and written, results as tables.

In: polygons, lines and tables of any GIS or text editor, instances of the literature, folders of plans.
Out: paths, routes and allocations with what proves how good they are, in files of ground stations and maps.
"""
