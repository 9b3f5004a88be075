#!/bin/bash
# People come and go: teams of others, handing over, leaving, what a leaver can still read, and no key storms.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna cia --role staff --team unit --team apiary
keys() { git -C anna/akt/keys.git ls-tree -r --name-only refs/akt/keys | grep -c "${1-}"; }
round() { local m; for m in "$@"; do as "$m" sync >/dev/null || echo "# $m did not sync"; done; }
dossier() { as anna --json show "$1" | json 'd["dossier"]'; }

# --- a team that the admin is not in takes two steps
run anna team vets --add bo
gives 'a new team' 0 'vets: bo'
round anna bo
hive=$(as bo new hive --set name=North)
as anna member role bo staff,supervisor >/dev/null
round bo anna bo
run anna member role bo staff,supervisor
gives 'a role changes no key, and none is announced' 0
ill=$(as bo new treatment --set "hive=$hive" --set started_on=2026-03-01)
run anna team vets --add cia
gives 'somebody more: stated at once, wrapped by one of the team' 0 'vets: bo, cia
at the next sync of one who is in it, access follows for: vets'
round bo anna cia
run cia show "$ill"
is 'not yet' $rc 4
round bo cia
run cia show "$ill"
is 'after a sync of one who is in it' $rc 0
run anna team vets --remove cia
gives 'out again: stated at once' 0 'vets: bo
at the next sync of one who is in it, access follows for: vets'
round anna bo
is 'the team has a new key' "$(git -C bo ls-tree -r --name-only main teams/vets | grep -c yaml)" 2
as bo set "$ill" with=acid >/dev/null
round bo cia
run cia show "$ill"
gives 'what is written from then on is closed' 4 '' 'akt: no such record, or you have no access to it'
run anna team vets --remove cia
gives 'who is not in it cannot be taken out' 4 '' 'akt: cia is not in team vets'
run anna team nobody --remove cia
gives 'nor of a team that is not there' 4 '' 'akt: no such team: nobody'

# --- a grant for a while and its end: one key file each way, and none for what nobody writes
round anna
a=$(as anna new hive --set name=A) b=$(as anna new hive --set name=B)
dag_joins=$(member anna dag --role staff)
before=$(keys)
for h in $a $b; do
	run anna access "$h" --grant dag --until 2999-12-31
done
is 'a grant is one key file a dossier' $(($(keys) - before)) 2
run anna access "$a"
is 'the list says when it ends' "$(sed "s/$(dossier "$a")/D/" <<<"$out")" 'D: apiary, ~dag
    ~dag until TIME'
is 'JSON: the same' "$(as anna --json access "$a" | json 'd["until"]')" '[{"at": "3000-01-01T00:00:00Z", "team": "~dag"}]'
round anna dag
run dag show "$a"
is 'who got it reads' $rc 0
before=$(keys)
for h in $a $b; do as anna access "$h" --revoke dag >/dev/null; done
is 'its end is no key file at all' $(($(keys) - before)) 0
as anna set "$a" count=1 >/dev/null
is 'the next write makes one, where it is' "$(($(keys) - before)) $(keys "$(dossier "$a")")" "1 3"
as anna set "$a" count=2 >/dev/null
as anna new inspection --set "hive=$a" --set on=2026-01-01 >/dev/null
is 'and the ones after none' $(($(keys) - before)) 1
round anna dag
is 'exposure: what was read stays read, up to then' "$(as anna --json exposure dag |
	json "sorted([x['dossier'] == '$(dossier "$a")', x['records'], x['until'] is None] for x in d)")" '[[false, 1, false], [true, 1, false]]'
round bo
as anna access "$b" --grant dag >/dev/null
round anna bo
as anna access "$b" --revoke dag >/dev/null
sleep 1
as bo set "$b" count=3 >/dev/null # who does not know yet
at=$(as bo --json show "$b" | json 'd["updated"]["at"]')
round bo anna bo
is 'exposure: what one wrote who did not know of the end counts' "$(as anna --json exposure dag |
	json "[x['until'] for x in d if x['dossier'] == '$(dossier "$b")'][0]")" "$at"
is 'exposure: nobody but those who look after members sees more than they may open' \
	"$(as dag --json exposure anna | json 'sorted(d, key=str)') $(as anna --json exposure dag | json 'len(d) > 1')" '[] true'
run anna access "$a" --grant nobody
gives 'nobody gets what is for nobody' 4 '' 'akt: no such team: nobody'

