"""Users' files as layers: GeoPackage, GeoJSON, TopoJSON, (Geo)Parquet, Shapefile, repaired and said so."""
