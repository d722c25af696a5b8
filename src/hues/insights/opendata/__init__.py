"""Open data: the city's public data as files, as a catalogue (DCAT 3) and as features (OGC API Features). Personal data are never in it.

- datasets.yaml: what is published, column by column, with versions; `datasets.py` reads it
- rows.py: the rows of each data set, in exactly those columns
- files.py: CSV, GeoJSON and Parquet, written by a nightly job
- actions.py: publishing; store.py: what is published now
- dcat.py, pages.py: the catalogue and the pages at /open
- ogc/: features one by one at /ogc
"""
