#!/bin/bash
# A device revoked on one side and busy on the other: what it did waits for an administrator; two sides that
# revoked each other wait for the recovery identity.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna cia --role admin,staff --team unit --team apiary
hub_main() { git -C hub.git rev-parse main; }
hub_waits() { git -C hub.git for-each-ref --format='%(refname)' refs/akt/quarantine; }

# --- revoked while busy, with work that nobody has seen
hive=$(as anna new hive --set name=North --set count=1)
as anna sync >/dev/null
as bo sync >/dev/null
late=$(as bo new hive --set name=Late)
as bo set "$hive" count=2 >/dev/null
as bo access "$hive" --grant unit >/dev/null
run anna device revoke bo.pc
is 'device revoke: exit' $rc 0
as anna sync >/dev/null
before=$(hub_main)
run bo sync
gives 'the revoked machine is told, with what becomes of its work' 4 'commits fetched: 1, pushed: 0; records merged: 0
waiting for an admin: what bo.pc did while it was losing its rights   (akt admit bo.pc)' 'akt: this device has been revoked in the store
akt: what was saved here and not yet synced waits at the hub for an admin: akt admit bo.pc'
is 'its work waits at the hub' "$(hub_waits)" refs/akt/quarantine/bo.pc
is 'as it is on its own machine' "$(git -C hub.git rev-parse refs/akt/quarantine/bo.pc)" "$(git -C bo rev-parse main)"
is 'and main stays where it was' "$(hub_main)" "$before"
is 'JSON: the same' "$(as bo --json sync | json '[d["ok"], d["quarantined"], d["failures"][0]]')" \
	'[false, ["bo.pc"], "this device has been revoked in the store"]'
run cia sync
gives 'the others are told and go on' 0 'commits fetched: 2, pushed: 0; records merged: 0
waiting for an admin: what bo.pc did while it was losing its rights   (akt admit bo.pc)'
as cia set "$hive" site=east >/dev/null
as cia sync >/dev/null
is 'what others do in the meantime reaches the hub' "$(hub_main)" "$(git -C cia rev-parse main)"
run anna show "$late"
is 'nobody has the work yet' $rc 4

# --- let in
member anna dag --role staff --team apiary
run dag admit bo.pc
gives 'only an admin lets it in' 4 '' 'akt: only an admin lets in what waits'
run anna admit cia.pc
gives 'only what waits is let in' 4 '' 'akt: nothing that cia.pc did is waiting; akt sync tells what is'
run anna admit bo.pc
gives 'an admin lets it in' 0 'commits fetched: 0, pushed: 4; records merged: 1
let in: what bo.pc did while it was losing its rights'
is 'it is in main' "$(as anna show "$late" | sed -n 's/^  name: //p')" Late
is 'both sides of a record are merged' "$(as anna show "$hive" | sed -n '/^data:/,$p')" 'data:
  name: North
  site: east
  count: 2'
is 'what it did to lists of readers is not let in' "$(as anna --json access "$hive" | json 'd["access"]')" '["apiary"]'
is 'nothing waits any more' "$(hub_waits)" ''
is 'the merge says what it is' "$(git -C hub.git log -1 --format=%s main)" 'akt: admit'
for m in cia dag; do
	run $m sync
	is "$m takes the merge" "$rc:$(git -C $m rev-parse main)" "0:$(hub_main)"
done
run anna verify
is 'and the trail verifies' $rc 0
run bo sync
gives 'the revoked machine stays outside' 4 'commits fetched: 5, pushed: 0; records merged: 0' 'akt: this device has been revoked in the store'
run bo set "$hive" count=3
gives 'and saves nothing more' 4 '' 'akt: this device has been revoked in the store'

