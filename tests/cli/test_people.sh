#!/bin/bash
# Who belongs and who reads what: members, devices, teams, access lists that follow fields, removal.
. "$(dirname "$0")/lib.sh"
unit anna
sync() { for m; do as "$m" sync >/dev/null 2>"$m.sync" || echo "$m: $? $(cat "$m.sync")"; done; }
reads() { as "$1" show "$2" >/dev/null 2>&1 && echo yes || echo no; } # machine, record
access() { as "$1" --json access "$2" | json '" ".join(d["access"])'; }

# --- joining
as anna team apiary --add anna >/dev/null
as anna team vets --add anna >/dev/null
person=$(as anna new person --set name=Anna --set handle=anna)
hive=$(as anna new hive --set name=North)
machine bo
run bo list
is 'before joining there is no store' $rc 2
run anna member add bo.card --role staff --team unit
gives 'member add' 0 'bo.pc'
run bo join "$T/hub.git" "$T/bo" --fingerprint "$FINGERPRINT"
gives 'join before the admin has synced' 4 '' 'akt: this device does not belong to the store; an admin adds it with: akt device add'
fails 'nothing half-joined stays' test -e bo
as anna sync >/dev/null
run bo join "$T/hub.git" "$T/bo" --fingerprint "$(tr 0-9a-f 1-9a-f0 <<<"$FINGERPRINT")"
gives 'join with another fingerprint' 5 '' "akt: the hub's store has another fingerprint: it is not the one you were told of"
fails 'and nothing stays' test -e bo
run bo join "$T/hub.git" "$T/bo" --fingerprint "$FINGERPRINT"
is 'join' "$rc ${out/store ????????*:/store ID:}" '0 store ID: the whole trail verified; you can work'
is 'what the unit reads can be read at once' "$(as bo --json list | json '[r["title"] for r in d]')" '["Anna"]'
run anna member list
is 'member list' "$(sed -E 's/ +TIME/ TIME/' <<<"$out")" 'anna             admin, staff  [apiary, logg, unit, vets]
    anna.pc TIME
bo               staff  [unit]
    bo.pc TIME
recovery         recovery
    recovery TIME'

# --- who cannot read sees nothing, and writes nothing
is 'who is not on the list reads nothing' "$(reads bo "$hive")" no
d=$(as anna --json show "$hive" | json 'd["dossier"]')
run bo new inspection --set "hive=$hive" --set on=2026-01-01
is 'and adds nothing there' "$rc" 3
run bo new hive --dossier "$d" --set name=X
is 'nor by naming the dossier' "$rc" 4
is 'nor finds it in any list' "$(as bo list; as bo log | grep -c "$hive")" "$(as bo list)
0"
is 'check looks at what one may read' "$(as bo check)" '1 record is valid'
run bo export -o bo.plain
gives 'so does export' 0 '1 record, in the clear; whoever reads that folder reads it'

# --- access by hand
run anna access "$hive" --grant bo
is 'access --grant HANDLE' "$rc $(access anna "$hive")" '0 apiary ~bo'
sync anna bo
is 'reads what was there before' "$(as bo --json show "$hive" | json 'd["data"]["name"]')" North
i=$(as bo new inspection --set "hive=$hive" --set on=2026-01-02)
is 'and adds to it' "$(as bo --json show "$i" | json 'd["dossier"]')" "$d"
sync bo anna
run anna access "$hive" --revoke bo
is 'access --revoke' "$rc $(access anna "$hive")" '0 apiary'
as anna set "$hive" notes=secret >/dev/null
sync anna bo
is 'reads nothing any more' "$(reads bo "$hive") $(reads bo "$i")" 'no no'
run bo set "$i" weather=rain
gives 'nor writes' 4 '' 'akt: no such record, or you have no access to it'
run bo access "$d" --grant bo
gives 'nor grants himself' 4 '' 'akt: no such record, or you have no access to it'
mask "$d" DOSSIER
run anna access "$hive" --revoke apiary
gives 'the last reader stays' 2 '' 'akt: apiary is the last reader of dossier DOSSIER and stays'
is 'and so does the list' "$(access anna "$hive")" apiary
run anna access "$hive" --grant vets --until 2026-01-31
gives 'a grant that has ended already' 2 '' 'akt: --until: that day is over'
run anna access "$hive" --grant bo --until 2099-12-31
is 'a grant until a day' "$rc $(access anna "$hive")" '0 apiary ~bo'
sync anna bo
is 'holds until then' "$(reads bo "$hive")" yes
as anna access "$hive" --revoke bo >/dev/null

