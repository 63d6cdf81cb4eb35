#!/usr/bin/env bash
# The service behind nginx, by the example of the operator's guide: pages, a WebSocket, an event stream, addresses of
# clients, and secrets in paths. Needs nginx and curl: tests/proxies/nginx.sh target/debug/w4r
set -euo pipefail
w4r=$(realpath "$1")
example=$(realpath "$(dirname "$0")/../../graphql/hosting/nginx.conf")
folder=$(mktemp -d)
service= proxy=
clean() {
    [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap clean EXIT
fail() { echo "nginx: $*" >&2; exit 1; }

cd "$folder"
# A few requests of one address are more than its budget: whose budget it is shows who the client was.
"$w4r" demo --listen 127.0.0.1:0 --metrics-listen public --client-ip-header X-Forwarded-For --cost-per-minute 100 \
    >out 2>err &
service=$!
upstream=
for _ in $(seq 600); do
    upstream=$(sed -n "s|.*http://\([0-9.:]*\)/\$|\1|p" out 2>/dev/null | head -n 1 || true)
    [ -z "$upstream" ] || break
    sleep 0.1
done
[ -n "$upstream" ] || fail "the service does not start: $(cat err)"
front=127.0.0.1:${NGINX_PORT:-18080}
sed -e "s/listen 80;/listen $front;/" -e "s/127.0.0.1:8080/$upstream/" "$example" >example.conf
cat >nginx.conf <<EOF
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/error.log;
events {}
http {
    access_log $folder/access.log;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    include $folder/example.conf;
}
EOF
nginx -c "$folder/nginx.conf" &
proxy=$!
for _ in $(seq 100); do
    status=$(curl -s -o /dev/null -w '%{http_code}' "http://$front/readyz" || true)
    [ "$status" != 200 ] || break
    sleep 0.1
done
[ "$status" = 200 ] || fail "no page comes through: $status"

# A WebSocket is opened and acknowledges its start.
python3 - "$front" <<'EOF'
import os, socket, struct, sys
host, port = sys.argv[1].split(":")
s = socket.create_connection((host, int(port)), timeout=30)
s.sendall((f"GET /graphql/ws HTTP/1.1\r\nHost: w4r.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n").encode())
read = b""
while b"\r\n\r\n" not in read:
    read += s.recv(4096)
assert read.startswith(b"HTTP/1.1 101"), read
text, mask = b'{"type":"connection_init"}', os.urandom(4)
s.sendall(bytes([0x81, 0x80 | len(text)]) + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(text)))
read = read.split(b"\r\n\r\n", 1)[1]
while b"connection_ack" not in read:
    more = s.recv(4096)
    assert more, read
    read += more
EOF

# An event stream tells the total at once, although it goes on.
stream() { curl -s -N --max-time 30 -H 'Accept: text/event-stream' -H 'Content-Type: application/json' \
    -d '{"query":"subscription { total(edition: 2021) { total { letters } } }"}' "http://$front/graphql/stream"; }
{ stream || true; } | grep -q -m 1 '"letters"' || fail "no event comes through"

# The budget is that of the address that nginx saw, whatever a client writes into the header.
ask() { curl -s -o /dev/null -H 'Accept: application/graphql-response+json' -w '%{http_code}\n' -H 'Content-Type: application/json' -H "X-Forwarded-For: 192.0.2.$1" \
    -d '{"query":"{ of'"$1"': edition(year: 2021) { cases(first: 100) { nodes { slug total { letters } } } } }"}' \
    "http://$front/graphql"; }
answers=$(for number in $(seq 20); do ask "$number"; done)
grep -q 429 <<<"$answers" || fail "a client chooses its address: $answers"

# Secrets in paths are in no log, and metrics are for the machine.
curl -s -o /dev/null "http://$front/unsubscribe/a-secret"
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$front/metrics")" = 404 ] || fail "metrics are public"
if grep -q a-secret access.log; then fail "a secret is in the log"; fi
echo "nginx: pages, WebSocket, event stream, addresses, secrets"
