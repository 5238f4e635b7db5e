# Address spaces that are laid out otherwise: without randomness as under a debugger, from the bottom up,
# with a huge or a tiny stack, within three gigabytes, and without executable addresses chosen by chance.
work='i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); v="$v$i"; done; echo ${#v}; seq 20000 | sort -rn | cksum'
setarch -R sh -c "$work"
setarch -L sh -c "$work"
setarch -R sh -c "grep -c stack /proc/self/maps; cat /proc/self/personality"
(ulimit -S -s unlimited; sh -c "$work; ulimit -s")
(ulimit -S -s 256; sh -c "$work; ulimit -s")
setarch -3 sh -c "$work"
setarch -B sh -c "$work"
setarch -X sh -c "$work"
setarch -Z -R sh -c "$work"