# --- handing over
as anna new person --set name=Cia --set handle=cia >person
cia=$(cat person)
mine=$(as anna new hive --set "keeper=$cia" --set name=Cia1 --set secret=true)
also=$(as anna new hive --set name=Cia2 --set secret=true --set "helpers=[bo]")
as anna access "$also" --grant cia >/dev/null
as anna access "$b" --grant cia --until 2999-12-31 >/dev/null
round anna cia
closed=$(as cia new hive --set name=Own --set secret=true)
round cia anna
run cia access --from cia --to dag
is 'hand over: exit' $rc 0
is 'hand over: every dossier that one may open, in one commit' "$out" '4 dossiers: ~dag reads them now, and ~cia no longer
still named in these; change the field where somebody else is meant now:
    hive-ID  keeper'
is 'who got it is on the list, who gave it is not' "$(as anna --json access "$mine" | json 'd["access"]')" '["~anna", "~cia"]'
round cia anna dag
is 'after a sync too' "$(as anna --json access "$mine" | json 'd["access"]')" '["~anna", "~dag"]'
is 'a grant with an end is handed over with its end' "$(as anna --json access "$b" | json 'd["until"]')" '[{"at": "3000-01-01T00:00:00Z", "team": "~dag"}]'
run dag show "$closed"
is 'the new one reads it' $rc 0
run cia show "$closed"
is 'the old one does not' $rc 4
run anna access --from cia --to dag
gives 'once more: nothing left' 0 '0 dossiers: ~dag reads them now, and ~cia no longer
still named in these; change the field where somebody else is meant now:
    hive-ID  keeper'
is 'JSON: the same' "$(as anna --json access --from cia --to dag | json '[d["from"], d["to"], d["dossiers"], d["records"][0]["record"] == "'"$mine"'"]')" \
	'["~cia", "~dag", [], true]'
run anna access --from bo --to zed
gives 'only to somebody' 4 '' 'akt: no such team: zed'
run anna access --from bo
gives 'both ends are named' 2 '' 'akt: use: akt access DOSSIER [--grant T] [--revoke T] [--until DATE], or akt access --from A --to B'
own=$(as dag new hive --set name=Dags --set secret=true)
round dag anna
run anna access --from dag --to bo
has 'what is not ours to hand over is counted' "$out" '2 more are not yours to hand over: one who may open them must'

# --- leaving: one command for all of it
eve=$(as anna new hive --set name=Eve)
member anna eve --role staff --team unit --team apiary --team vets
round bo eve
run eve show "$eve"
is 'eve reads what her team reads' $rc 0
as anna access "$eve" --grant eve >/dev/null
round anna eve
alone=$(as eve new hive --set name=Alone --set secret=true)
round eve anna
run anna member remove eve
is 'member remove: exit' $rc 0
is 'what others must do is listed, and what nobody reads any more' "$(sed "s/$(as eve --json show "$alone" | json 'd["dossier"]')/ALONE/" <<<"$out")" \
	'at the next sync of one who is in it, access follows for: vets
nobody reads these dossiers any more, save with the recovery identity: ALONE'
round anna bo
run anna team apiary
gives 'the leaver is in no team' 0 'apiary: anna, bo, cia'
for_eve() { git -C anna show "main:records/$(dossier "$eve" | sed 's,^\(.\)\(.\),\1/\2/&,')/dossier.yaml" | grep -c '~eve/'; }
old=$(for_eve)
is 'a key was for the leaver' "$old" 1
as anna set "$eve" count=7 >/dev/null
as anna access "$eve" --grant dag >/dev/null
round anna
run eve sync
is 'and is told at the next sync' "$rc:$(tail -n 1 <<<"$err")" '4:akt: this device has been revoked in the store'
is 'exposure: up to the next write, and not what is written since' "$(as anna --json exposure eve |
	json "[x['until'] is None for x in d if x['dossier'] == '$(dossier "$eve")']")" '[false]'
is 'exposure of one who reads on' "$(as anna --json exposure bo |
	json "[x['until'] for x in d if x['dossier'] == '$(dossier "$eve")']")" '[null]'
