"""The ground floor: records, money, accounts, books on disk, posting, journal text, reports.

What lives here: the one vocabulary of types that every other folder passes around, and what
turns them into files of a books folder. What never does: knowledge of one platform's file
format (`beanclear.importers`), of which records belong together (`beanclear.matching`), or of
a host such as Beancount's loader, Fava or the terminal (`beanclear.plugins`, `beanclear.cli`).

Importing this package imports nothing else, so that plugins load fast.
"""
