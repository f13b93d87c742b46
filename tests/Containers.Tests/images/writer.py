"""A foreign writer: numbered rows, one commit each, until SIGTERM. Says each commit after it was made.

writer.py DATABASE [PAUSE-SECONDS [UMASK]]
"""
import os, signal, sqlite3, sys, time

pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0.01
os.umask(int(sys.argv[3], 8) if len(sys.argv) > 3 else 0o022)
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
db.execute('PRAGMA journal_mode=WAL')
db.execute('CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, body TEXT)')
n = db.execute('SELECT coalesce(max(n), 0) FROM t').fetchone()[0]
while not stop:
    n += 1
    db.execute('INSERT INTO t VALUES (?, ?)', (n, 'x' * (n * 37 % 900)))
    print('committed', n, flush=True)
    time.sleep(pause)
db.close()
print('ended', n, flush=True)
