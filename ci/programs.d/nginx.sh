title='nginx with two workers, and ab'
packages='nginx-light apache2-utils curl'
core=yes

setup() {
  mkdir html
  seq 200000 >html/numbers
  echo hello >html/hello
  chmod -R a+rX .
}

run() {
  mkdir logs
  cat >conf <<TEXT
worker_processes 2;
pid $PWD/pid;
error_log $PWD/logs/error;
events { worker_connections 200; }
http {
  access_log off;
  client_body_temp_path $PWD/body; proxy_temp_path $PWD/proxy; fastcgi_temp_path $PWD/fastcgi;
  uwsgi_temp_path $PWD/uwsgi; scgi_temp_path $PWD/scgi;
  server { listen 127.0.0.1:18081; root $work/html; gzip on; gzip_types *; }
}
TEXT
  nginx -p "$PWD" -c "$PWD/conf" -g 'daemon off;' &
  server=$!
  tries=0
  until curl -s -o first http://127.0.0.1:18081/hello || [ $tries = 100 ]; do sleep 0.2; tries=$((tries + 1)); done
  cat first
  curl -s http://127.0.0.1:18081/numbers | md5sum
  curl -s --compressed http://127.0.0.1:18081/numbers | md5sum
  curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:18081/nothing
  ab -q -n 2000 -c 20 http://127.0.0.1:18081/hello | grep -E 'Complete|Failed|Non-2xx'
  ab -q -n 200 -c 10 -k http://127.0.0.1:18081/numbers | grep -E 'Complete|Failed|Non-2xx'
  nginx -p "$PWD" -c "$PWD/conf" -s reload
  curl -s http://127.0.0.1:18081/hello
  kill -QUIT $server
  wait $server
  echo "ended with $?"
}
