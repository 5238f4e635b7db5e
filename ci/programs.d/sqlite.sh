title='SQLite: two writers and a reader on one database'
packages='sqlite3'

run() {
  sqlite3 db 'PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, who TEXT, v INTEGER);' >/dev/null
  for who in a b; do
    (for i in $(seq 20); do
      sqlite3 -cmd '.timeout 60000' db "PRAGMA cache_size = -40000; INSERT INTO t (who, v)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT '$who', i * $i FROM n;"
    done) &
  done
  wait
  sqlite3 -cmd '.timeout 60000' db 'SELECT who, count(*), sum(v) FROM t GROUP BY who ORDER BY who;
    SELECT count(DISTINCT v), max(v) FROM t; CREATE INDEX i ON t (v, who); PRAGMA integrity_check;
    SELECT sum(a.v) FROM t a JOIN t b ON a.v = b.v + 1 WHERE a.who < b.who AND a.v < 5000;'
}
