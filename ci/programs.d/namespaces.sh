title='bwrap, unshare -pf, tini -s: containers and their first processes'
packages='bubblewrap tini util-linux'
core=yes

run() {
  bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-all --die-with-parent \
    sh -c 'echo "in bwrap: $(id -u)"; ls /tmp | wc -l; seq 200000 | sort -rn | md5sum; exit 3' || echo "status $?"
  unshare -pf --mount-proc sh -c 'echo "pid $$"; set -- /proc/[0-9]*; echo "$# processes"; (sleep 0.1; echo orphan) & exit 4' ||
    echo "status $?"
  unshare -Urpf --mount-proc sh -c 'id -u; seq 100000 | sort -rn | md5sum'
  tini -s -- sh -c '(sleep 0.2 &) ; seq 100000 | sort | md5sum; exit 6' || echo "status $?"
  tini -s -g -- sh -c 'trap "echo told; exit 8" TERM; (sleep 0.3; kill -TERM $$) & sleep 5 & wait $!' || echo "status $?"
  unshare -pf tini -- sh -c 'echo "child of an init: $$"' || echo "status $?"
}
