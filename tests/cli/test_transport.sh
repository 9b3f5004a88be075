#!/bin/bash
# The main job over a real sshd and over git-http-backend, at hubs whose hooks judge every push; what
# stock git makes of it.
. "$(dirname "$0")/lib.sh"
# libgit2 1.5.1 leaks a path at every ssh connection; leaks of ours are looked for in tests/git, where telling
# the two apart costs less
export ASAN_OPTIONS=detect_leaks=0
. "$HERE/servers.sh"
printf 'anna:s3cret\n' >users; printf 's3cret\n' >password
serve_ssh; serve_http "$T/users"
export AKT_HTTP_USER=anna AKT_HTTP_PASSWORD_FILE=$T/password
declare -A url=([ssh]=ssh://$SSH_AT$T/ssh.git [http]=http://$HTTP_AT$T/http.git)

machine anna
as anna --json init "$T/anna" --name Apiary --language en --schema "$TOY/schema" >init.json
FINGERPRINT=$(json 'd["fingerprint"]' <init.json)
as anna team apiary --add anna >/dev/null

# --- the main job, over both
for way in ssh http; do
	"$AKT" hub "$T/$way.git" >/dev/null
	as anna remote add $way "${url[$way]}" >/dev/null
	run anna sync $way
	is "$way: the first push fills the hub" "$rc $err" '0 '
	machine "b$way"
	as anna member add "$T/b$way.card" --role staff --team unit --team apiary >/dev/null
	run anna sync $way
	is "$way: sync" "$rc $err" '0 '
	run "b$way" join "${url[$way]}" "$T/b$way" --fingerprint "$FINGERPRINT"
	is "$way: join" "$rc $err" '0 '
	hive=$(as anna new hive --set name=North --set site=hill --set count=1)
	as anna sync $way >/dev/null; as "b$way" sync >/dev/null
	as anna set "$hive" site=moor >/dev/null
	as "b$way" set "$hive" count=2 >/dev/null
	as anna sync $way >/dev/null
	run "b$way" sync
	is "$way: two edits of one record" "$rc $err" '0 '
	as anna sync $way >/dev/null
	is "$way: both stand" "$(as anna --json show "$hive" | json 'd["data"]["count"], d["data"]["site"]')" '[2, "moor"]'
	for m in anna "b$way"; do (as $m set "$hive" "name=$m" >/dev/null; as $m sync $([ $m = anna ] && echo $way) >"$m.once" 2>&1; echo $? >>"$m.once") & jobs+=($!); done
	wait "${jobs[@]}"; jobs=()
	is "$way: at the same moment" "$(tail -qn 1 anna.once "b$way.once" | sort -u | tr '\n' ' ' | grep -Ex '(0 |0 1 |1 )')" "$(tail -qn 1 anna.once "b$way.once" | sort -u | tr '\n' ' ')"
	as anna sync $way >/dev/null; as "b$way" sync >/dev/null
	is "$way: one head in the end" "$(git -C anna rev-parse main) $(git -C "b$way" rev-parse main)" "$(git -C $way.git rev-parse main) $(git -C $way.git rev-parse main)"
	run "b$way" verify --content --full
	is "$way: all of it verifies" "$rc" 0
	as anna set "$hive" name=North >/dev/null; as anna sync $way >/dev/null
done

# --- what the hook says to stock git
for way in ssh http; do
	rm -rf clone
	from=${url[$way]}
	[ $way = ssh ] || from=http://anna:s3cret@$HTTP_AT$T/http.git
	git clone -q "$from" clone 2>clone.err
	is "$way: stock git clones it" "$(git -C clone rev-parse HEAD)" "$(git -C $way.git rev-parse main)"
	git -C clone config user.name eve; git -C clone config user.email eve@x
	git -C clone commit -q --allow-empty -m 'akt: set'
	git -C clone push -q origin main >push 2>&1; rc=$?
	is "$way: a commit by stock git is refused" "$rc" 1
	has "$way: in the hook's words" "$(sed -E 's/ *$//; s/[0-9a-f]{12}/COMMIT12/g' push)" "remote: akt: commit COMMIT12, rule format: the author's address is not \`handle@store\` of the same handle."
	was=$(git -C $way.git rev-parse main)
	git -C clone reset -q --hard origin/main~2
	fails "$way: the hub does not go back" git -C clone push -q -f origin main
	fails "$way: it loses no branch" git -C clone push -q origin :main
	fails "$way: it takes no other branch" git -C clone push -q origin HEAD:refs/heads/other
	fails "$way: its keys do not go" git -C clone push -q origin :refs/akt/keys
	is "$way: and stands where it stood" "$(git -C $way.git rev-parse main; git -C $way.git for-each-ref --format='%(refname)' | grep -v devices | tr '\n' ' ')" "$was
refs/akt/keys refs/heads/main "
done

# --- stock git verifies every signature
as anna sync ssh >/dev/null
git clone -q ssh.git stock 2>/dev/null
git -C stock config gpg.ssh.allowedSignersFile "$T/stock/allowed_signers"
# the root is in its own list; recovery has signed nothing
is 'git log --show-signature: every commit Good' "$(git -C stock log --format='%G?' | sort | uniq -c | awk '{print $2}')" G
is 'by whom it says' "$(git -C stock log --format='%GS' | sort -u | sed 's/@.*//' | tr '\n' ' ')" 'anna bhttp bssh '
is 'author, committer, signer are one' "$(git -C stock log --format='%an %cn %GS %ae' | awk '{s = $3; sub(/@.*/, "", s); if ($1 != $2 || $1 != s || $4 != $3) print}')" ''
succeeds 'git verify-commit' git -C stock verify-commit HEAD
succeeds 'git fsck' git -C stock fsck --strict
run '' -C "$T/stock" verify --fingerprint "$FINGERPRINT"
is 'akt verifies the stock clone, without an identity' "$rc" 0

# --- servers that fail
as anna remote add nowhere "ssh://$SSH_AT$T/nothing.git" >/dev/null
run anna sync nowhere
gives 'ssh: no such repository' 6 '' "akt: there is no repository at the hub's address"
echo wrong >password
run anna sync http
gives 'http: a wrong password' 6 '' 'akt: the hub refused the login; check AKT_HTTP_USER and AKT_HTTP_PASSWORD_FILE, or the address'
ssh-keygen -q -t ed25519 -N '' -f other; echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 other.pub)" >.ssh/known_hosts
run anna sync ssh
is 'ssh: another host key' "$rc" 6
has 'ssh: and why' "$err" 'key'
kill "${pids[@]}" 2>/dev/null; wait "${pids[@]}" 2>/dev/null; pids=()
run anna sync ssh
is 'ssh: nobody there' "$rc" 6
run anna new hive --set name=Offline
is 'work goes on without' "$rc" 0

# --- whose certificates are believed: the system's, or those of a file
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
"$PYTHON" -c 'import http.server, ssl
s = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.maximum_version = ssl.TLSVersion.TLSv1_2  # all that libgit2 on mbedTLS 2 speaks
c.load_cert_chain("tls.crt", "tls.key")
s.socket = c.wrap_socket(s.socket, server_side=True)
print(s.server_address[1], file=open("tls.port.new", "w"), flush=True)
import os; os.rename("tls.port.new", "tls.port")
s.serve_forever()' 2>/dev/null &
pids+=($!)
for _ in $(seq 100); do [ -s tls.port ] && break; sleep 0.05; done
as anna remote add tls "https://localhost:$(cat tls.port)/none.git" >/dev/null
run anna sync tls
gives 'https: a certificate that nobody vouches for' 6 '' "akt: the hub's certificate cannot be verified; it is not used"
SSL_CERT_FILE=$T/tls.crt run anna sync tls
gives 'https: one that somebody does' 6 '' "akt: there is no repository at the hub's address"
SSL_CERT_FILE=$T/nothing.crt run anna sync tls
gives 'https: nobody to vouch for it' 6 '' "akt: the hub's certificate cannot be verified; it is not used"
finish