# --- teams
member anna cleo --role supervisor --team unit
run anna team apiary --add cleo
gives 'team --add' 0 'apiary: anna, cleo'
sync anna cleo
is 'a new member of a team reads what the team reads' "$(reads cleo "$hive")" yes
run anna team apiary --remove cleo
gives 'team --remove' 0 'apiary: anna'
as anna set "$hive" notes=later >/dev/null
sync anna cleo
is 'who left a team reads nothing written since' "$(reads cleo "$hive")" no
run anna team keepers --add bo --add cleo
gives 'a new team without its maker' 0 'keepers: bo, cleo'
sync anna bo
h2=$(as bo new hive --set name=Keepers)
as bo access "$h2" --grant keepers >/dev/null
sync bo cleo
is 'its members read through it' "$(reads cleo "$h2") $(as cleo --json access "$h2" | json 'd["access"]')" 'yes ["apiary", "keepers", "~bo"]'
run anna team keepers --add anna
has 'an admin who is not in it states who is' "$rc $out" '0 keepers: anna, bo, cleo
at the next sync of one who is in it, access follows for: keepers'
sync anna bo anna
is 'and one who is hands over the key' "$(reads anna "$h2")" yes

# --- lists that follow fields
bop=$(as anna new person --set name=Bo --set handle=bo)
clp=$(as anna new person --set name=Cleo --set handle=cleo)
h3=$(as anna new hive --set name=Field --set "keeper=$bop")
t3=$(as cleo list >/dev/null; sync anna cleo; as anna --json access "$h3" | json '" ".join(d["access"])')
is 'a new dossier: its field, its team, through which its maker reads it' "$t3" 'apiary ~bo'
run anna new treatment --set "hive=$h3" --set started_on=2026-02-01
is 'a part: only who may write the type' "$rc" 0
part=$(cat "$T/.out")
is 'a part has a list of its own' "$(access anna "$part")" 'vets ~bo'
isnt 'and a dossier of its own' "$(as anna --json show "$part" | json 'd["dossier"]')" "$(as anna --json show "$h3" | json 'd["dossier"]')"
part2=$(as anna new treatment --set "hive=$h3" --set started_on=2026-02-02)
is 'which the next one shares' "$(as anna --json show "$part" | json 'd["dossier"]')" "$(as anna --json show "$part2" | json 'd["dossier"]')"
sync anna bo cleo
is 'the keeper reads both' "$(reads bo "$h3") $(reads bo "$part") $(reads cleo "$h3") $(reads cleo "$part")" 'yes yes no no'
commits=$(git -C anna rev-list --count main)
as anna set "$h3" "keeper=$clp" >/dev/null
is 'changing the field is one commit' "$(git -C anna rev-list --count main)" $((commits + 1))
is 'grants and revokes with it' "$(access anna "$h3")" 'apiary ~cleo'
is 'in what hangs on it too' "$(access anna "$part")" 'vets ~cleo'
as anna set "$h3" count=1 >/dev/null; as anna set "$part" with=acid >/dev/null
sync anna bo cleo
is 'the new keeper reads, the old does not' "$(reads bo "$h3") $(reads bo "$part") $(reads cleo "$h3") $(reads cleo "$part")" 'no no yes yes'
as anna set "$h3" 'helpers=[bo]' >/dev/null
is 'a list of handles' "$(access anna "$h3")" 'apiary ~bo ~cleo'
as anna access "$h3" --grant anna >/dev/null
as anna set "$h3" secret=true >/dev/null
is 'unless and if; what was granted by hand stays' "$(access anna "$h3")" '~anna ~cleo'
as anna set "$h3" --unset secret --unset keeper >/dev/null
is 'a field that is unset gives nothing' "$(access anna "$h3")" 'apiary ~anna ~bo'
# who a person is may be said after their records have come in
late=$(as anna new person --set name=Late)
h4=$(as anna new hive --set name=Late --set "keeper=$late" --set "helpers=[cleo]")
t4=$(as anna new treatment --set "hive=$h4" --set started_on=2026-02-03)
is 'a keeper who is no member yet' "$(access anna "$h4")" 'apiary ~cleo'
as anna set "$late" handle=bo >/dev/null
is 'and now is: lists that name him follow' "$(access anna "$h4"), $(access anna "$t4")" 'apiary ~bo ~cleo, vets ~bo'
as anna set "$late" handle=cleo >/dev/null
is 'somebody else in his place' "$(access anna "$h4"), $(access anna "$t4")" 'apiary ~cleo, vets ~cleo'
as anna set "$late" --unset handle >/dev/null
is 'nobody: what another field gives stays' "$(access anna "$h4"), $(access anna "$t4")" 'apiary ~cleo, vets'
run bo new treatment --set "hive=$hive" --set started_on=2026-02-01
isnt 'x-akt.write: who may not write a type' "$rc" 0

