# Standard streams that are closed when the program starts are closed in the program, and none of its
# descriptors is anybody else's. RUN is the command that runs a program: nothing, or lego run.
$RUN sh -c 'cat; echo "cat without input: $?"' <&- 2>/dev/null
$RUN sh -c 'echo lost; echo "echo without output: $?" >&2' 2>&1 >&- | grep -v 'write error' | tail -n 1
$RUN sh -c 'ls /proc/self/fd | wc -l' </dev/null
$RUN sh -c 'ls /proc/self/fd | wc -l' <&-
$RUN sh -c 'for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo "has $n"; done; true' 7</dev/null
$RUN sh -c 'read -r line <&8; echo "$line"' 8</proc/version | cut -c 1-5
$RUN sh -c 'exec 2>&-; echo fine; exit 4'
echo "status $?"
(ulimit -n 256; $RUN sh -c 'ulimit -n')
(ulimit -S -n 100; $RUN sh -c 'ulimit -S -n')
(ulimit -Sn 64; $RUN sh -c 'i=0; while [ $i -lt 200 ]; do (exit 3); i=$((i + 1)); done; echo "$i children"')
