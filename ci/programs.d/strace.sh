title='strace -f of a shell with children'
packages='strace'
core=yes

run() {
  strace -f -e trace=execve,exit_group -o trace sh -c '
    seq 50000 | sort -rn | md5sum; (exit 3); /bin/true; sh -c "exit 5"'
  echo "status $?"
  grep -c 'execve.* = 0$' trace
  grep -o 'exited with [0-9]*' trace | sort | uniq -c
  strace -c -f -o counts sort --parallel=2 -S 20m /etc/services | md5sum
  grep -c -E 'mmap|read' counts
  strace -e trace=brk,mmap,munmap -o memory perl -e 'my @a = (1 .. 300000); print scalar(@a), "\n"'
  grep -c -E '= -1 E(INTR|PERM|INVAL)' memory
  sleep 30 & sleeper=$!
  timeout -s INT 2 strace -p $sleeper -o attached
  kill $sleeper
  grep -c detached attached
}
