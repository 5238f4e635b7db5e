title='Python with an interval timer of a millisecond and allocation, for 60 s'
packages='python3'
seconds=100

run() {
  SECONDS_TO_RUN=60 /usr/bin/python3 "$root/ci/src/test/c/situations/timer-in-python.py"
}
