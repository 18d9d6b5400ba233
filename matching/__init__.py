"""Records in, a `Reconciliation` out: the only matcher.

What lives here: the numbered passes and the classes of open items. What never does: file
formats, journal text, or a guess: two candidates that fit equally are both shown.
"""
