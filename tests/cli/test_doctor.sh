#!/bin/bash
# doctor: what is damaged on the disk is found, named and fetched again; nothing gets worse.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
as anna sync >/dev/null
for i in 1 2 3 4; do eval "h$i=\$(as anna new hive --set name=Hive$i --set count=$i)"; done
as anna set "$h1" count=10 >/dev/null
as anna sync >/dev/null; as bo sync >/dev/null; as anna sync >/dev/null; as bo sync >/dev/null
all() { as "$1" list; for r in $h1 $h2 $h3 $h4; do as "$1" show "$r"; done; }
want=$(all anna)
cp -a anna anna.whole
again() { rm -rf anna; cp -a anna.whole anna; }
object() { printf '%s/objects/%s/%s' "$1" "${2:0:2}" "${2:2}"; }
# Overwrites a byte in the middle (or at $2) by its complement.
flip() {
	local at=${2:-$(($(stat -c %s "$1") / 2))}
	chmod u+w "$1"
	"$PYTHON" -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(int(sys.argv[2])); b = f.read(1)[0]; f.seek(int(sys.argv[2])); f.write(bytes([b ^ 255]))' "$1" "$at"
}
whole() { # 'name' MACHINE: all of it can be read and proved
	is "$1: the records are as they were" "$(all "$2" 2>&1)" "$want"
	is "$1: the trail holds" "$(as "$2" verify --full --content 2>&1 | tail -n 1)" 'The trail holds.'
	run "$2" doctor
	has "$1: nothing is left" "$rc $out" 'damaged: 0, mended: 0
All is well.'
	is "$1: nothing lies aside" "$(find "$2/akt" -name aside)" ''
}
tree_of() { git -C anna rev-parse "main:$1"; }
dossier() { as anna --json show "$1" | json 'd["dossier"]'; }
path_of() { local d; d=$(dossier "$1"); echo "records/${d:0:1}/${d:1:1}/$d/$1.yaml.age"; }

run anna doctor
gives 'a sound store' 0 "objects read: $(($(git -C anna rev-list --objects --all | wc -l) * 0 + $(sed -n 's/objects read: \([0-9]*\).*/\1/p' .out))); damaged: 0, mended: 0
All is well."
is 'as JSON' "$(as anna --json doctor | json 'sorted(d), d["ok"], d["damaged"], d["mended"], d["locks"]')" \
	'[["damaged", "locks", "mended", "notices", "objects", "ok"], true, [], [], []]'

# --- one object: record, folder, commit
blob=$(tree_of "$(path_of "$h2")") tree=$(tree_of "$(dirname "$(path_of "$h2")")") commit=$(git -C anna rev-parse main~1)
for what in blob tree commit; do
	flip "$(object anna "${!what}")"
done
run anna show "$h2"
has 'a damaged record is said to be, and what mends it' "$rc $err" '5 akt: '
has 'by name' "$err" 'akt doctor'
run anna show "$h3"
is 'the others can be read' "$rc" 0
run anna doctor --dry-run
is 'dry: found' "$rc" 5
is 'dry: each of them' "$(grep -c 'the object is damaged \[not mended\]' .out)" 3
has 'dry: and nothing changed' "$out" 'nothing was changed; akt doctor without --dry-run mends what can be mended'
is 'dry: nothing set aside' "$(find anna/akt -name aside)" ''
run anna doctor
is 'fetched again from the hub' "$rc $(tail -n 2 .out)" "0 objects read: $(sed -n 's/objects read: \([0-9]*\).*/\1/p' .out); damaged: 3, mended: 3
All is well."
whole 'objects' anna

# --- questions to the index: a record that does not open is missed aloud, and found again once it is mended
again
flip "$(object anna "$blob")"; rm -f anna/akt/index.db
lacks='akt: 1 record could not be opened, and is not in what is shown; run: akt check'
for i in 1 2; do
	run anna search Hive
	is "a damaged record: a search misses it aloud, time $i" "$rc $(wc -l <.out) $err" "5 4 $lacks"
	run anna --json sql 'SELECT name FROM hives ORDER BY name'
	is "a damaged record: a query misses it aloud, in JSON in the one document, time $i" \
		"$rc $(json '[x["name"] for x in d["partial"]], d["error"]["code"], d["error"]["messages"]' <.out) $err" \
		"5 [[\"Hive1\", \"Hive3\", \"Hive4\"], 5, [\"${lacks#akt: }\"]] "
	run anna todo --mine
	is "a damaged record: what one has to do oneself misses it aloud, time $i" "$rc $err" "5 $lacks"
	run anna --json todo
	is "a damaged record: all there is to do has it, time $i" "$rc $(json '[x["record"] for x in d if x["rule"] == "akt.damaged"]' <.out) $err" "0 [\"$h2\"] "
