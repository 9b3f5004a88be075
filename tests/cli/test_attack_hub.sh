#!/bin/bash
# Attacks by whoever keeps the hub, or may push to it: refs, grafts and the like; packs that lie about what they
# hold; key files; what is too large or too deep; histories shown to one and not the other; dates.
. "$(dirname "$0")/lib.sh"
. "$HERE/attack.sh"
apiary
file=$(path_of "$hive") dossier=$(dossier_of "$hive") file2=$(path_of "$other")
sealed new.age
push() { git -C lie.git push -f "$T/hub.git" "$1" 2>&1 | sed -n 's/^remote: \(akt: .*[^ ]\) *$/\1/p' | norm; }

# --- refs: main, the keys, the devices' own, what waits; nothing else
for ref in refs/heads/other refs/tags/v1 refs/notes/commits refs/replace/$honest refs/akt/in/hub refs/akt/out/hub refs/akt/hub/x/main refs/akt/keys2 refs/main; do
	is "a hub takes no $(norm <<<"$ref")" "$(push "$honest:$ref")" "akt: $(norm <<<"$ref"): a hub takes refs/heads/main, refs/akt/keys and the devices' own refs alone"
done
is 'nor a device of another name' "$(push "$honest:refs/akt/devices/x.pc")" 'akt: refs/akt/devices/x.pc: there is no such device, or it has been revoked'
is 'nor puts aside what nobody of that name did' "$(push "$honest:refs/akt/quarantine/eve.pc")" 'akt: refs/akt/quarantine/eve.pc: no device of that name belongs, or has belonged, to the store'
is "nor another's work" "$(push "$honest:refs/akt/quarantine/cleo.pc")" 'akt: refs/akt/quarantine/cleo.pc: the newest change is not signed by that device'
is 'nor loses its branch' "$(push :refs/heads/main)" 'akt: refs/heads/main: a hub deletes no ref'
is 'nor its keys' "$(push :refs/akt/keys)" 'akt: refs/akt/keys: a hub deletes no ref'
git -C lie.git update-ref refs/heads/other "$honest" && git -C lie.git tag v1 "$honest"
run cleo sync lie
gives 'what a folder holds besides is nobody'"'"'s concern' 0 'commits fetched: 0, pushed: 0; records merged: 0'
is 'and is not fetched' "$(git -C cleo for-each-ref --format='%(refname)' | grep -v '^refs/akt/\(devices/\|hub/\|completed\)' | tr '\n' ' ')" 'refs/heads/main '

# --- what would make git show another history than the objects say
cp -r hub.git other.git && as cleo remote add other "$T/other.git" >/dev/null
refused() { # NAME WORDS: by whoever opens it, as a hub, a copy, and one's own store
	local way
	AKT_IDENTITY=$T/nobody.id "$AKT" -C other.git verify >.out 2>.err
	is "$1: verify" "$? $(cat .out .err)" "5 $2
THE TRAIL DOES NOT HOLD"
	as cleo sync other >.out 2>.err
	is "$1: sync" "$? $(cat .err)" "5 akt: $2"
	BY=bo forge put "$file" new.age
	git -C lie.git push "$T/other.git" "$id:refs/heads/main" >.out 2>&1
	is "$1: a hub's hook" "$? $(sed -n 's/^remote: \(akt: .*[^ ]\) *$/\1/p' .out)" "1 akt: $2"
}
git -C other.git update-ref refs/replace/"$honest" "$(git -C other.git rev-parse main~1)"
refused 'replace refs' 'this repository has replace refs, which change its history; remove refs/replace'
git -C other.git update-ref -d refs/replace/"$honest"
mkdir -p other.git/info && echo "$honest $(git -C other.git rev-parse main~2)" >other.git/info/grafts
refused 'grafts' 'this repository has a grafts file, which changes its history; remove info/grafts'
rm other.git/info/grafts
git -C other.git rev-parse main~1 >other.git/shallow
refused 'a shallow file' 'this repository is shallow: part of its history is missing; clone it anew in full'
rm other.git/shallow

# --- objects under the names of others, in a pack whose index lies
cat >swap.py <<'END'
import glob, hashlib, struct, sys
idx = glob.glob(sys.argv[1] + '/objects/pack/*.idx')[0]
d = bytearray(open(idx, 'rb').read())
n = struct.unpack('>I', d[8 + 255 * 4:8 + 256 * 4])[0]
names = [bytes(d[1032 + i * 20:1052 + i * 20]).hex() for i in range(n)]
a, b = (names.index(x) for x in sys.argv[2:4])
for base in (1032 + n * 20, 1032 + n * 24):
    x, y = base + a * 4, base + b * 4
    d[x:x + 4], d[y:y + 4] = d[y:y + 4], d[x:x + 4]
