#!/bin/bash
# Keys where two sides changed who reads: found by simulation, told here with names.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna cia --role staff
member anna dag --role admin,staff --team unit
member anna fia --role auditor
git init -q --bare -b main stick.git
for m in anna bo cia dag fia; do as $m remote add stick "$T/stick.git" >/dev/null; done
all() { local m; for m; do as $m sync hub >/dev/null 2>"$m.sync" || echo "$m: $? $(cat "$m.sync")"; done; }
join() { # machine, options of member add
	local m=$1
	shift
	machine "$m"
	as anna member add "$T/$m.card" "$@" >/dev/null
	as anna sync hub >/dev/null
	as "$m" join "$T/hub.git" "$T/$m" --fingerprint "$FINGERPRINT" >/dev/null || echo "# $m did not join"
	as "$m" remote add stick "$T/stick.git" >/dev/null
}
name() { as "$1" --json show "$2" 2>/dev/null | json 'd["data"]["name"]'; }

# --- a list grows on one side while the other makes a key
hive=$(as anna new hive --set name=North)
case=$(as anna --json show "$hive" | json 'd["dossier"]')
as anna access "$case" --grant unit >/dev/null
all anna bo cia dag
as bo access "$case" --grant cia >/dev/null
as anna access "$case" --revoke unit >/dev/null
as anna set "$hive" name=South >/dev/null
is 'a grant meets a new key: syncs go through' "$(all anna bo anna cia)" ''
is 'who was granted on one side reads what the other wrote' "$(name cia "$hive")" South
before=$(git -C hub.git rev-parse main)
all anna bo cia >/dev/null
is 'and that is done once' "$(git -C hub.git rev-parse main)" "$before"

# --- a team that lacks a key while it is itself still to be renewed, by its own
all anna bo cia dag
as anna team seers --add bo --add cia >/dev/null
late=$(as anna new hive --set name=Before)
its=$(as anna --json show "$late" | json 'd["dossier"]')
as anna access "$its" --grant unit --grant dag >/dev/null
all anna bo cia dag
as dag access "$its" --revoke unit >/dev/null
as dag set "$late" name=After >/dev/null
as anna access "$its" --grant seers >/dev/null
as anna team seers --remove cia >/dev/null
is 'granted to a team that must be renewed, sealed anew without it: syncs go through' "$(all dag anna)" ''
is 'who knows the key cannot give it yet, and keeps the dossier in mind' "$(cat anna/akt/lacking)" "$its"
is 'so too when nothing has come since' "$(all anna; cat anna/akt/lacking)" "$its"
all bo anna
is 'once it is renewed it gets the key, and nothing is kept in mind' "$(ls anna/akt/lacking 2>&1)" "ls: cannot access 'anna/akt/lacking': No such file or directory"
all bo
is 'and reads' "$(name bo "$late")" After

# --- a team that two administrators made apart
all anna dag bo cia
as anna team queens --add bo >/dev/null
as dag team queens --add cia >/dev/null
twin=$(as anna new hive --set name=Twin)
as anna access "$(as anna --json show "$twin" | json 'd["dossier"]')" --grant queens >/dev/null
is 'a team made twice: syncs go through' "$(all anna dag cia bo cia bo)" ''
is 'both halves read what was granted to one' "$(name bo "$twin") $(name cia "$twin")" 'Twin Twin'

# --- a stick that does not know a newcomer
as anna sync stick >/dev/null
as bo set "$hive" count=1 >/dev/null
as bo sync stick >/dev/null
join gun --role staff --team apiary
as gun new hive --set name=New >/dev/null
run gun sync stick
is 'a newcomer cannot merge with a stick that never heard of them' "$rc" 1
has 'and is told who can' "$out$err" 'the other side does not know this device yet: somebody who has been here longer syncs first'
as gun sync hub >/dev/null
as anna sync hub >/dev/null
as anna sync stick >/dev/null
run gun sync stick
is 'after which it works' "$rc" 0

# --- one team made by two admins apart
all bo cia dag
as anna team vets --add anna --add bo >/dev/null
as dag team vets --add dag --add cia >/dev/null
all anna dag anna
run anna member remove cia
is 'who is in one of two beginnings of a team can be removed' "$rc" 0
is 'and the store reads on' "$(as anna --json team vets | json '"cia" in d["members"]')" false
all anna dag bo >/dev/null

# --- an auditor's second machine
AKT_IDENTITY=$T/fialap.id "$AKT" id new --handle fia --device lap --no-passphrase >fialap.card
as fia sync hub >/dev/null
as anna device add fialap.card >/dev/null
as anna sync hub >/dev/null
as fia sync hub >/dev/null
as anna set "$hive" notes=x >/dev/null
as anna access "$case" --grant fia >/dev/null
as anna sync hub >/dev/null
as fialap join "$T/hub.git" "$T/fialap" --fingerprint "$FINGERPRINT" >/dev/null
is 'an auditor wraps their own key for it' "$(name fialap "$hive")" South

# --- a key that a revoked member's side had made: what was written under it is not lost
all anna bo dag >/dev/null
as dag new person --set name=Before >/dev/null
as dag sync hub >/dev/null
join eva --role staff --team unit
all bo dag
as anna team unit --remove anna >/dev/null
as anna sync stick >/dev/null
as bo sync stick >/dev/null
late=$(as bo new person --set name=Late)
as anna member remove bo >/dev/null
as anna sync hub >/dev/null
as dag sync hub >/dev/null
as bo sync hub >/dev/null 2>&1
run anna admit bo.pc hub
is 'work of a side that had renewed a key is let in' "$rc" 0
all dag eva
is 'and those of the team read it' "$(name dag "$late") $(name eva "$late")" 'Late Late'
run anna verify
is 'the trail verifies' "$rc" 0
finish
