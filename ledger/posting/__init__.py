"""Records and decisions in, postings out: the accounting rules, and the journal they make.

What lives here: which account each kind of record touches, recognition and tax points, daily
summaries. What never does: deciding which records belong together (`beanclear.matching`).
"""