d[-20:] = hashlib.sha1(bytes(d[:-20])).digest()
open(idx, 'wb').write(d)
END
swapped() { # NAME REV REV WORDS OF THE JOIN
	rm -rf other.git && git clone -q --mirror hub.git other.git && git -C other.git repack -qad && chmod -R u+w other.git
	"$PYTHON" swap.py other.git "$(git -C other.git rev-parse "$2")" "$(git -C other.git rev-parse "$3")"
	AKT_IDENTITY=$T/nobody.id "$AKT" -C other.git verify >.out 2>.err
	is "$1: verify" "$? $(grep -c ', rule damage: ' .out) $(grep '^commit ' .out | tail -n 1 | sed 's/^commit [0-9a-f]*, //')" \
		"5 $(grep -c '^commit ' .out) rule damage: $4. ${meaning[damage]}"
	rm -rf fresh; AKT_IDENTITY=$T/cleo.id "$AKT" join "$T/other.git" "$T/fresh" --fingerprint "$FINGERPRINT" >.out 2>.err
	is "$1: join" "$? $(norm <.err) $(ls -d fresh 2>/dev/null)" "5 $5 "
}
first=$(printf '%s\n' "$file" "$file2" | LC_ALL=C sort | head -n 1)
words='an object of the history is damaged (akt doctor fetches it again): its contents do not fit its id'
swapped 'a record under the name of another' "main:$file" "main:$file2" "$first: $words" 'akt: object COMMIT is damaged; akt doctor fetches it again'
swapped 'a folder under the name of another' "main:$dossier" "main:$(dirname "$file2")" "$(dirname "$first"): $words" 'akt: object COMMIT is damaged; akt doctor fetches it again'
swapped 'a change under the name of another' main main~1 'the commit is missing or unreadable; akt doctor fetches it again' 'akt: object COMMIT is damaged; akt doctor fetches it again'

# --- too large, too deep, too many
"$PYTHON" - <<'END'
# a tree that names 20,000 files, and one that names itself ten times over, forty times
import hashlib, os, sys, zlib
def write(kind, body):
    raw = b'%s %d\0' % (kind, len(body)) + body
    name = hashlib.sha1(raw).hexdigest()
    os.makedirs('lie.git/objects/' + name[:2], exist_ok=True)
    open('lie.git/objects/%s/%s' % (name[:2], name[2:]), 'wb').write(zlib.compress(raw, 1))
    return name
blob = bytes.fromhex(write(b'blob', b'x\n'))
many = write(b'tree', b''.join(b'100644 hive-%08d.yaml.age\0' % i + blob for i in range(20000)))
deep = write(b'tree', b'100644 f\0' + blob)
for i in range(40):
    deep = write(b'tree', b''.join(b'40000 %d\0' % k + bytes.fromhex(deep) for k in range(10)))
tower = write(b'tree', b'100644 f\0' + blob)
for i in range(5000):
    tower = write(b'tree', b'40000 d\0' + bytes.fromhex(tower))
open('trees', 'w').write('many=%s deep=%s tower=%s\n' % (many, deep, tower))
END
. ./trees
BY=bo forge sha "$dossier/sub" 40000 "$many"
strike 'a folder of 20,000 files' path "$dossier/sub/hive-00000000.yaml.age: no file of a store is named so"
BY=bo forge sha "$dossier/sub" 40000 "$deep"
strike 'a folder that holds itself ten times over, forty times' path "$dossier/sub/0/0/0/0: the history has folders nested too deeply"
BY=bo forge sha "$dossier/sub" 40000 "$tower"
SYNC='a tree is nested too deeply' strike 'a folder 5,000 deep' path "$dossier/sub/d/d/d/d: the history has folders nested too deeply"
"$PYTHON" - <<'END'
# a pack in which each of 9 small deltas doubles what it is made from: 64 KB become 32 MB
import hashlib, struct, zlib
def size(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])
def head(kind, n):
    out, n, b = b'', n >> 4, kind << 4 | n & 15
    while n:
        out, b, n = out + bytes([b | 128]), n & 127, n >> 7
    return out + bytes([b])
def back(n):
    out = bytes([n & 127])
    while n > 127:
        n = (n >> 7) - 1
        out = bytes([n & 127 | 128]) + out
    return out
n, pack = 1 << 16, b'PACK' + struct.pack('>II', 2, 10)
at, body = len(pack), bytes(1 << 16)
pack += head(3, n) + zlib.compress(body)
for i in range(9):
    ops, left, where = b'', n, 0
    while left:
        k = min(left, 0xffffff)
        ops += bytes([0xff]) + struct.pack('<I', where) + struct.pack('<I', k)[:3]
        where, left = where + k, left - k
    delta = size(n) + size(2 * n) + ops * 2
    here = len(pack)
    pack += head(6, len(delta)) + back(here - at) + zlib.compress(delta)
    at, n = here, 2 * n
open('bomb.pack', 'wb').write(pack + hashlib.sha1(pack).digest())
h = hashlib.sha1(b'blob %d\0' % n)
for _ in range(n >> 20):
    h.update(bytes(1 << 20))
open('bomb', 'w').write(h.hexdigest())
END
git -C lie.git index-pack --stdin <bomb.pack >/dev/null
BY=bo forge sha "$file" 100644 "$(cat bomb)"
strike 'a delta that grows to 32 MB' record "$file: this is not a file encrypted to one key"

