"""What a flight leaves behind: ST 0601 metadata, faults put into it on purpose, tables of track and looks.

In: a `Flight`, a terrain model, errors of its instruments. Out: packets at array speed, bare KLV files,
Parquet. MISB ST 0601.19, ST 0902, ST 0102.12, ST 1204. Names that need compiled code are imported when first
asked for.
"""