done
rm -f "$(object anna "$blob")"
for c in "show $h2" "set $h2 count=3" "export $h2 -o out"; do
	# shellcheck disable=SC2086
	run anna $c
	gives "a record whose file is gone is damage, not lack of access: $c" 5 '' 'akt: hive-ID: object COMMIT is missing; akt doctor fetches it again'
done
as anna doctor >/dev/null
run anna --json sql 'SELECT name FROM hives ORDER BY name'
is 'a damaged record: it is found again once it is mended' "$rc $(json '[x["name"] for x in d]' <.out)" '0 ["Hive1", "Hive2", "Hive3", "Hive4"]'
run anna list
is 'and listed' "$rc $err" '0 '

# --- whatever else is answered without a record that does not open says that it is
again
flip "$(object anna "$(tree_of "$(path_of "$h1")")")"
part='akt: not all could be read: hive-ID: object COMMIT is damaged; akt doctor fetches it again'
run anna conflicts
gives 'conflicts: a damaged record is not one without' 5 'no conflicts' "$part"
run anna log "$h1"
is 'log: beside a damaged version nothing looks emptied' "$rc $(grep -c ' → –$' <<<"$out") $(grep -c '^    count: – → 1$' <<<"$out") $err" "5 0 1 $part"
run anna diff "$h1"
gives 'diff' 5 '' "$part"
which='akt: hive-ID: object COMMIT is damaged; akt doctor fetches it again
akt: so it cannot be told by its title which record of the type is meant; give its id'
run anna set hive:Hive2 count=5
gives 'a title that a damaged record may have too names none' 5 '' "$which"
run anna set hive:Hive1 count=5
gives 'nor is one that only it can have unknown' 5 '' "$which"
run anna access --from bo --to anna
is 'handing over: what still names somebody may be in it' "$rc $err" "5 $part"
rm -f anna/akt/index.db
run anna generate spring --param on=2027-04-01 --dry-run
gives 'a generator makes nothing without it' 5 '' 'akt: 1 record could not be opened, and is not in what is shown; run: akt check'
again
as anna member role anna admin,staff,supervisor >/dev/null
approval=$(as anna --json approve "$h2" --why 'as it is' | json 'd["id"]')
flip "$(object anna "$(git -C anna rev-parse "main:$(path_of "$h2" | sed "s/$h2/$approval/")")")"
run anna show "$h2"
is 'an approval that does not open is not one that was never given' "$rc $(grep -c '^  name: Hive2' .out) $err" \
	"5 1 ${part/hive-ID/$approval}"
head=$(git -C anna rev-parse main)
run anna approve "$h2" --why 'once more'
is 'nor is another given without knowing what it follows' "$rc $err $(git -C anna rev-parse main)" "5 ${part/hive-ID/$approval} $head"
again
again
rm -rf anna/akt/keys.git
for c in list list 'search Hive' 'search Hive' 'sql SELECT(1)' todo check 'export -o out'; do
	# shellcheck disable=SC2086
	run anna $c
	is "no keys: $c says that not all can be read" "$rc $(sed -E 's/dossier [0-9a-z]{10}/dossier X/' <<<"$err" | tail -n 1)" \
		'5 akt: not all could be read: a key file of dossier X is missing; akt doctor puts it back'
done
run anna doctor
whole 'no keys' anna
is 'no keys: found again once they are mended' "$(as anna --json search Hive | json 'len(d)')" 4

# --- what is no file, and one that says it holds more than any may
again
rm -f "$(object anna "$blob")"; mkfifo "$(object anna "$blob")"
is 'a pipe in place of a record keeps nobody waiting' "$(AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna timeout 60 "$AKT" show "$h2" >/dev/null 2>&1; echo $?)" 5
AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna timeout 300 "$AKT" doctor >/dev/null 2>&1
is 'and is mended' "$?" 0
whole 'a pipe' anna
again
f=$(object anna "$blob"); chmod u+w "$f"
"$PYTHON" -c 'import sys, zlib
c = zlib.compressobj()
f = open(sys.argv[1], "wb"); f.write(c.compress(b"blob 999999999999\0" + bytes(1 << 20)) + c.flush())' "$f"
run anna show "$h2"
is 'a record that says it is a terabyte is damaged' "$rc $(grep -c 'akt doctor' <<<"$err")" '5 1'
again
chmod u+w "$f"; truncate -s 300M "$f"
is 'a file of 300 MB in place of a record is not read whole' "$(AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna "$PYTHON" -c 'import resource, subprocess, sys
rc = subprocess.run(sys.argv[1:], capture_output=True).returncode
print(rc, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 200 << 10)' "$AKT" show "$h2")" '5 True'
run anna doctor
whole 'objects of false size' anna

