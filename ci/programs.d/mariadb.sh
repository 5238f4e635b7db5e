title='MariaDB: initialised, loaded by four clients, killed, recovered, checked'
packages='mariadb-server-core mariadb-client-core util-linux'
seconds=240

user() { [ "$(id -u)" = 0 ] && echo nobody || id -un; }

start() {
  /usr/sbin/mariadbd --no-defaults --user="$(user)" --datadir="$PWD/db" --socket="$PWD/db/socket" \
    --skip-networking --innodb-buffer-pool-size=32M --innodb-log-file-size=16M --pid-file="$PWD/db/pid" >>log 2>&1 &
  server=$!
  tries=0
  until query 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { echo 'the server does not answer' && tail log && exit 1; }
    sleep 0.2
  done
}

query() {
  mariadb --no-defaults --socket="$PWD/db/socket" -u root -N -B test -e "$1"
}

# Each client has transactions that move what another one moves, too; a deadlock is tried again.
client() {
  i=0
  while [ $i -lt 40 ]; do
    i=$((i + 1))
    until query "START TRANSACTION; UPDATE account SET v = v - $i WHERE id % 97 = $1;
      UPDATE account SET v = v + $i WHERE id % 97 = ($1 + 1) % 4; INSERT INTO history (who, v)
      SELECT $1, seq * $i FROM seq_1_to_500; COMMIT" 2>>deadlocks; do :; done
  done
}

sums() {
  query 'SELECT count(*), sum(v) FROM account; SELECT who, count(*), sum(v) FROM history GROUP BY who ORDER BY who;
    CHECK TABLE account, history EXTENDED'
}

run() {
  mkdir db
  [ "$(id -u)" != 0 ] || chown nobody db
  mariadb-install-db --no-defaults --user="$(user)" --datadir="$PWD/db" --auth-root-authentication-method=normal \
    >install 2>&1 || { echo "status $?" && tail install; }
  : >log
  start
  query 'CREATE TABLE account (id INT PRIMARY KEY, v BIGINT) ENGINE = InnoDB;
    CREATE TABLE history (id INT AUTO_INCREMENT PRIMARY KEY, who INT, v BIGINT, KEY (who, v)) ENGINE = InnoDB;
    INSERT INTO account SELECT seq, 1000 FROM seq_1_to_20000'
  for n in 0 1 2 3; do
    client $n &
    clients="${clients:-} $!"
  done
  # shellcheck disable=SC2086
  wait $clients
  sums
  query 'START TRANSACTION; DELETE FROM history; SELECT sleep(100)' >/dev/null 2>&1 &
  deleting=$!
  until [ "$(query "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT sleep%'")" = 1 ]; do
    sleep 0.1
  done
  kill -9 $server
  wait $server || echo "the server ended with $?"
  wait $deleting || echo "its client ended with $?"
  start
  sums
  query 'SELECT md5(group_concat(v ORDER BY md5(id))) FROM account WHERE id <= 200; SHUTDOWN'
  wait $server
  echo "ended with $?"
}
