"""Looks at a database of writer.py: prints how many rows it has, whether none is missing, and what SQLite says of it.

check.py DATABASE
"""
import sqlite3, sys

db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, timeout=30)
count, last, wrong = db.execute("SELECT count(*), coalesce(max(n), 0), coalesce(sum(body <> substr(replace(hex(zeroblob(450)), '0', 'x'), 1, n * 37 % 900)), 0) FROM t").fetchone()
print('rows', count, 'last', last, 'wrong', wrong, db.execute('PRAGMA integrity_check').fetchone()[0])
