"""Reports over books and records, as tables that know nothing of Fava or click.

What lives here: the reconciliation report and, later, the statutory statements. What never
does: rendering for one host, or changing the books.
"""
