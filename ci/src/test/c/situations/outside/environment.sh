# Any environment arrives as it was given: odd names, shell functions, no entries at all; and so do
# arguments of any bytes, and a working directory that is no longer there.
greeting() { echo "a shell function: $1"; }
if command -v bash >/dev/null; then
  env 'BASH_FUNC_greeting%%=() { echo "a shell function: $1"; }' $RUN bash -c 'greeting hello'
fi
env 'a.b=1' 'with space=2' '1digit=3' 'UNICODE_ü=4' $RUN env | LC_ALL=C grep -a -E '^(a\.b|with space|1digit|UNICODE)' | LC_ALL=C sort
env 'EMPTY=' $RUN sh -c 'echo "empty: ${EMPTY-unset}"'
env 'LINES_OF_IT=one
two' $RUN sh -c 'echo "$LINES_OF_IT" | wc -l'
env LD_BIND_NOW=1 TZ=UTC LANG=C $RUN sh -c 'echo "$LD_BIND_NOW $TZ $LANG"'
$RUN sh -c 'for word; do printf "[%s]" "$word"; done; echo' sh '' 'a b' "$(printf '\377\001')" '--' '-x' '*' | od -c
echo 0x33 >/proc/$$/coredump_filter && $RUN cat /proc/self/coredump_filter
(umask 027; nice -n 4 $RUN sh -c 'umask; nice')
(ulimit -S -s 4096; $RUN sh -c 'ulimit -s')
mkdir gone && cd gone && rmdir ../gone && $RUN sh -c 'pwd -P >/dev/null 2>&1; echo "no directory: $?"; ls | wc -l'
