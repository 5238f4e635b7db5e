title='PostgreSQL as its own user: initdb, pgbench, a backend killed, restart'
packages='postgresql util-linux'
core=yes

as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid postgres --regid postgres --clear-groups "$@"
  else
    "$@"
  fi
}

start() {
  as_postgres "$bin/postgres" -D "$PWD/db" -k "$PWD/db" -c listen_addresses= -c shared_buffers=24MB \
    -c max_parallel_workers=0 >>log 2>&1 &
  server=$!
  await
}

stop() {
  kill -s "$1" "$(head -n 1 db/postmaster.pid)"
  wait $server || echo "the server ended with $?"
}

await() {
  tries=0
  until query 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { echo 'the server does not answer' && tail log && exit 1; }
    sleep 0.2
  done
}

query() {
  as_postgres "$bin/psql" -h "$PWD/db" -X -q -A -t -d postgres -c "$1"
}

sums() {
  query 'SELECT count(*) FROM pgbench_history'
  query 'SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history),
    (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(tbalance) FROM pgbench_tellers)'
}

run() {
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
  mkdir db
  [ "$(id -u)" != 0 ] || chown postgres db
  chmod 700 db
  as_postgres "$bin/initdb" -D "$PWD/db" --no-locale -E UTF8 -A trust | grep -c ok
  start
  as_postgres "$bin/pgbench" -h "$PWD/db" -i -q -s 2 postgres 2>/dev/null
  as_postgres "$bin/pgbench" -h "$PWD/db" -n -c 4 -j 2 -t 150 postgres | grep -E 'processed|failed'
  sums
  query "SELECT md5(string_agg(n::text, ',' ORDER BY md5(n::text))) FROM generate_series(1, 200000) n"
  query 'SELECT pg_sleep(100)' >/dev/null 2>&1 &
  sleeper=$!
  victim=
  while [ -z "$victim" ]; do
    victim=$(query "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(100)%'")
  done
  as_postgres kill -9 "$victim"
  wait $sleeper || echo "its client ended with $?"
  await
  sums
  stop INT
  start
  sums
  stop TERM
}
