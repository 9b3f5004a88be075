#!/bin/bash
# Two hubs, as when a stick goes from hand to hand: machines that merge the same changes for a hub each come to
# rest; and merges where who may read has changed on one side.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna cia --role staff --team apiary
member anna dag --role admin --team unit
git init -q --bare -b main stick.git
for m in anna bo cia dag; do as $m remote add stick "$T/stick.git" >/dev/null; done
hive=$(as anna new hive --set name=North)
case=$(as anna --json show "$hive" | json 'd["dossier"]')
everybody() { # rounds
	local i m h
	for ((i = 0; i < $1; i++)); do
		for m in anna bo cia dag; do for h in hub stick; do
			as $m sync $h >/dev/null 2>"$m.sync" || echo "$m $h: $? $(cat "$m.sync")"
		done; done
	done
}
heads() { for r in anna bo dag hub.git stick.git; do git -C $r rev-parse main; done | sort -u | wc -l; }
is 'everybody syncs with both hubs' "$(everybody 2)" ''
is 'and has the same' "$(heads)" 1

# --- the same changes merged by two machines, for a hub each
as anna set "$hive" site=east >/dev/null
as bo set "$hive" count=2 >/dev/null
as anna sync hub >/dev/null
as bo sync stick >/dev/null
is 'both merge: no error' "$(everybody 4)" ''
is 'all come to the same head' "$(heads)" 1
before=$(git -C anna rev-parse main)
is 'once more: no error' "$(everybody 1)" ''
is 'and nothing moves any more' "$(git -C anna rev-parse main)" "$before"
is 'with both changes' "$(as dag show "$hive" >/dev/null 2>&1; as bo --json show "$hive" | json '[d["data"]["site"], d["data"]["count"]]')" '["east", 2]'

# --- a team's key renewed by two machines, for a hub each
as dag team apiary --remove cia >/dev/null
as dag sync hub >/dev/null
as dag sync stick >/dev/null
as anna sync hub >/dev/null
as bo sync stick >/dev/null
everybody 4 >/dev/null
is 'a key renewed twice: all come to the same head' "$(heads)" 1
before=$(git -C anna rev-parse main)
everybody 1 >/dev/null
is 'and nothing moves any more' "$(git -C anna rev-parse main)" "$before"
as anna set "$hive" notes=after >/dev/null
is 'both hubs take what follows' "$(everybody 2 | grep -v '^cia')" ''
is 'who belongs reads on' "$(as bo --json show "$hive" | json 'd["data"]["notes"]')" after

# --- a list that one side made shorter, and a record that both changed
as anna access "$case" --grant unit >/dev/null
as anna set "$hive" count=3 >/dev/null
everybody 2 >/dev/null
as anna set "$hive" site=west >/dev/null
as bo set "$hive" count=4 >/dev/null
as bo access "$case" --revoke unit >/dev/null
as anna sync hub >/dev/null
run bo sync hub
is 'no key is for exactly those who may read now: the merge goes through' "$rc" 0
is 'and readers see both changes' "$(as bo --json show "$hive" | json '[d["data"]["site"], d["data"]["count"]]')" '["west", 4]'
as bo set "$hive" count=5 >/dev/null
is 'the next writer makes the key and stores it' "$(git -C bo ls-tree -r --name-only main | grep -c parked)" 0
everybody 2 >/dev/null
run anna verify --content
is 'all of it verifies' "$rc" 0
run dag show "$hive"
is 'who was taken off reads it no more' "$rc" 4

# --- a grant to one whose only machine is lost
as anna device revoke bo.pc >/dev/null
run anna access "$case" --grant bo
gives 'a key that only a lost machine has is not sealed to' 2 '' 'akt: bo: nobody is left there who has a working device'
person=$(as anna new person --set name=Bo --set handle=bo)
run anna set "$hive" keeper="$person"
is 'a field may name them all the same' "$rc" 0
is 'and gives no key' "$(as anna --json access "$case" | json 'd["access"]')" '["apiary"]'
finish