# --- the hub has what the revoking admin does not: he is told, and nothing of his is lost
member anna eva --role staff --team apiary
as eva set "$hive" count=5 >/dev/null
as anna device revoke eva.pc >/dev/null
as anna set "$hive" site=hill >/dev/null
as eva sync >/dev/null
run anna sync
gives 'an admin whose revocation came too late' 1 'commits fetched: 1, pushed: 0; records merged: 0
waiting for an admin: what eva.pc did while it was losing its rights   (akt admit eva.pc)'
is 'what the admin did is at the hub too' "$(hub_waits)" refs/akt/quarantine/anna.pc
run cia sync
gives 'another admin hears of it' 0 'commits fetched: 2, pushed: 0; records merged: 0
waiting for an admin: what anna.pc did while it was losing its rights   (akt admit anna.pc)'
run anna admit eva.pc
gives 'and lets it in' 0 'commits fetched: 1, pushed: 3; records merged: 1
let in: what eva.pc did while it was losing its rights'
is 'both are there' "$(as anna show "$hive" | sed -n '/^data:/,$p')" 'data:
  name: North
  site: hill
  count: 5'
run cia sync
gives 'nothing waits for the others any more' 0 'commits fetched: 3, pushed: 0; records merged: 0'
run anna verify
is 'the trail verifies' $rc 0

# --- a member removed, with work that nobody has seen
member anna gus --role staff --team apiary
as gus set "$hive" count=6 >/dev/null
as anna member remove gus >/dev/null && as anna sync >/dev/null
run gus sync
is 'a removed member is told the same' "$rc:$(tail -n 1 <<<"$err")" \
	'4:akt: what was saved here and not yet synced waits at the hub for an admin: akt admit gus.pc'
run anna admit gus.pc
is 'and the work is let in' "$rc:$(as anna show "$hive" | sed -n 's/^  count: //p')" 0:6

# --- what a hub takes
head=$(git -C anna rev-parse main)
push() { # REF COMMIT: as the hook would see it
	(cd hub.git && printf '%040d %s %s\n' 0 "$2" "$1" | GIT_DIR=$T/hub.git "$AKT" hook pre-receive 2>&1)
}
is 'no ref of a name that is no device' "$(push refs/akt/quarantine/nobody "$head")" 'akt: refs/akt/quarantine/nobody: no device is named so'
is 'none of an unknown device' "$(push refs/akt/quarantine/zed.pc "$head")" \
	'akt: refs/akt/quarantine/zed.pc: no device of that name belongs, or has belonged, to the store'
is "none in another's name" "$(push refs/akt/quarantine/cia.pc "$head")" \
	'akt: refs/akt/quarantine/cia.pc: the newest change is not signed by that device'

machine gus2 && as anna member add gus2.card --role staff --team apiary >/dev/null && as anna sync >/dev/null
as gus2 join hub.git "$T/gus2" --fingerprint "$FINGERPRINT" >/dev/null
as gus2 new hive --set name=Honest >/dev/null
honest=$(git -C gus2 rev-parse main)
succeeds 'by git itself, through the hooks: what a device has signed' \
	git -C gus2 push -q "$T/hub.git" main:refs/akt/quarantine/gus2.pc
sed '/^AGE-SECRET/,$d' gus2.id >gus2.key && chmod 600 gus2.key
me() { GIT_AUTHOR_NAME=gus2 GIT_AUTHOR_EMAIL=gus2@$STORE GIT_COMMITTER_NAME=gus2 GIT_COMMITTER_EMAIL=gus2@$STORE TZ=UTC "$@"; }
STORE=$(json 'd["store"]' <init.json)
forged=$(printf 'akt: set\n\nAkt-Trail: 1 %064d\n' 0 | me git -C gus2 -c gpg.format=ssh -c user.signingkey="$T/gus2.key" \
	commit-tree -S -p "$honest" "$honest^{tree}")
has 'not what breaks the rules, though the device has signed it' \
	"$(git -C gus2 push -q "$T/hub.git" "$forged:refs/akt/quarantine/gus2.pc" 2>&1)" "commit ${forged:0:12}, rule trail:"
has 'not what would drop what waits' \
	"$(git -C gus2 push -qf "$T/hub.git" "$honest^:refs/akt/quarantine/gus2.pc" 2>&1)" \
	'refs/akt/quarantine/gus2.pc: what waits there already would be lost'