# --- key files
before=$(git -C hub.git rev-parse refs/akt/keys)
mine=$(git -C lie.git ls-tree -r --name-only refs/akt/keys | grep "${dossier##*/}" | head -n 1)
theirs=$(git -C lie.git ls-tree -r --name-only refs/akt/keys | grep "$(basename "$(dirname "$file2")")" | head -n 1)
# $id: a commit of the keys, with one line of git's --index-info
key_index() {
	export GIT_INDEX_FILE=$T/keys.index GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
	git -C lie.git read-tree "$before" && git -C lie.git update-index --index-info <<<"$1"
	# shellcheck disable=SC2086
	id=$(git -C lie.git commit-tree -m keys ${PARENT-} "$(git -C lie.git write-tree)")
	unset GIT_INDEX_FILE GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
}
keys() { # NAME WORDS-OF-THE-HOOK WHAT-A-SYNC-GIVES LINE
	key_index "$4"
	is "$1: a hub's hook" "$(push "$id:refs/akt/keys")" "akt: $2"
	git -C lie.git update-ref refs/akt/keys "$id"
	run cleo sync lie
	is "$1: an honest machine" "$rc $err" "$3"
	is "$1: nobody took it" "$(git -C hub.git rev-parse refs/akt/keys) $(git -C cleo/akt/keys.git rev-parse 'refs/akt/keys^{tree}')" "$before $(git -C hub.git rev-parse "$before^{tree}")"
	git -C lie.git update-ref refs/akt/keys "$before"
}
mask "${dossier##*/}" DOSSIER; mask "$(basename "$(dirname "$file2")")" DOSSIER2
blob=$(git -C lie.git rev-parse "$before:$theirs") none=0000000000000000000000000000000000000000
dir=$(dirname "$mine") hubs='akt: the hub is refused, and nothing of it taken: '
keys 'a key file under the name of another' 'dossier DOSSIER: a key file is not the one it is named' "5 ${hubs}dossier DOSSIER: a key file is not the one it is named" "100644 $blob	$mine"
keys 'a key file missing: the others have it' 'key files that are still needed would disappear' '0 ' "0 $none	$mine"
keys 'a file that is no key' 'a path among the keys is none of a key file' "5 ${hubs}a path among the keys is none of a key file" "100644 $(echo x | git -C lie.git hash-object -w --stdin)	$dir/README"
PARENT="-p $before" keys 'keys with a history' "the keys' commit has a parent; it must stand alone" "5 ${hubs}the keys' commit has a parent; it must stand alone" "100644 $blob	$theirs"
# keys come before the history that names them, so what nobody names may come too: it opens nothing
key_index "100644 $blob	$dir/${theirs##*/}"
is "another dossier's key file beside a dossier's own: taken by the hub" "$(push "$id:refs/akt/keys")" ''
run cleo sync hub
is 'by who syncs' "$rc $err" '0 '
is 'and of no use to anybody' "$(as cleo --json show "$hive" | json 'd["data"]["name"]') $(as cleo verify >/dev/null; echo $?)" 'North 0'

# --- one history for one, another for the other
cp -r hub.git fork.git
as bo set "$hive" count=11 >/dev/null && as bo sync >/dev/null
mv hub.git hub.bo && mv fork.git hub.git
as cleo set "$hive" site=fork >/dev/null && as cleo sync hub >/dev/null
run bo sync
is 'history forked: whoever sees both puts them together' "$rc $err" '0 '
is 'and nothing of either is lost' "$(as bo --json show "$hive" | json 'd["data"]["count"], d["data"]["site"]')" '[11, "fork"]'
# a member's own last change, taken back with all good signatures
lost=$(git -C hub.git rev-parse main)
as cleo sync hub >/dev/null
git -C hub.git update-ref refs/heads/main main~1
run cleo sync hub
gives 'history dropped by whoever may write to a folder hub: it is given back' 0 'commits fetched: 0, pushed: 2; records merged: 0
note: the hub had gone back behind what it held before; it is given back what it lost' ''
is 'as it was' "$(git -C hub.git rev-parse main)" "$lost"

# --- wrong dates: not refused, since clocks go wrong; told
honest=$lost && git -C lie.git fetch -q ../hub.git main && git -C lie.git update-ref refs/heads/main "$honest"
BY=bo forge --time 7258118400 put "$file" new.age
BY=bo forge --parent "$id" --time "$(date +%s)" put "$file2" new.age
git -C lie.git update-ref refs/heads/main "$id"
AKT_IDENTITY=$T/nobody.id "$AKT" -C lie.git verify >.out 2>.err
is 'wrong dates: verify tells' "$? $(grep "${id:0:12}" .out)" "0 note: commit ${id:0:12}: dated more than 5 minutes before the change that it follows"
rm -rf cleo.new && cp -r cleo cleo.new && cp cleo.id cleo.new.id
as cleo.new sync lie >/dev/null
run cleo.new new hive --set name=Later
is 'and work goes on' "$rc $err" '0 '
finish
