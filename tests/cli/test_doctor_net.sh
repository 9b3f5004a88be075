#!/bin/bash
# doctor over ssh and http: what is damaged here is fetched again from a hub that is no folder, and where that cannot be
# reached, or is not what it should be, nothing gets worse.
. "$(dirname "$0")/lib.sh"
# libgit2 1.5.1 leaks a path at every ssh connection
export ASAN_OPTIONS=detect_leaks=0
. "$HERE/servers.sh"
printf 'anna:s3cret\n' >users; printf 's3cret\n' >password
serve_ssh; serve_http "$T/users"
export AKT_HTTP_USER=anna AKT_HTTP_PASSWORD_FILE=$T/password
declare -A url=([ssh]=ssh://$SSH_AT$T/hub.git [http]=http://$HTTP_AT$T/hub.git)

unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
h1=$(as anna new hive --set name=North --set count=1) h2=$(as anna new hive --set name=South)
as anna set "$h1" count=2 >/dev/null
as anna sync >/dev/null; as bo sync >/dev/null; as anna sync >/dev/null
as anna set "$h2" notes=unsynced >/dev/null # of this change the hub has nothing
all() { as anna list; as anna show "$h1"; as anna show "$h2"; }
want=$(all) head=$(git -C anna rev-parse main)
rm anna/akt/remotes.yaml; rm -rf anna.whole; cp -a anna anna.whole
again() { rm -rf anna; cp -a anna.whole anna; as anna remote add hub "${url[$way]}" >/dev/null; }
object() { printf 'anna/objects/%s/%s' "${1:0:2}" "${1:2}"; }
flip() {
	chmod u+w "$1"
	"$PYTHON" -c 'import sys
f = open(sys.argv[1], "r+b"); b = bytearray(f.read()); b[len(b) // 2] ^= 255; f.seek(0); f.write(b)' "$1"
}
whole() {
	is "$1: all is well" "$rc $(tail -n 1 .out)" '0 All is well.'
	is "$1: the records are as they were, the last too" "$(all 2>&1) $(git -C anna rev-parse main)" "$want $head"
	is "$1: the trail holds" "$(as anna verify --full --content 2>&1 | tail -n 1)" 'The trail holds.'
	run anna doctor
	is "$1: nothing is left, nothing lies aside" "$rc $(find anna -name 'aside' -o -name 'akt-incoming-*')" '0 '
}
synced=$(git -C anna rev-parse main~1)
path=$(git -C anna ls-tree -r --name-only main | grep "$h1")
blob=$(git -C anna rev-parse "main~1:$path") tree=$(git -C anna rev-parse "main~1:$(dirname "$path")")
[ "$(git -C hub.git rev-parse main)" = "$synced" ] || nok 'the hub lacks the last change alone'

for way in ssh http; do
	again
	flip "$(object "$blob")"; rm -f "$(object "$tree")"; flip "$(object "$synced")"
	run anna show "$h1"
	is "$way: a damaged record is said to be" "$rc" 5
	run anna doctor
	is "$way: record, folder and change" "$(grep -c '\[mended\]' .out)" 3
	whole "$way: record, folder and change"

	again
	rm -rf anna/akt/keys.git
	run anna doctor
	whole "$way: the keys' repository"
	again
	for f in anna/akt/keys.git/objects/*/*; do flip "$f"; done
	: >anna/akt/keys.git/refs/akt/keys
	run anna doctor
	whole "$way: every key"

	again
	as anna gc >/dev/null
	pack=$(ls anna/objects/pack/*.pack)
	flip "$pack"; rm -f "${pack%.pack}.idx"
	run anna doctor
	is "$way: a pack that holds what the hub lacks too" "$(git -C anna fsck --strict --no-dangling 2>&1 | grep -c '^error\|^fatal\|corrupt')" 0

	again
	flip "$(object "$blob")"
	rm anna/akt/remotes.yaml
	run anna doctor
	is "$way: no hub is known" "$rc" 5
	has "$way: and it says so" "$out" 'there is no copy to fetch from: name a hub'
	run anna doctor --from "${url[$way]}"
	whole "$way: one that is named"
done

# --- hubs that are out of reach, or not what they should be: said, and nothing gets worse
refuses() { # 'name' REASON
	flip "$(object "$blob")"
	run anna doctor
	is "$1: what is damaged stays damaged" "$rc $(tail -n 1 .out)" '5 DAMAGE IS LEFT'
	has "$1: why" "$out" "hub was not asked: $2"
	has "$1: what to do" "$out" 'what is left may lie in a copy that was out of reach: run akt doctor again when it is there'
	is "$1: the others can be read" "$(as anna show "$h2")" "$(sed -n '/^akt: 1/,$p' <<<"$want" | awk '/^akt: 1/ {n++} n == 2')"
	run anna doctor --from bo
	whole "$1: a colleague helps"
}
way=http; again
echo wrong >password
refuses 'a wrong password' 'the hub refused the login'
echo s3cret >password
way=ssh; again
cp .ssh/known_hosts known; ssh-keygen -q -t ed25519 -N '' -f other
echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 other.pub)" >.ssh/known_hosts
refuses 'another host key' ''
cp known .ssh/known_hosts
for way in ssh http; do
	again
	mv hub.git hub.away; mkdir hub.git
	refuses "$way: no repository there" "there is no repository at the hub's address"
	rmdir hub.git; mv hub.away hub.git
done
# the hub is damaged in the same place
cp -a hub.git hub.whole
chmod u+w hub.git/objects/"${blob:0:2}"/"${blob:2}" 2>/dev/null && printf XXXX | dd of=hub.git/objects/"${blob:0:2}"/"${blob:2}" bs=1 seek=60 conv=notrunc 2>/dev/null ||
	nok 'the hub has the record as a file'
for way in ssh http; do
	again
	flip "$(object "$blob")"
	run anna doctor
	is "$way: a hub damaged in the same place: nothing is taken from it" "$rc $(tail -n 1 .out)" '5 DAMAGE IS LEFT'
	run anna doctor --from bo
	whole "$way: a hub damaged in the same place: a colleague helps"
done
rm -rf hub.git; mv hub.whole hub.git
kill "${pids[@]}" 2>/dev/null; wait "${pids[@]}" 2>/dev/null; pids=()
for way in ssh http; do
	again
	refuses "$way: nobody there" ''
done
finish