# --- devices
machine bo.2 tablet
run bo device add bo.2.card
is 'only an admin adds a device' "$rc" 4
run anna device add bo.2.card
has 'device add' "$rc $out" '0 bo.tablet'
sync anna bo anna
as bo.2 join "$T/hub.git" "$T/bo.2" --fingerprint "$FINGERPRINT" >/dev/null
is 'the new device reads what its owner reads' "$(reads bo.2 "$h2") $(reads bo.2 "$h3") $(reads bo.2 "$hive") $(as bo.2 list person | wc -l)" 'yes yes no 4'
as bo.2 set "$h2" count=2 >/dev/null
sync bo.2 anna
is 'a commit tells its device' "$(as anna --json log "$h2" --path count | json 'd[0]["by"], d[0]["device"]')" '["bo", "bo.tablet"]'
run anna device revoke bo.tablet
is 'device revoke' "$rc" 0
is 'a key that somebody may be wrapping for it just now is spent' "$(git -C "$T/anna" grep -h '^spent' main -- 'teams/~bo')" 'spent: true'
sync anna bo
is 'and its owner has another' "$(git -C "$T/bo" ls-tree -r --name-only main -- 'teams/~bo' | grep -c yaml)" 2
as anna set "$h3" notes=after >/dev/null
sync anna bo
run bo.2 sync
is 'the revoked device: sync exits 4 and says why' "$rc $err" '4 akt: this device has been revoked in the store'
run bo.2 new hive --set name=X
is 'and writes nothing' "$rc" 4
is 'its owner goes on' "$(as bo --json show "$h3" | json 'd["data"]["notes"]')" after
run anna device revoke bo.tablet
gives 'revoked once' 2 '' 'akt: the device is revoked already'

# --- auditors
member anna rev --role auditor
run rev list
gives 'an auditor lists nothing' 0 ''
run rev verify
is 'but verifies all' "$rc" 0
has 'and is told what was not looked at' "$out" 'Content was not looked at.'
as anna set "$hive" count=3 >/dev/null; sync anna
run rev sync
is 'and syncs' "$rc" 0
run rev new person --set name=X
is 'and writes nothing' "$rc" 4
run rev show "$hive"
gives 'and opens nothing' 4 '' 'akt: no such record, or you have no access to it'

# --- roles, leaving
run anna member role cleo admin,supervisor
is 'member role' "$rc $(as anna --json member list | json '[m["roles"] for m in d if m["handle"] == "cleo"][0]')" '0 ["admin", "supervisor"]'
sync anna cleo
run cleo member remove anna
is 'another admin removes the first' "$rc" 0
sync cleo
run anna sync
is 'who is out syncs no more' "$rc" 4
run cleo member remove cleo
isnt 'never without an admin' "$rc" 0
run cleo member list
has 'who left is told as such' "$out" 'anna             has left'
run cleo member role recovery staff
gives 'the recovery identity stays what it is' 2 '' 'akt: the recovery identity keeps its role, and nobody else gets it'
run cleo member remove recovery
is 'and where it is' "$rc" 2
as cleo new person --set name=Later >/dev/null

# --- files of schema/ that two admins change at once
as cleo member role bo admin,staff >/dev/null
sync cleo bo
for m in cleo bo; do
	cp -r "$TOY/schema" "schema-$m"
	echo "-- by $m" >>"schema-$m/rules/t01.sql"
	sed 's/^-- id: T01/-- id: T02/' "schema-$m/rules/t01.sql" >"schema-$m/rules/t02.sql"
	sed 's/^-- id: T01/-- id: '"$m"'/' "schema-$m/rules/t01.sql" >"schema-$m/rules/$m.sql"
	as "$m" schema put "schema-$m" >/dev/null
done
sync cleo
run bo sync
gives 'are told' 0 'commits fetched: 1, pushed: 2; records merged: 0
note: schema/rules/t01.sql was changed on both sides; it stays as it was before, or is one of the two if it is new: look at it
note: schema/rules/t02.sql was changed on both sides; it stays as it was before, or is one of the two if it is new: look at it'
is 'one stands as it was, one is of either, one of each is new' \
	"$(git -C bo show main:schema/rules/t01.sql | cmp - "$TOY/schema/rules/t01.sql" && git -C bo show main:schema/rules/t02.sql |
		grep -c '^-- by'; git -C bo ls-tree --name-only main schema/rules/ | tr '\n' ' ')" \
	$'1\nschema/rules/bo.sql schema/rules/cleo.sql schema/rules/t01.sql schema/rules/t02.sql '
sync cleo bo
run bo verify --content --full
is 'all of it verifies' "$rc $(grep -c THE <<<"$out")" '0 0'
finish
