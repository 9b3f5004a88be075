#!/bin/bash
# Attacks through what two sides did: merges that smuggle or drop, work of those whose rights ended on the other
# side, administrators against each other; and records that were moved or set back, which only readers can see.
. "$(dirname "$0")/lib.sh"
. "$HERE/attack.sh"
apiary
file=$(path_of "$hive") dossier=$(dossier_of "$hive") file2=$(path_of "$other")
sealed new.age
# What a machine does by itself, from where all stood: side cleo set "$hive" count=9; its last commit in $tip
side() {
	local m=$1
	shift
	rm -rf side && cp -r "$m" side
	AKT_IDENTITY=$T/$m.id AKT_STORE=$T/side "$AKT" "$@" >/dev/null || echo "# side $m $*: failed"
	cp -rn side/objects/?? lie.git/objects
	tip=$(git -C side rev-parse main)
}
side cleo set "$other" count=7; a=$tip
side bo set "$hive" count=8; b=$tip

# --- a merge that smuggles: bo's side and cleo's, put together by bo
both() { BY=bo forge --parent "$a" --parent "$b" --merge copy "$file" "$b:$file" "$@"; }
both put "$file2" new.age
strike 'a merge that smuggles content' merge "$file2: this is not what the only side that changed it has"
both sub members/bo.yaml '[staff]' '[admin, staff]'
strike 'a merge that smuggles membership' merge-control 'members/bo.yaml: this is not what merging both sides gives'
both sub "$dossier/dossier.yaml" 'access: [apiary]' 'access: [apiary, unit]'
strike 'a merge that smuggles a reader' merge-control "$dossier/dossier.yaml: this is not what merging both sides gives"
both put "$dossier/approval-aaaaaaaa.yaml.age" new.age
strike 'a merge that smuggles an approval' merge "$dossier/approval-aaaaaaaa.yaml.age: this is not what the only side that changed it has"
both text "$dossier/a-name.txt" x
strike 'a merge that smuggles a file' path "$dossier/a-name.txt: no file of a store is named so"
both rm "$file2"
strike 'a merge that loses a record' removed "$file2: a file is lost in a merge"
BY=bo forge --parent "$a" --parent "$b" --merge
strike "a merge that drops one side's work" merge "$file: this is not what the only side that changed it has"
both --verb admit
strike 'a merge that admits where nothing waits' admit 'there is nothing to admit here'
BY=fred forge --parent "$a" --parent "$b" --message $'akt: merge\n' copy "$file" "$b:$file"
strike 'a merge that does not say by which rules' format 'the merge does not name its rules (Akt-Merge)'

# --- the same record on both sides: what the merge holds is sealed, so readers check it
side cleo set "$hive" count=9; a=$tip
side bo set "$hive" count=1000; lie=$tip
BY=fred forge --parent "$a" --parent "$b" --merge put "$file" new.age
strike 'a merge of what the merger may not write' access "$file: the signer may not write this record, so it is set aside, not merged"
BY=bo forge --parent "$a" --parent "$b" --merge copy "$file" "$lie:$file"
git -C lie.git update-ref refs/heads/main "$id"
run cleo sync lie
gives 'a merge that smuggles content into a sealed record: an honest machine' 5 'commits fetched: 0, pushed: 0; records merged: 0' \
	"akt: the hub is refused, and nothing of it taken: commit ${id:0:12}: hive-ID: the merge holds something else than merging both sides gives"
cp -r cleo cleo.lie && cp cleo.id cleo.lie.id && cp -rn lie.git/objects/?? cleo.lie/objects && git -C cleo.lie update-ref refs/heads/main "$id"
run cleo.lie verify --content
is 'and verify --content' "$rc $(grep '^commit ' <<<"$out")" \
	"5 commit ${id:0:12}, rule content: hive-ID: the merge holds something else than merging both sides gives. What this record holds was not written as the trail says it was."
git -C lie.git update-ref refs/heads/main "$honest"

# --- records moved, swapped, set back: signed by one who may, so the others are told and lose nothing
reader_sees() { # NAME TEXT: what a reader is told at the sync, and by verify --content
	git -C lie.git update-ref refs/heads/main "$id"
	rm -rf cleo.new && cp -r cleo cleo.new && cp cleo.id cleo.new.id
	run cleo.new sync lie
	gives "$1: an honest machine" 0 'commits fetched: 1, pushed: 0; records merged: 0
note: commit '"${id:0:12}: hive-ID: $2; see: akt verify --content" ''
	run cleo.new verify
	is "$1: without keys nobody can see it" "$rc" 0
	run cleo.new verify --content
	is "$1: verify --content" "$rc $(grep '^commit ' <<<"$out")" \
		"5 commit ${id:0:12}, rule content: hive-ID: $2. What this record holds was not written as the trail says it was."
	git -C lie.git update-ref refs/heads/main "$honest"
}
BY=bo forge copy "$file2" "main:$file"
reader_sees 'a record moved between dossiers' "is sealed for none of its dossier's keys: swapped"
new=$dossier/hive-aaaaaaaa.yaml.age
BY=bo forge copy "$new" "main:$file"
reader_sees 'a record moved between paths' 'is not the name it lies under: moved or swapped'
first=$(git -C lie.git log --format=%H --reverse --author='^anna ' main -- "$file" | head -n 1)
BY=bo forge copy "$file" "$first:$file"
reader_sees 'a record set back to an older version of another' "it names another author than the one who signed it"
BY=bo forge copy "$file" "main~1:$file"
reader_sees 'a record set back to an older version of his own' "it names another time than the commit that brought it"

