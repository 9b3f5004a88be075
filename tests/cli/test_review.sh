#!/bin/bash
# What a hostile reader tried: each of these once crashed, lost, leaked or said the wrong thing.
. "$(dirname "$0")/lib.sh"
# envelope TYPE ID DATA [LINE]...
envelope() {
	printf 'akt: 1\ntype: %s\nv: 1\nid: %s\n' "$1" "$2"
	printf 'created: {at: 2020-01-01T00:00:00Z, by: anna}\nupdated: {at: 2020-01-01T00:00:00Z, by: anna}\ndata: %s\n' "$3"
	shift 3
	[ $# -eq 0 ] || printf '%s\n' "$@"
}
dossier_of() { as "$1" --json show "$2" | json 'd["dossier"]'; }
unit anna
member anna bo --role staff --team unit
as anna team apiary --add anna --add bo >/dev/null
as anna sync >/dev/null && as bo sync >/dev/null

# --- a record's open conflicts have a form, which what reads them relies on
for c in '[1]' '[null]' '[{path: 3, values: []}]' '[{path: name}]' '[{path: name, values: 3}]' '[{path: name, values: []}]' \
	'[{path: name, values: [1]}]' '[{path: name, values: [{value: a, at: 3, by: anna}]}]' \
	'[{path: name, values: [{value: a, at: 2020-01-01T00:00:00Z, by: anna}], more: 1}]' \
	'[{path: name, values: [{absent: false, at: 2020-01-01T00:00:00Z, by: anna}]}]'; do
	mkdir -p conflicts && envelope hive hive-conf '{name: X}' "conflicts: $c" >conflicts/a.yaml
	run anna import conflicts
	gives "import refuses conflicts: $c" 3 '' \
		'conflicts/a.yaml:8:13: conflicts: holds something else than a path and the values that stand open there'
done
envelope hive hive-conf '{name: X}' 'conflicts: [{path: name, locked: true, values: [{value: X, at: 2020-01-01T00:00:00Z, by: anna}, {absent: true, at: 2020-01-01T00:00:00Z, by: bo}]}]' >conflicts/a.yaml
run anna import conflicts
is 'import takes open conflicts along' "$rc" 0
is 'conflicts: both values' "$(as anna --json conflicts | json '[(x["record"], x["path"], len(x["values"])) for x in d]')" '[["hive-conf", "name", 2]]'

# --- a reason that a record cannot hold is refused; saved it made the record unreadable
h=$(as anna new hive --set name=Why)
run anna set "$h" name=Why2 --why $'x\e[1m'
gives 'set --why with a control character' 3 '' '--why:1:2: a control character is not allowed; remove it'
run anna set "$h" name=Why2 --why $'x\xff'
gives 'set --why that is no UTF-8' 3 '' '--why:1:2: this is not UTF-8; save the file as UTF-8'
run anna set "$h" name=Why2 --why $'a\xcc\x8a r'
is 'set --why in decomposed letters' $rc 0
is 'the reason is composed' "$(as anna --json show "$h" | json 'd["updated"]["why"]')" $'\xc3\xa5 r'
as anna set "$h" state=final >/dev/null
run anna set "$h" notes=x --why ' '
is 'a final record: a reason that says nothing is none' $rc 2

# --- import: records that refer to each other, in rows and in rings
mkdir schema ring row && cat >schema/node.yaml <<'END'
type: object
x-akt:
  dossier: [{of: parent}, own]
  access: [{field: owner}, {field: parent.owner}]
  member: handle
  title: [name]
properties:
  name: {type: string}
  handle: {type: string}
  owner: {type: string, x-akt: {ref: node}}
  parent: {type: string, x-akt: {ref: node}}
END
as anna schema put schema >/dev/null
envelope node node-aaa '{name: a, parent: node-bbb}' >ring/a.yaml
envelope node node-bbb '{name: b, parent: node-aaa}' >ring/b.yaml
run anna import ring
gives 'a ring of dossiers has no beginning' 3 '' 'akt: parent: refers to no record that you may open; its file is where this one would go
akt: in file ring/b.yaml'
envelope node node-aaa '{name: a, owner: node-bbb}' >ring/a.yaml
envelope node node-bbb '{name: b, parent: node-aaa, handle: bo}' >ring/b.yaml
run anna import ring
gives 'a ring of another kind is none' 0 'records: 2, in dossiers: 1; one commit'
is 'the list looks through the ring' "$(as anna --json access "$(dossier_of anna node-aaa)" | json 'd["access"]')" '["~anna", "~bo"]'
for i in $(seq 100 499); do envelope node "node-r$i" "{name: a, parent: node-r$((i + 1))}"; done |
	awk '/^akt: 1/ {n++} {print > ("row/" n ".yaml")}'
envelope node node-r500 '{name: last}' >row/last.yaml
run anna import row
gives 'a long row of records that follow each other' 0 'records: 401, in dossiers: 1; one commit'

# --- import: a dossier that is not here is opened for those whom the record names, no others
mkdir away && envelope hive hive-away1 '{name: Open}' 'dossier: zzzz000001' >away/a.yaml
envelope hive hive-away2 '{name: Closed, secret: true}' 'dossier: zzzz000002' >away/b.yaml
envelope inspection inspection-away2 '{hive: hive-away2, on: 2026-01-01}' 'dossier: zzzz000002' >away/0.yaml
run anna import away
is 'import of dossiers from elsewhere' "$rc $out" '0 records: 3, in dossiers: 2; one commit'
is 'the list of an open one' "$(as anna --json access zzzz000001 | json 'd["access"]')" '["apiary"]'
is 'the list of a closed one' "$(as anna --json access zzzz000002 | json 'd["access"]')" '["~anna"]'

# --- keys: a hub that keeps some back is refused by who needs them, and healed by who has them
as anna sync >/dev/null && as bo sync >/dev/null
before=$(git -C hub.git rev-parse refs/akt/keys)
kept=$(as anna new hive --set name=Kept)
as anna sync >/dev/null
keys=$(git -C hub.git rev-parse refs/akt/keys) head=$(git -C bo rev-parse main)
mask "$(dossier_of anna "$kept")" KDOSSIER
git -C hub.git update-ref refs/akt/keys "$before"
run bo --json sync
is 'a hub without a key file is refused' "$rc $(json '"; ".join(d["failures"])' <<<"$out")" \
	'5 the hub is refused, and nothing of it taken: dossier KDOSSIER: a key file that it names is missing from the keys'
is 'nothing was taken' "$(git -C bo rev-parse main)" "$head"
machine cia
as anna member add cia.card --role staff --team unit >/dev/null && as anna sync >/dev/null
is 'the key was put back by who had it' "$(git -C hub.git rev-parse refs/akt/keys)" "$keys"
git -C hub.git update-ref refs/akt/keys "$before"
run cia join "$T/hub.git" "$T/cia" --fingerprint "$FINGERPRINT"
is 'and not joined' "$rc $(ls -d cia 2>&1)" "5 ls: cannot access 'cia': No such file or directory"
as anna sync >/dev/null
run bo sync
is 'the next sync goes through' $rc 0
is 'the record opens' "$(as bo --json show "$kept" | json 'd["data"]["name"]')" Kept
rm -rf bo/akt/keys.git
run bo sync
gives 'sync without a key repository' 5 'commits fetched: 0, pushed: 0; records merged: 0' \
	"akt: the store's key repository is missing; akt doctor puts it back"

# --- the command line
printf 'first\0second' >nul
run anna set "$h" notes=@nul
gives 'PATH=@FILE with a NUL byte: nothing is cut off' 3 '' 'akt: nul holds a NUL byte, so it is no text'
run anna set "$h" notes=@nowhere
is 'PATH=@FILE that is not there is wrong use' $rc 2
run nobody show "$h" -C "$T/anna"
has '-C behind the command' "$err" 'there is no identity on this device yet'
cp anna.id nobody.id
run nobody show -C "$T/anna" "$h"
is '-C among the arguments' $rc 0
rm nobody.id
run anna show -C
gives '-C without a store' 2 '' 'akt: option -C needs a value: STORE'
run anna -C
gives '-C alone' 2 '' 'akt: option -C needs a value: STORE'
run anna new --bogus --json
is '--json behind what is wrong' "$rc $(json 'd["error"]["code"]' <<<"$out")" '2 2'
as anna --json $'\xff\xe2\x82z' >doc
is 'JSON is UTF-8 whatever the argument' "$(json 'd["error"]["messages"][0]' <doc)" $'no such command: \ufffd\ufffd\ufffdz; see: akt --help'

# --- exit statuses and shapes: what other programs run against
shapes() { # STATUS KEYS ARGS...
	local want=$1 keys=$2
	shift 2
	as anna --json "$@" >doc 2>err </dev/null
	rc=$?
	is "--json $(norm <<<"$*"): status and shape" "$rc $(json '" ".join(sorted(d))' <doc) $(cat err)" "$want $keys "
}
for c in list verify check sync checkpoint 'member list'; do
	# shellcheck disable=SC2086
	shapes 2 error -C "$T/nowhere" $c
	# shellcheck disable=SC2086
	shapes 2 error -C "$T" $c
done
shapes 2 error sync nowhere
shapes 2 error import nowhere
shapes 2 error new hive --from nowhere
shapes 2 error check --schema nowhere nul
shapes 2 error check --schema "$TOY/schema/hive.yaml" nowhere
shapes 4 'checked errors ok' check hive-nosuch
is 'check of what may not be opened' "$(json 'd["ok"], d["errors"][0]["message"]' <doc)" '[false, "no such record, or you have no access to it"]'
mv anna.id anna.away
shapes 4 'checked errors ok' check
shapes 4 'conflicts failures fetched merged notices ok pushed quarantined' sync
mv anna.away anna.id
for l in '[a]' 'hub: [1]' 'hub: 5' '"../x": y'; do
	cp anna/akt/remotes.yaml remotes.kept && echo "$l" >anna/akt/remotes.yaml
	shapes 3 'conflicts failures fetched merged notices ok pushed quarantined' sync
	shapes 3 error remote list
	cp remotes.kept anna/akt/remotes.yaml
done
git clone -q hub.git clone
run anna --json -C clone member list
is 'member list on an ordinary clone' "$rc $(json '[m["handle"] for m in d]' <<<"$out")" '0 ["anna", "bo", "cia", "recovery"]'
run anna -C clone new hive --set name=Clone
gives 'a clone is to look at' 2 '' 'akt: this is a copy to look at, made with git clone: get the store itself with akt join and work there'
run anna --json -C clone doctor
is "doctor finds nothing wrong with what git keeps of the clone's remote" "$rc $(json 'd["damaged"]' <<<"$out") $(git -C clone symbolic-ref refs/remotes/origin/HEAD)" '0 [] refs/remotes/origin/main'
cp -r anna cut && rm -rf cut/refs/heads/main cut/packed-refs
run anna -C cut list
gives 'a store without its branch is damaged, not wrong use' 5 '' 'akt: the store has no branch main any more; akt doctor puts it back'

# --- an editor that stands open is in nobody's way
cat >editor.sh <<'END'
touch "$OPEN"
while [ ! -e "$OPEN.go" ]; do sleep 0.05; done
sed "$EDIT" "$1" >"$1.new" && mv "$1.new" "$1"
rm "$OPEN.go"
END
edit_in_background() { # RECORD SED
	rm -f open && (export OPEN=$T/open EDIT=$2 VISUAL="sh $T/editor.sh" AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna
		exec "$PYTHON" "$HERE/terminal.py" -- "$AKT" edit "$1" >edit.out 2>&1) &
	editing=$!
	for _ in $(seq 100); do [ -e open ] && break; sleep 0.05; done
}
edit_ends() { touch open.go && wait "$editing"; }
e=$(as anna new hive --set name=Edit --set site=here)
edit_in_background "$e" 's/^site: .*/site: there/'
start=$(date +%s%N)
as anna set "$e" name=Edit2 >/dev/null && as anna show "$e" >/dev/null && as anna set "$e" count=3 >/dev/null
is 'other commands do not wait for it' "$? $((($(date +%s%N) - start) / 1000000000))" '0 0'
edit_ends
is 'and both edits stand' "$? $(as anna --json show "$e" | json 'd["data"]')" '0 {"count": 3, "name": "Edit2", "site": "there"}'
# a closed window: nothing stays in the clear, nothing saved in the editor is lost
cat >window.sh <<'END'
sed 's/^site: .*/site: closed/' "$1" >"$1.new" && mv "$1.new" "$1"
touch "$OPEN"
exec sleep 30
END
plain() { ls "${XDG_RUNTIME_DIR:-/dev/shm}"/akt-*/"$e.yaml" /dev/shm/akt-*/"$e.yaml" 2>/dev/null | wc -l; }
for sig in HUP INT TERM; do
	as anna set "$e" site=before >/dev/null
	rm -f open
	(export OPEN=$T/open VISUAL="sh $T/window.sh" AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna
		exec "$PYTHON" "$HERE/terminal.py" -- "$AKT" edit "$e" >edit.out 2>&1) &
	editing=$!
	for _ in $(seq 100); do [ -e open ] && break; sleep 0.05; done
	there=$(plain)
	pkill -"$sig" -P "$editing" || echo "# no akt"
	[ $sig != INT ] || { sleep 0.2; pkill -TERM -P "$editing"; }
	wait "$editing"
	is "SIG$sig while an editor is open: nothing stays in the clear" "$((there > 0)) $(plain)" '1 0'
	tty -- env VISUAL=true AKT_IDENTITY="$T/anna.id" AKT_STORE="$T/anna" "$AKT" edit "$e"
	is "SIG$sig while an editor is open: the draft comes back" "$rc $(as anna --json show "$e" | json 'd["data"]["site"]')" '0 closed'
done

# --- one id in two dossiers: nobody guesses which is meant
rm -rf bo && as bo join "$T/hub.git" "$T/bo" --fingerprint "$FINGERPRINT" >/dev/null
rm -rf dup && mkdir dup && envelope hive hive-dup '{name: One}' >dup/a.yaml
as anna import dup >/dev/null
envelope hive hive-dup '{name: Two}' >dup/a.yaml
as bo import dup >/dev/null && as bo sync >/dev/null; as anna sync >/dev/null
run anna show hive-dup
gives 'an id in two dossiers is not shown' 2 '' 'akt: several dossiers hold a record of that id; say which: DOSSIER/ID'
run anna set hive-dup name=Wrong
is 'nor changed' $rc 2
run anna new inspection --set hive=hive-dup --set on=2026-01-01
is 'nor is anything put beside one of them' $rc 3
for d in $(as anna --json list hive | json '" ".join(x["dossier"] for x in d if x["id"] == "hive-dup")'); do
	run anna set "$d/hive-dup" "site=$d"
	is 'with its dossier it is changed' "$rc $(as anna --json show "$d/hive-dup" | json 'd["dossier"] == d["data"]["site"]')" '0 true'
	tty -- env VISUAL='sed -i s/^name:.*/name:\ Edited/' AKT_IDENTITY="$T/anna.id" AKT_STORE="$T/anna" "$AKT" edit "$d/hive-dup"
	is 'and edited' "$rc $(as anna --json show "$d/hive-dup" | json 'd["data"]["name"], d["dossier"] == d["data"]["site"]')" '0 ["Edited", true]'
done

# --- earlier versions are those of the trail
first=$(as anna --json log "$e" | json 'd[-1]["commit"]')
is 'show --at a commit of the trail' "$(as anna --json show "$e" --at "$first" | json 'd["data"]["name"]')" Edit
for other in "$(git -C anna rev-parse 'main^{tree}')" "$(git -C anna commit-tree -m x "$first^{tree}" 2>/dev/null || git -C anna -c user.name=x -c user.email=x commit-tree -m x "$first^{tree}")"; do
	run anna show "$e" --at "$other"
	gives 'show --at what is none' 2 '' 'akt: no such commit in the trail'
done
finish
