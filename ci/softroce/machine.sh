# Parts of ci/softroce/run: packages, kernels, machines. Sourced.

cache=${LEGO_SOFTROCE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/lego-softroce}

# What an rxe device over virtio needs, in the words of modprobe, and mounts of volumes; crc32 is rxe's checksum.
modules=(virtio_pci virtio_console virtio_net 9pnet_virtio 9p overlay dummy crc32_generic ib_uverbs
  ib_umad rdma_ucm rdma_rxe fuse)

fail() {
  echo "softroce: $*" >&2
  exit 125
}

install_packages() {
  local missing=() pair
  for pair in qemu-system-x86_64:qemu-system-x86 xz:xz-utils cpio:cpio depmod:kmod dpkg:dpkg \
    rdma:iproute2 ibv_devinfo:ibverbs-utils ib_read_lat:perftest; do
    PATH=$PATH:/sbin:/usr/sbin command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || missing+=(busybox-static)
  ls /usr/lib/*/libibverbs/librxe-rdmav*.so >/dev/null 2>&1 || missing+=(ibverbs-providers rdma-core)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] && [ "${LEGO_SETUP:-yes}" != no ] && command -v apt-get >/dev/null ||
    fail "these packages are needed: apt-get install ${missing[*]}"
  echo "softroce: installing ${missing[*]} (LEGO_SETUP=no prevents this)" >&2
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "${missing[@]}"; } </dev/null >/dev/null ||
    fail "apt-get install ${missing[*]} failed"
}

# prepare_kernel 6.1|6.12: sets version, vmlinux and initrd. Downloads and unpacks once, installs nothing.
prepare_kernel() {
  local suite=bookworm dir=$cache/$1
  [ "$1" = 6.1 ] || suite=bookworm-backports
  mkdir -p "$dir" || fail "cannot write $dir; set LEGO_SOFTROCE_CACHE"
  exec 8>"$dir/lock"
  flock 8
  if [ ! -e "$dir/ready" ]; then
    rm -rf "$dir/unpacked" "$dir/apt"
    fetch_kernel "$suite" "$dir"
    unpack_kernel "$dir"
    : >"$dir/ready"
  fi
  version=$(cat "$dir/version")
  vmlinux=$dir/vmlinux
  initrd=$dir/initrd.$(cat "$here/init" "$here/machine.sh" | cksum | cut -d' ' -f1)
  [ -e "$initrd" ] || make_initrd "$dir" "$initrd"
  exec 8>&-
}

fetch_kernel() {
  local suite=$1 dir=$2 key=/usr/share/keyrings/debian-archive-keyring.gpg package
  [ -r "$key" ] || fail "$key is missing: apt-get install debian-archive-keyring"
  echo "softroce: downloading a kernel from $suite (once)" >&2
  mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
  echo "deb [arch=amd64 signed-by=$key] http://deb.debian.org/debian $suite main" >"$dir/apt/sources"
  local options=(-qq -o "Dir::Etc::sourcelist=$dir/apt/sources" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache" -o APT::Sandbox::User=root
    -o Dir::State::status=/dev/null -o Acquire::Languages=none)
  apt-get "${options[@]}" update >&2 || fail "the package list of $suite cannot be had"
  package=$(apt-cache "${options[@]}" depends linux-image-amd64 |
    sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | awk 'NR == 1')
  [ -n "$package" ] || fail "no kernel in $suite"
  (cd "$dir/apt" && apt-get "${options[@]}" download "$package" >&2) || fail "cannot download $package"
  dpkg -x "$dir"/apt/linux-image-*.deb "$dir/unpacked"
  rm -rf "$dir/apt"
}

number_at() { od -An -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '; }

# The ELF image within the bzImage boots faster; its place is in the header of the boot protocol.
unpack_kernel() {
  local dir=$1 image at length
  image=$(echo "$dir"/unpacked/boot/vmlinuz-*)
  basename "$image" | sed 's/^vmlinuz-//' >"$dir/version"
  at=$((($(number_at "$image" 497 1) + 1) * 512 + $(number_at "$image" 584 4)))
  length=$(($(number_at "$image" 588 4) - 4)) # the size at the end is not part of the stream
  dd if="$image" of="$dir/payload" bs=1M iflag=skip_bytes,count_bytes skip="$at" count="$length" status=none
  case $(od -An -N 4 -t x1 "$dir/payload" | tr -d ' ') in
    fd377a58) xz -dc <"$dir/payload" >"$dir/vmlinux" ;;
    28b52ffd) zstd -dc <"$dir/payload" >"$dir/vmlinux" ;;
    1f8b*) gzip -dc <"$dir/payload" >"$dir/vmlinux" ;;
    *) fail "$image is compressed in a way that is not known here" ;;
  esac
  rm "$dir/payload"
  PATH=$PATH:/sbin:/usr/sbin depmod -b "$dir/unpacked" "$(cat "$dir/version")"
}

make_initrd() {
  local dir=$1 to=$2 root=$1/root module file
  rm -rf "$root" "$dir"/initrd.*
  mkdir -p "$root"/{bin,modules,proc,sys,dev,lower,layer,new}
  cp /bin/busybox "$root/bin/"
  cp "$here/init" "$root/init"
  chmod 755 "$root/init"
  for module in "${modules[@]}"; do
    PATH=$PATH:/sbin:/usr/sbin modprobe -d "$dir/unpacked" -S "$(cat "$dir/version")" \
      --show-depends "$module" 2>/dev/null || fail "no module $module in $(cat "$dir/version")"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$dir/order"
  : >"$root/modules/order"
  while IFS= read -r file; do
    module=$(basename "$file" .xz)
    case $file in
      *.xz) xz -dc "$file" >"$root/modules/$module" ;;
      *) cp "$file" "$root/modules/$module" ;;
    esac
    echo "$module" >>"$root/modules/order"
  done <"$dir/order"
  (cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$to.new"
  mv "$to.new" "$to"
  rm -rf "$root"
}

choose_acceleration() {
  if [ -n "${LEGO_SOFTROCE_ACCEL:-}" ]; then
    echo "$LEGO_SOFTROCE_ACCEL"
  elif [ -w /dev/kvm ] && [ ! -e "$cache/kvm-hangs" ]; then
    echo kvm
  else
    echo tcg
  fi
}

# start_machines ACCEL COMMAND...
start_machines() {
  local accel=$1 node
  shift
  machines=()
  for node in $(seq "$nodes"); do
    rm -rf "$work/share.$node"
    mkdir -p "$work/share.$node"
    cp "$here/guest" "$work/share.$node/guest"
    printf '%q ' "$@" >"$work/share.$node/command"
    {
      printf 'directory=%q\n' "$PWD"
      printf 'export SOFTROCE_NODE=%q SOFTROCE_NODES=%q\n' "$node" "$nodes"
      [ -z "${JAVA_HOME:-}" ] || printf 'export JAVA_HOME=%q\n' "$JAVA_HOME"
      # compiling well takes emulated processors longer than what is compiled
      [ "$accel" != tcg ] || echo 'export LEGO_JVM_ARGS=-XX:TieredStopAtLevel=1'
      printf 'export HOME=%q PATH=%q\n' "${HOME:-/root}" "$PATH:/usr/sbin:/sbin"
      env | sed -n 's/^\(LEGO_[A-Z_]*\)=.*/\1/p' | while read -r name; do
        printf 'export %s=%q\n' "$name" "${!name}"
      done
    } >"$work/share.$node/environment"
    start_machine "$accel" "$node"
  done
}

