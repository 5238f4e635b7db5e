title='memcached filled, read and read again by a client'
packages='memcached python3'

run() {
  mkdir open
  chmod 777 open
  memcached -u nobody -m 64 -s "$PWD/open/socket" -a 777 -t 2 &
  server=$!
  /usr/bin/python3 -c '
import socket, time
for attempt in range(100):
    try:
        s = socket.socket(socket.AF_UNIX); s.connect("open/socket"); break
    except OSError:
        time.sleep(0.1)
f = s.makefile("rwb")
value = lambda i: (b"%d " % i) * (200 + i % 300)
for i in range(20000):
    v = value(i); f.write(b"set k%d 0 0 %d noreply\r\n%s\r\n" % (i, len(v), v))
f.flush()
hits = wrong = 0
for i in range(0, 20000, 3):
    f.write(b"get k%d\r\n" % i); f.flush()
    line = f.readline()
    if line.startswith(b"VALUE"):
        data = f.read(int(line.split()[3]) + 2)[:-2]; f.readline(); hits += 1; wrong += data != value(i)
print("hits", hits, "wrong", wrong)' || echo "its client ended with $?"
  kill $server
  wait $server
  echo "ended with $?"
}