# --- revoked on one side, busy on the other
side anna device revoke bo.pc; a=$tip
BY=cleo forge --parent "$a" --parent "$b" --merge copy "$file" "$b:$file"
word='one side took away the rights of somebody who used them on the other: an administrator must admit it'
strike "a revoked device's work let in by nobody" admit "$word"
BY=cleo forge --parent "$a" --parent "$b" --merge --verb admit copy "$file" "$b:$file"
strike "a revoked device's work let in by one who is no administrator" admit "$word"
BY=bo forge --parent "$a" --parent "$b" --merge copy "$file" "$b:$file"
strike "a revoked device's work let in by itself" signer 'the device that signed was revoked'
BY=bo forge --parent "$b" sub "$dossier/dossier.yaml" 'access: [apiary]' 'access: [apiary, unit]'
BY=anna forge --parent "$a" --parent "$id" --merge --verb admit copy "$file" "$b:$file" copy "$dossier/dossier.yaml" "$id:$dossier/dossier.yaml"
strike 'the rights that a revoked device gave, let in with its work' admit "$dossier/dossier.yaml: what somebody changed here who had no right to it any more is not let in"

# --- an administrator who is none any more on the other side
as cia join "$T/hub.git" "$T/cia" --fingerprint "$FINGERPRINT" >/dev/null
side anna member role cia staff; a=$tip
side cia member role gus admin; b=$tip
BY=cleo forge --parent "$a" --parent "$b" --merge copy members/gus.yaml "$b:members/gus.yaml"
strike 'an administrator made by one who was none any more' admit "$word"
BY=anna forge --parent "$a" --parent "$b" --merge --verb admit copy members/gus.yaml "$b:members/gus.yaml"
strike 'or let in with her work' admit 'members/gus.yaml: what somebody changed here who had no right to it any more is not let in'
side cia member role anna staff; b=$tip
BY=cleo forge --parent "$a" --parent "$b" --merge copy members/anna.yaml "$b:members/anna.yaml"
strike 'two admins who demote each other' admit "each side took the other's rights away: only the recovery identity merges them"

# the same through the program: what she did waits, and is let in without the rights it gave
as cia member role fred admin >/dev/null
as anna member role cia staff >/dev/null
as anna sync >/dev/null
run cia sync
gives 'her machine is told' 1 'commits fetched: 1, pushed: 0; records merged: 0
waiting for an admin: what cia.pc did while it was losing its rights   (akt admit cia.pc)' ''
run cleo sync hub
gives 'the others are told and go on' 0 'commits fetched: 1, pushed: 0; records merged: 0
waiting for an admin: what cia.pc did while it was losing its rights   (akt admit cia.pc)' ''
run cia admit cia.pc
gives 'she does not let it in herself' 4 '' 'akt: only an admin lets in what waits'
run anna admit cia.pc
gives 'an admin does' 0 'commits fetched: 0, pushed: 2; records merged: 0
let in: what cia.pc did while it was losing its rights' ''
is 'but not the rights it gave' "$(as anna --json member list | json '[(m["handle"], m["roles"]) for m in d if m["handle"] in ("cia", "fred")]')" '[["cia", ["staff"]], ["fred", ["staff"]]]'
run cia sync
is 'then her machine goes on' "$rc:$(git -C cia rev-parse main)" "0:$(git -C hub.git rev-parse main)"

# --- two administrators who demote each other, through the program
as anna member role cia admin,staff >/dev/null; as anna sync >/dev/null; as cia sync >/dev/null
as anna member role cia staff >/dev/null; as cia member role anna staff >/dev/null
as anna sync >/dev/null
run cia sync
gives 'two admins who demote each other: told what to do' 1 "commits fetched: 1, pushed: 0; records merged: 0
waiting for an admin: what cia.pc did while it was losing its rights   (akt admit cia.pc)
waiting for an admin: what anna.pc did while it was losing its rights   (akt admit anna.pc)
note: the two sides took each other's rights away: fetch the recovery identity from where it is locked away, and run with it: AKT_IDENTITY=FILE akt sync" ''
(umask 077; json 'd["recovery"]' <init.json >safe.txt)
out=$(AKT_IDENTITY=$T/safe.txt AKT_STORE=$T/anna "$AKT" sync 2>&1)
is 'the recovery identity merges them' "$?:$out" '0:commits fetched: 0, pushed: 2; records merged: 0
let in: what anna.pc did while it was losing its rights
let in: what cia.pc did while it was losing its rights'
for m in anna cia; do as $m sync >/dev/null; done
is 'neither is one any more' "$(as anna --json member list | json '[m["handle"] for m in d if "admin" in m["roles"]]')" '[]'
out=$(AKT_IDENTITY=$T/safe.txt AKT_STORE=$T/anna "$AKT" member role anna admin,staff 2>&1)
is 'and it names one' "$?:$out" 0:
finish
