title='stress-ng: vm, fork, mremap, brk, stack, mlock, userfaultfd, verified'
packages='stress-ng'
seconds=240

run() {
  for stressor in 'vm 2 --vm-bytes 48m --vm-ops 3000' 'fork 2 --fork-ops 500' 'mremap 1 --mremap-bytes 16m --mremap-ops 200' \
    'brk 1 --brk-ops 20000' 'stack 1 --stack-ops 3' 'mlock 1 --mlock-ops 500' \
    'userfaultfd 1 --userfaultfd-bytes 4m --userfaultfd-ops 2000' 'mmap 1 --mmap-bytes 32m --mmap-ops 20' \
    'madvise 1 --madvise-ops 500' 'vfork 2 --vfork-ops 500' 'clone 1 --clone-ops 200'; do
    # shellcheck disable=SC2086
    timeout -k 5 60 stress-ng --temp-path . --oomable --verify -q --timeout 20 --$stressor >said 2>&1
    echo "${stressor%% *}: $?"
    grep -i -E 'fail' said
  done
  true
}
