# The program is stopped with its children, as by Ctrl-Z, for longer than a lease of the cluster lasts,
# and goes on as if nothing had been.
set -m # a process group of its own, as a shell gives to each job
: >lines
$RUN sh -c 'sh -c "i=0; while [ \$i -lt 40 ]; do echo \$i; sleep 0.05; i=\$((i + 1)); done" & wait $!
  echo "child ended with $?"' >lines 2>messages &
command=$!
while [ ! -s lines ]; do sleep 0.05; done
kill -s TSTP -- -$command
sleep 1
before=$(wc -l <lines)
sleep 10
[ "$before" = "$(wc -l <lines)" ] && [ "$before" -lt 40 ] || echo "it went on although it was stopped"
kill -s CONT -- -$command
wait $command
status=$?
while [ $status -ge 128 ] && kill -0 $command 2>/dev/null; do wait $command; status=$?; done
echo "status $status"
cat lines messages
