# What shells and cron-like programs do: jobs, traps, subshells, here-documents, pipes, kill, wait.
trap 'echo caught USR1' USR1
(sleep 0.1; kill -USR1 $$) &
wait $!
wait
sleep 30 & victim=$!
kill -TERM $victim
wait $victim
echo "ended with $?"
cat <<TEXT | tr a-z A-Z | (read -r line; echo "$line")
through a pipe
TEXT
i=0
while [ $i -lt 30 ]; do
  (exit $i) || [ $? = $i ] || echo "wrong status of $i"
  i=$((i + 1))
done
yes | head -n 3 | wc -l
(trap '' PIPE; (yes; echo "yes $?" >&2) 2>/dev/null | head -n 1)
sh -c 'kill -STOP $$; exit 5' & stopped=$!
sleep 0.1
kill -CONT $stopped
wait $stopped
echo "stopped, continued, ended with $?"
(ulimit -n 16; for n in 1 2 3 4 5; do sh -c 'exit 2'; done; echo "few descriptors $?")
setsid sh -c 'echo session leader'
nice -n 5 sh -c nice
umask 077; umask
