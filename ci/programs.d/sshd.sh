title='sshd on loopback: logins with a key, a command, a file'
packages='openssh-server openssh-client'
core=yes

setup() {
  ssh-keygen -q -t ed25519 -N '' -f host
  ssh-keygen -q -t ed25519 -N '' -f user
  cp user.pub keys
  seq 100000 >numbers
  mkdir -p /run/sshd
}

run() {
  cat >conf <<TEXT
Port 18082
ListenAddress 127.0.0.1
HostKey $work/host
AuthorizedKeysFile $work/keys
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
TEXT
  /usr/sbin/sshd -D -f "$PWD/conf" -E "$PWD/log" &
  server=$!
  login() {
    ssh -n -p 18082 -i "$work/user" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
      -o UserKnownHostsFile="$PWD/known" -F none "$(id -un)@127.0.0.1" "$@"
  }
  tries=0
  until login true 2>/dev/null || [ $tries = 50 ]; do sleep 0.2; tries=$((tries + 1)); done
  login 'echo logged in as $(id -un)'
  login "sort -rn $work/numbers" | md5sum
  login 'exit 7' || echo "status $?"
  kill $server
  wait $server
  echo "ended with $?"
}
