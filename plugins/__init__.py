"""What runs inside a host: Beancount plugins and the Fava extension.

What lives here: checks and generated entries over books that were already written. What never
does: matching, reading exports, or anything slow to import (no pandas, pyarrow or duckdb).
"""
