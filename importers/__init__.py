"""A file in, a `Statement` of records out: one module per source, each a beangulp importer.

What lives here: the layouts of platforms, payment channels and banks, and how a file proves
itself. What never does: accounts, tax, matching, or anything that writes.
"""