start_machine() {
  local accel=$1 node=$2 network=() extra=() cpus=2
  [ "$nodes" = 1 ] || cpus=1
  # Emulated processors must take turns: with several host threads a JVM crashes at code it rewrites.
  [ "$accel" = kvm ] || extra=(-accel tcg,thread=single)
  [ "$accel" != kvm ] || extra=(-accel kvm)
  if [ "$nodes" -gt 1 ]; then
    network=(-netdev "socket,id=n0,mcast=230.76.7.$((BASHPID % 250 + 1)):$((20000 + $$ % 20000)),localaddr=127.0.0.1"
      -device "virtio-net-pci,netdev=n0,mac=52:54:00:4c:45:0$node,romfile=")
  else
    network=(-nic none)
  fi
  [ -z "$share" ] || extra+=(-fsdev "local,id=out,path=$share,security_model=none"
    -device virtio-9p-pci,fsdev=out,mount_tag=out)
  : >"$work/stdout.$node"
  : >"$work/stderr.$node"
  qemu-system-x86_64 -M q35 -cpu max -smp "$cpus" -m "${LEGO_SOFTROCE_MEMORY:-3072}" \
    -nodefaults -no-user-config -display none -no-reboot "${extra[@]}" "${network[@]}" \
    -kernel "$vmlinux" -initrd "$initrd" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable clocksource=tsc softroce.node=$node softroce.nodes=$nodes" \
    -serial "file:$work/console.$node" \
    -fsdev local,id=root,path=/,readonly=on,security_model=none,multidevs=remap \
    -device virtio-9p-pci,fsdev=root,mount_tag=root \
    -fsdev "local,id=share,path=$work/share.$node,security_model=none" \
    -device virtio-9p-pci,fsdev=share,mount_tag=share \
    -device virtio-serial-pci \
    -chardev "file,id=stdout,path=$work/stdout.$node" -device virtserialport,chardev=stdout,name=stdout \
    -chardev "file,id=stderr,path=$work/stderr.$node" -device virtserialport,chardev=stderr,name=stderr \
    -device virtio-rng-pci </dev/null >"$work/qemu.$node" 2>&1 &
  machines+=($!)
  disown
}

stop_machines() {
  local pid
  for pid in "${machines[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  machines=()
}

# Ready is when every machine has its device. KVM that works does this in a few seconds.
await_ready() {
  local until=$((SECONDS + 120)) node
  [ "$1" != kvm ] || until=$((SECONDS + 20))
  for node in $(seq "$nodes"); do
    until [ -e "$work/share.$node/ready" ]; do
      kill -0 "${machines[$((node - 1))]}" 2>/dev/null || return 1
      [ "$SECONDS" -lt "$until" ] || return 1
      sleep 0.1
    done
  done
}

follow_output() {
  tail -q -s 0.1 -n +1 -f "$work/stdout.1" &
  tails+=($!)
  disown
  tail -q -s 0.1 -n +1 -f "$work/stderr.1" >&2 &
  tails+=($!)
  disown
}

# The followers have read all when their descriptor stands at the end.
end_output() {
  local pid file want at until=$((SECONDS + 10))
  for pid in "${tails[@]}"; do
    for file in stdout.1 stderr.1; do
      want=$(stat -c %s "$work/$file")
      while :; do
        at=
        for fd in /proc/"$pid"/fd/*; do
          [ "$(readlink "$fd" 2>/dev/null)" = "$work/$file" ] || continue
          at=$(sed -n 's/^pos:[[:space:]]*//p' "/proc/$pid/fdinfo/${fd##*/}")
        done
        [ -n "$at" ] && [ "$at" -lt "$want" ] && [ "$SECONDS" -lt "$until" ] || break
        sleep 0.05
      done
    done
  done
}
