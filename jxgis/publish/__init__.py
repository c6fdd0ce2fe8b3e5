"""Results and scoreboards as pages, tables and a GeoPackage that open without a network."""
