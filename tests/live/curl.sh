#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/curl.gate: files come from and go to a server on this machine; what curl would
# never do is refused.
source "$(dirname "$0")/lib.sh"
need curl python3
is_clean curl
cd "$scratch"

# Serves the folder, takes what is PUT, and tells its port.
cat >server.py <<-'END'
	import http.server
	import sys

	class Handler(http.server.SimpleHTTPRequestHandler):
	    def do_PUT(self):
	        length = int(self.headers["Content-Length"])
	        with open("put", "wb") as file:
	            file.write(self.rfile.read(length))
	        self.send_response(201)
	        self.end_headers()

	    def log_message(self, *_):
	        pass

	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	print(server.server_port, flush=True)
	server.serve_forever()
END
mkfifo port
python3 server.py >port &
server=$!
cleanup 'kill "$server"; wait "$server" || true'
read -r port <port
url=http://127.0.0.1:$port
echo 'a page' >page
head -c 3000000 /dev/urandom >large

c() {
	under curl curl -sS --noproxy '*' --max-time 20 "$@" 2>&1
}

is 'gets a page' 'a page' "$(c "$url/page")"
is 'resolves a name, in a thread' 'a page' "$(c "http://localhost:$port/page")"
is 'writes a file' 0 "$(c "$url/large" -o got && cmp large got; echo $?)"
is 'makes folders and sets times' 0 "$(c --create-dirs -R -o new/folder/page "$url/page" &&
	test ! new/folder/page -nt page; echo $?)"
is 'gets several at once' 'a page a page' "$(c -Z "$url/page" -o one "$url/page" -o two >/dev/null &&
	echo $(cat one two))"
is 'limits its speed, shows its progress' 0 "$(under curl curl --noproxy '*' -# \
	--limit-rate 20M "$url/large" -o slow >/dev/null 2>&1; cmp large slow; echo $?)"
is 'uploads' 'a page' "$(c -T page "$url/put" && cat put)"
is 'keeps cookies' 1 "$(c -c jar -o one "$url/page" && grep -c '^# Netscape' jar)"
is 'reads a local file' 'a page' "$(c "file://$PWD/page")"
is 'says that a page is missing' 404 "$(c -o one -w '%{http_code}' "$url/missing")"
is 'says that nobody is there' 7 "$(c http://127.0.0.1:1/ >/dev/null || echo $?)"
is 'says that TLS fails' 35 "$(c -k "https://127.0.0.1:$port/" >/dev/null || echo $?)"

refuses curl EAFNOSUPPORT socket 16 3 0
refuses curl EAFNOSUPPORT socket 2 3 1
refuses curl EPERM listen 3 1
refuses curl EPERM execve /bin/true 0 0
refuses curl EPERM clone 17
refuses curl ENOSYS clone3
refuses curl EPERM setsockopt 3 270 1 0 0
refuses curl EPERM mprotect 0 4096 5
refuses curl EPERM fchmodat -100 "$scratch/page" 0755
dies curl ptrace
dies curl mount a b c 0 0
done_testing