# --- missing altogether, and the hub away: nothing gets worse, and it says so
again
rm -f "$(object anna "$blob")"
mv hub.git hub.away
run anna doctor
is 'no hub: what is missing stays missing' "$rc" 5
has 'and says what to do' "$out" 'what is left may lie in a copy that was out of reach: run akt doctor again when it is there
objects read:'
has 'the hub is named' "$out" "hub was not asked: the hub's folder is not there"
run anna doctor --from bo
is 'from a colleague' "$rc" 0
mv hub.away hub.git
whole 'a colleague' anna

# --- packs
again
as anna gc >/dev/null
cp -a anna anna.packed
pack=$(ls anna/objects/pack/*.pack) idx=${pack%.pack}.idx
end=$(($(stat -c %s "$pack") - 3)) idx_end=$(($(stat -c %s "$idx") - 3))
for at in 0 9 400 2000 $end; do
	rm -rf anna; cp -a anna.packed anna
	flip "$pack" $at
	run anna doctor
	is "a pack, byte $at" "$rc $(sed -n 's/.*damaged: \([0-9]*\), mended: \([0-9]*\)/\1 \2/p' .out | awk '{print ($1 > 0 && $1 == $2)}')" '0 1'
	whole "a pack, byte $at" anna
done
for at in 3 700 1100 $idx_end; do
	rm -rf anna; cp -a anna.packed anna
	flip "$idx" $at
	run anna doctor --dry-run
	is "an index, byte $at: is found" "$rc $(grep -c "the pack's index is damaged or missing; the pack is whole" .out)" '5 1'
	mv hub.git hub.away
	run anna doctor
	mv hub.away hub.git
	is "an index, byte $at: is made again without a hub" "$rc" 0
	whole "an index, byte $at" anna
done
rm -rf anna; cp -a anna.packed anna
chmod u+w "$pack"; truncate -s 2000 "$pack"; rm -f "$idx"
run anna doctor
is 'a pack cut short, without its index' "$rc" 0
whole 'a pack cut short' anna
succeeds 'git finds nothing either' git -C anna fsck --strict --no-dangling

# --- refs; work that was not synced is kept
again
as anna set "$h4" count=44 >/dev/null
head=$(git -C anna rev-parse main)
printf 'zzzz' >anna/refs/heads/main
run anna list
has 'a damaged ref is named' "$rc $err" '5 akt: ref refs/heads/main is damaged; akt doctor mends it'
run anna doctor
is 'main is put back' "$rc $(git -C anna rev-parse main)" "0 $head"
has 'and it is told where' "$out" "branch main was put back to commit ${head:0:12} of TIME"
rm anna/refs/heads/main
run anna doctor
is 'also where it is missing' "$rc $(git -C anna rev-parse main)" "0 $head"
device=$(cat anna/refs/akt/devices/bo.pc)
: >anna/refs/akt/devices/bo.pc; : >anna/refs/akt/devices/anna.pc; echo xx >anna/refs/akt/hub/hub/main
run anna doctor
is 'the devices are put back' "$rc $(cat anna/refs/akt/devices/bo.pc)" "0 $device"
git -C anna pack-refs --all; sed -i 's/^.\(.*main\)$/z\1/' anna/packed-refs
run anna doctor
is 'packed refs too' "$rc $(git -C anna rev-parse main)" "0 $head"
run anna sync
is 'and it syncs' "$rc" 0
is 'with what was saved last' "$(as anna show "$h4" | grep count)" '  count: 44'
want=$(all anna)
rm -rf anna.whole; cp -a anna anna.whole

# --- HEAD, config, folders
again
printf 'ref: refs/heads/mbin\n' >anna/HEAD; echo '[core' >anna/config; rm -rf anna/refs/heads anna/objects/pack
run anna doctor
is 'HEAD, config and folders' "$rc" 0
whole 'HEAD, config and folders' anna
rm anna/HEAD
run anna doctor
is 'HEAD missing' "$rc" 0

# --- keys
again
for f in anna/akt/keys.git/objects/*/*; do flip "$f"; done
run anna show "$h2"
is 'without keys nothing is shown' "$([ "$rc" != 0 ] && echo no)" no
run anna doctor
is 'keys are put back from the hub' "$rc" 0
whole 'keys' anna
rm -rf anna/akt/keys.git
run anna doctor --from bo
is 'all of them' "$rc" 0
whole 'all keys' anna
echo zz >anna/akt/keys.git/refs/akt/keys; mv hub.git hub.away
run anna doctor
mv hub.away hub.git
is 'their ref, without a hub' "$rc" 0
whole "the keys' ref" anna

# --- what is erased elsewhere, while what was written here cannot be opened for a damage: it does not go unseen
rm -rf bo.whole hub.whole; cp -a bo bo.whole; cp -a hub.git hub.whole; again
as anna sync >/dev/null; as bo sync >/dev/null
as bo set "$h4" notes=mine >/dev/null
as anna store --set erase_signers=1 >/dev/null
as anna erase "$(dossier "$h4")" --basis gdpr >/dev/null; as anna sync >/dev/null
d4=$(git -C bo ls-tree -r --name-only main | grep "$h4" | cut -d/ -f4)
for f in $(git -C bo/akt/keys.git ls-tree -r refs/akt/keys | grep "/$d4/" | awk '{print $3}'); do flip "$(object bo/akt/keys.git "$f")"; done
run bo sync
is 'an erasure and damaged keys: the sync stops for the damage' "$rc $(grep -c 'akt doctor' <<<"$err")" '5 1'
is 'and nothing is gone' "$(git -C bo ls-tree -r --name-only main | grep -c "$h4")" 1
as bo doctor --from anna.whole >/dev/null
run bo sync
has 'mended: what was written here is shown before it goes' "$rc $out$err" "1 "
has 'by name' "$out$err" 'with changes that only this machine has: hive-ID'
rm -rf bo hub.git; mv bo.whole bo; mv hub.whole hub.git

# --- what is derived, and what only this machine has
again
as anna search hive1 >/dev/null; as anna verify >/dev/null
sed -i "s/$h3/hive-00000000/" anna/akt/names.db
run anna show "$h3"
is 'a damaged list of names is noticed where a record is not found' "$rc $(grep id: .out)" "0 id: $h3"
sed -i "s/$h3/hive-00000000/" anna/akt/names.db
flip anna/akt/index.db 50000; flip anna/akt/tree256 100; echo '!' >anna/akt/last; flip anna/akt/verified
run anna doctor --dry-run
is 'derived files: found' "$rc $(grep -c '^akt/\(index.db\|names.db\|tree256\|last\|verified\): ' .out)" '5 5'
run anna doctor
is 'derived files: thrown away' "$rc $(ls anna/akt/index.db anna/akt/names.db anna/akt/last anna/akt/verified 2>/dev/null)" '0 '
whole 'derived files' anna
mkdir -p anna/akt/drafts; echo rubbish >anna/akt/drafts/new-hive.age
run anna doctor
gives 'a draft that is lost is said to be, once' 5 "akt/drafts/new-hive.age: a draft that was not saved cannot be opened: what was typed is lost [not mended]
objects read: $(sed -n 's/objects read: \([0-9]*\).*/\1/p' .out); damaged: 1, mended: 0
DAMAGE IS LEFT"
is 'it lies aside' "$(find anna/akt/aside -type f -exec cat {} +)" rubbish
run anna doctor
is 'and is in nobody'"'"'s way' "$rc" 0

# --- locks
touch -d '2 minutes ago' anna/refs/heads/main.lock; touch anna/packed-refs.lock
run anna doctor --dry-run
is 'locks: only looked at' "$rc $(ls anna/refs/heads/main.lock)" '0 anna/refs/heads/main.lock'
is 'locks: as JSON' "$(as anna --json doctor | json '[(x["file"], x["stale"], x["removed"]) for x in d["locks"]]')" \
	'[["refs/heads/main.lock", true, true], ["packed-refs.lock", false, false]]'
is 'the stale one is gone, the fresh one stands' "$(cd anna; ls refs/heads/main.lock packed-refs.lock 2>/dev/null)" packed-refs.lock
rm anna/packed-refs.lock

# --- a hub is doctored too
flip "$(object hub.git "$blob")"
run anna -C "$T/hub.git" doctor --from "$T/bo"
is 'a hub, from a member' "$rc" 0
succeeds 'git agrees' git -C hub.git fsck --strict --no-dangling

# --- a large pack is no damaged one: objects lie across whatever part of it is looked at
again
mkdir blobs && head -c 6000000 /dev/urandom | base64 | split -a 4 -b 700 - blobs/
find "$T/blobs" -type f | git -C anna hash-object -w --stdin-paths | git -C anna pack-objects -q objects/pack/pack >/dev/null
git -C anna prune-packed -q
run anna doctor --dry-run
has 'a large pack of whole objects' "$rc $out" 'damaged: 0'

# --- no store
mkdir empty
run anna -C "$T/empty" doctor
gives 'no store' 2 '' 'akt: there is no repository at empty'
finish