is "no key of what is written since is for the leaver's own team" "$(for_eve)" "$old"
kept=$(as anna new person --set name=Eve --set handle=eve)
named=$(as anna new hive --set "keeper=$kept" --set name=Named)
is 'a leaver whom a field names gets nothing' "$(as anna --json access "$named" | json 'd["access"]')" '["apiary"]'
as anna access --from eve --to bo >person
has 'handing over after the fact still lists who is named' "$(norm <person)" 'hive-ID  keeper'
run anna exposure nobody
gives 'exposure of nobody' 4 '' 'akt: no such member: nobody'
run anna access "$eve" --grant eve
gives 'a leaver gets nothing' 2 '' 'akt: eve: nobody is left there who has a working device'
run anna team apiary --add eve
gives 'and joins nothing' 4 '' 'akt: eve has left'
run anna device add eve.card
gives 'nor comes back by another device' 2 '' 'akt: eve has left: add them anew, with another handle'
run anna member add eve.card --role staff
gives 'or the same' 2 '' 'akt: eve has left, and what was theirs stays closed: make an identity with another handle'

# --- never without an admin
run anna member remove anna
gives 'the last admin cannot leave' 4 '' 'akt: members: nobody would be left who is an administrator with a working device (admin: Somebody changed what only an administrator may change, or left the store without one.)'
run anna member role anna staff
gives 'nor lay the role down' 4 '' 'akt: members: nobody would be left who is an administrator with a working device (admin: Somebody changed what only an administrator may change, or left the store without one.)'
run anna device revoke anna.pc
gives 'nor lose the only device' 4 '' 'akt: members: nobody would be left who is an administrator with a working device (admin: Somebody changed what only an administrator may change, or left the store without one.)'

# --- a lost machine, and its successor
AKT_IDENTITY=$T/bo2.id "$AKT" id new --handle bo --device new --no-passphrase >bo2.card
run anna device revoke bo.pc
is 'device revoke: exit' $rc 0
run anna device add bo2.card
gives 'a new one when there is no other: who can wrap for it is said' 0 'bo.new
no working device has the key; the recovery identity renews it by a sync (AKT_IDENTITY=FILE akt sync) for: vets, ~bo'
(umask 077; json 'd["recovery"]' <init.json >safe.txt)
AKT_IDENTITY=$T/safe.txt AKT_STORE=$T/anna "$AKT" sync >/dev/null
as bo2 join hub.git "$T/bo2" --fingerprint "$FINGERPRINT" >/dev/null
run bo2 show "$ill"
is 'and with it everything is there again' $rc 0
run anna verify
is 'the trail verifies' $rc 0

# --- removed by one admin while another lets in a device of theirs, which nobody revoked
as anna member role cia admin,staff >/dev/null && round anna cia
AKT_IDENTITY=$T/bo3.id "$AKT" id new --handle bo --device lap --no-passphrase >bo3.card
as anna device add bo3.card >/dev/null && as anna sync >/dev/null
as bo3 join hub.git "$T/bo3" --fingerprint "$FINGERPRINT" >/dev/null
as cia member remove bo >/dev/null && round cia
run bo3 sync
gives 'a device of one who was removed meanwhile: its sync' 4 'commits fetched: 2, pushed: 0; records merged: 0' 'akt: whose device this is has been removed from the store'
run bo3 new hive --set name=Granen
gives 'and a save' 4 '' 'akt: whose device this is has been removed from the store'
round anna cia
# --- two admins make one team apart, each with one person: what is written for it opens for both halves, whoever comes first
member anna dan --role staff
member anna eva --role staff
round anna dan eva cia
as anna team queens --add dan >/dev/null
as cia team queens --add eva >/dev/null
round anna cia anna
is 'two keys side by side' "$(git -C anna ls-tree -r --name-only main teams/queens | grep -c yaml)" 2
calm=$(as anna new hive --set name=Calm)
as anna access "$calm" --grant queens >/dev/null && round anna
is 'sealed for both' "$(git -C anna show "main:$(git -C anna ls-tree -r --name-only main | grep "$(dossier "$calm")/dossier.yaml")" | grep -o 'queens/' | wc -l)" 2
cp -r hub.git hub.before
for m in dan eva; do
	rm -rf hub.git && cp -r hub.before hub.git
	round $m
	run $m show "$calm"
	is "$m reads it" $rc 0
done
round anna dan eva anna dan eva
is 'then one key' "$(as anna --json verify | json 'd["ok"]') $(git -C anna ls-tree -r --name-only main teams/queens | grep -c yaml)" 'true 3'

run anna verify
is 'the trail verifies still' $rc 0
finish
