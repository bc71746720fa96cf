"""The workspace on disk and the catalogue in it.

In: tables, polygons and results of the rooms below. Out: Parquet, GeoPackage and FlatGeobuf files, and a
catalogue row for each, by content hash. Callers know `Catalogue` and `Workspace`, never the database.
"""
