# Signals that are ignored when the program starts stay so; those that are sent to the command reach the
# program, and one that ends the program is what the command ends with.
trap '' USR2 PIPE INT
$RUN sh -c 'grep SigIgn /proc/self/status'
trap - USR2 PIPE INT
names='ABRT TRAP PIPE XCPU PROF IO PWR SYS URG VTALRM HUP TERM USR1 WINCH RTMIN RTMAX'
: >caught
$RUN bash -c 'for name in '"$names"'; do trap "echo got $name >>caught" $name; done
  echo ready >>caught
  for i in $(seq 600); do sleep 0.05; ! grep -q enough caught || exit 7; done' &
command=$!
tries=0
while ! grep -q ready caught && [ $tries -lt 600 ]; do sleep 0.05; tries=$((tries + 1)); done
for name in $names; do
  kill -s "$name" $command
  tries=0
  while ! grep -q "got $name\$" caught && [ $tries -lt 60 ]; do sleep 0.05; tries=$((tries + 1)); done
done
echo enough >>caught
wait $command
echo "status $?"
cat caught
for name in XCPU KILL RTMIN; do
  $RUN bash -c 'ulimit -c 0; kill -s '$name' $$; sleep 9' 2>/dev/null
  echo "$name ended it: $?"
done
