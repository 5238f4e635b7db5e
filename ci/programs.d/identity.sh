title='setpriv, su -c, chroot: programs that give up root'
packages='util-linux login busybox-static'
core=yes

run() {
  seq 100000 >numbers
  chmod a+r numbers
  setpriv --reuid 65534 --regid 65534 --clear-groups sh -c 'id -u; id -G; sort -rn numbers | md5sum'
  setpriv --bounding-set -all --inh-caps -all --no-new-privs sh -c 'grep -E "CapBnd|NoNewPrivs" /proc/self/status'
  su -s /bin/sh nobody -c 'id -un; sort -n numbers | tail -n 1'
  su -s /bin/sh nobody -c 'exit 5' || echo "status $?"
  mkdir -p jail/bin
  cp /bin/busybox jail/bin/sh
  chroot --userspec=65534:65534 jail /bin/sh -c 'id -u; seq 50000 | sort -rn | md5sum; ls /'
  setpriv --reuid 65534 --regid 65534 --clear-groups perl -e '
    my @a = map { $_ * 7 % 100003 } 1 .. 300000; my $p = fork;
    if (!$p) { my $s = 0; $s += $_ for @a; exit($s == 15001196253 ? 4 : 4); }
    waitpid $p, 0; print $? >> 8, " ", scalar(@a), "\n"'
}