has 'nor does it go before it is let in' "$(git -C gus2 push -q "$T/hub.git" :refs/akt/quarantine/gus2.pc 2>&1)" \
	'refs/akt/quarantine/gus2.pc: what waits has not been let in yet, and stays'
as gus2 sync >/dev/null
is 'once in main its place is free' "$(hub_waits)" ''
as anna sync >/dev/null

# --- two admins revoke each other
as cia sync >/dev/null
as cia device revoke anna.pc >/dev/null
north=$(as cia new hive --set name=Both)
as anna device revoke cia.pc >/dev/null
south=$(as anna new hive --set name=Annas)
as anna sync >/dev/null
run cia sync
gives 'the second to sync is told whose matter it is' 4 'commits fetched: 2, pushed: 0; records merged: 0
waiting for an admin: what cia.pc did while it was losing its rights   (akt admit cia.pc)
waiting for an admin: what anna.pc did while it was losing its rights   (akt admit anna.pc)' 'akt: this device has been revoked in the store
akt: it revoked a device of the other side too: only the recovery identity merges the two; fetch it from where it is locked away, and run with it: AKT_IDENTITY=FILE akt sync'
run anna admit cia.pc
gives 'no admin can' 4 '' "akt: the two sides took each other's rights away: only the recovery identity merges them; fetch it from where it is locked away, and run with it: AKT_IDENTITY=FILE akt sync"
(umask 077; json 'd["recovery"]' <init.json >safe.txt)
out=$(AKT_IDENTITY=$T/safe.txt AKT_STORE=$T/anna "$AKT" sync 2>&1)
is 'the recovery identity merges them' "$?:$out" "0:commits fetched: 0, pushed: 4; records merged: 0
let in: what anna.pc did while it was losing its rights
let in: what cia.pc did while it was losing its rights"
is 'by its own name, and renews the keys of their teams' "$(git -C hub.git log -2 --format='%an %s' main)" 'recovery akt: wrap
recovery akt: merge'
is 'nothing waits any more' "$(hub_waits)" ''
run dag sync
is 'the others take it' "$rc:$(git -C dag rev-parse main)" "0:$(hub_main)"
is 'with what both sides did' "$(as dag show "$north" | sed -n 's/^  name: //p')" Both
run anna sync
gives 'both are out' 4 'commits fetched: 0, pushed: 0; records merged: 0' 'akt: this device has been revoked in the store'

# --- and names an admin, who can do it all again
safe() { AKT_IDENTITY=$T/safe.txt AKT_STORE=$T/dag "$AKT" "$@"; }
out=$(safe member role dag admin,staff 2>&1)
is 'the recovery identity names an admin' "$?:$out" 0:
out=$(safe set "$hive" count=9 2>&1)
is 'it writes no records' "$?" 4
AKT_IDENTITY=$T/anna2.id "$AKT" id new --handle anna --device new --no-passphrase >anna2.card
out=$(safe device add anna2.card 2>&1)
is "it lets in a new machine of one who lost the only one" "$?:$out" 0:anna.new
safe sync >/dev/null
as anna2 join hub.git "$T/anna2" --fingerprint "$FINGERPRINT" >/dev/null
is 'who reads all that was read before' "$(as anna2 show "$hive" | sed -n 's/^  site: //p')" hill
is 'admin again by a colleague' "$(as dag sync >/dev/null; as dag team apiary --remove cia)" 'apiary: anna, bo, dag, eva, gus2'
machine fia && as dag member add fia.card --role staff --team apiary >/dev/null && as dag sync >/dev/null
as fia join hub.git "$T/fia" --fingerprint "$FINGERPRINT" >/dev/null
is 'who joins after it reads what either side sealed to its own new key' \
	"$(for r in $north $south; do as fia show "$r" | sed -n 's/^  name: //p'; done)" 'Both
Annas'
run dag verify
is 'the trail verifies' $rc 0
finish
