#!/bin/bash
# What each device has seen and what was opened on it: sealed for team logg, linear, signed, and compared.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna carl --role supervisor --team unit --team apiary
sync() { for m; do as "$m" sync >/dev/null 2>>sync.err || echo "$m: $?"; done; }
sync anna bo carl
a=$(as anna new hive --set name=Alm)
b=$(as anna new hive --set name=Bok)
sync anna bo carl
chain() { git -C "$1" rev-list --count "refs/akt/devices/$2"; }
tip() { git -C "$1" rev-parse "refs/akt/devices/$2"; }
seen() { git -C "$1" show "refs/akt/devices/$2:seen.yaml"; }

# --- what was opened
as bo show "$a" >/dev/null
as bo show "$a" --at "$(git -C bo rev-parse main)" >/dev/null
as bo list hive >/dev/null
as bo list >/dev/null
as bo log "$b" >/dev/null
as bo export "$b" -o "$T/x" >/dev/null
as bo show hive-nosuch >/dev/null 2>&1
is 'rows wait sealed until the sync' "$(ls bo/akt/reads | wc -l) $(grep -rlE "$a|$b|hive" bo/akt/reads | wc -l)" '6 0'
run bo reads
gives 'only team logg reads them' 4 '' 'akt: what was opened is for members of team logg'
run anna reads
gives 'nothing has reached the others yet' 0 'nothing has been opened'
run bo sync
is 'they go along with the sync' "$rc $(ls bo/akt/reads | wc -l) $(git -C hub.git ls-tree -r --name-only refs/akt/devices/bo.pc | tr '\n' ' ')" "0 0 log/$(chain hub.git bo.pc).age seen.yaml "
is 'nobody but the team can open them' "$(git -C bo cat-file blob "refs/akt/devices/bo.pc:log/$(chain bo bo.pc).age" | "$AKT" decrypt -i bo.id 2>&1 | norm)" 'akt: no key of that identity opens this file'
as anna sync >/dev/null
run anna reads
gives 'who opened what, where and how' 0 'TIME  bo.pc                    show     hive-ID
TIME  bo.pc                    show     hive-ID
TIME  bo.pc                    list     hive  (hits: 2)
TIME  bo.pc                    list       (hits: 2)
TIME  bo.pc                    log      hive-ID
TIME  bo.pc                    export   hive-ID'
as anna show "$b" >/dev/null
is 'by record' "$(as anna --json reads --record "$b" | json '[(x["by"], x["device"], x["what"], x["record"]) for x in d]')" \
	"[[\"bo\", \"bo.pc\", \"log\", \"$b\"], [\"bo\", \"bo.pc\", \"export\", \"$b\"], [\"anna\", \"anna.pc\", \"show\", \"$b\"]]"
is 'by member, by device, with a prefix' "$(as anna --json reads --by anna | json 'len(d)') $(as anna --json reads --by bo.pc | json 'len(d)') $(as anna --json reads --by bo --record hive- | json 'len(d)') $(as anna --json reads --by carl | json 'len(d)')" '1 6 4 0'
is 'the shape of rows' "$(as anna --json reads --by bo | json 'd[2]["query"], d[2]["hits"], sorted(d[0])')" '["hive", 2, ["at", "by", "device", "record", "what"]]'
as anna team logg --add carl >/dev/null; sync anna carl anna carl
is 'who joins the team reads what was before' "$(as carl --json reads --by bo | json 'len(d)')" 6

# --- the chain
length=$(chain hub.git bo.pc)
sync bo bo bo
is 'a sync in which nothing happened adds nothing' "$(chain hub.git bo.pc)" "$((length + 1))"
is 'stock git verifies it' "$(git -C hub.git show main:allowed_signers >signers; git -C hub.git -c gpg.ssh.allowedSignersFile="$T/signers" verify-commit refs/akt/devices/bo.pc 2>&1 | grep -c '^Good "git" signature for bo@')" 1
is 'linear' "$(git -C hub.git rev-list --min-parents=2 refs/akt/devices/bo.pc | wc -l)" 0
is 'what it says' "$(seen hub.git bo.pc | sed -E -e "s/^(head: )$(git -C hub.git rev-parse main)/\1HEAD/" -e 's/\b[0-9a-f]{40}\b/LOG/' -e 's/^n: .*/n: N/' | norm)" "akt: 1
device: bo.pc
n: N
time: TIME
head: HEAD
trail: SHA256
count: $(git -C hub.git rev-list --count main)
others:
- id: anna.pc
  head: LOG
  time: TIME
- id: carl.pc
  head: LOG
  time: TIME"

# --- the hub's rule
push() { git -C "$1" push "$T/hub.git" "$2" 2>&1 | grep -o 'akt: .*' | sed 's/ *$//' | norm; }
is "another's log under one's own name" "$(push bo +refs/akt/devices/bo.pc:refs/akt/devices/carl.pc)" 'akt: the log of carl.pc does not continue what was there'
git -C hub.git update-ref -d refs/akt/devices/carl.pc
is 'or where there is none' "$(push bo +refs/akt/devices/bo.pc:refs/akt/devices/carl.pc)" 'akt: the log of carl.pc: only the device itself writes there'
sync anna
is 'whoever has it gives it back' "$(tip hub.git carl.pc)" "$(tip carl carl.pc)"
is 'no device of that name' "$(push bo +refs/akt/devices/bo.pc:refs/akt/devices/eve.pc)" 'akt: refs/akt/devices/eve.pc: there is no such device, or it has been revoked'
is 'no deletion' "$(push bo :refs/akt/devices/carl.pc)" 'akt: refs/akt/devices/carl.pc: a hub deletes no ref'
is 'no going back' "$(push bo +refs/akt/devices/bo.pc~1:refs/akt/devices/bo.pc)" 'akt: the log of bo.pc does not continue what was there'
is 'the trail is no log' "$(push bo +main:refs/akt/devices/bo.pc)" 'akt: the log of bo.pc does not continue what was there'
is 'other refs stay refused' "$(push bo main:refs/heads/other)" 'akt: refs/heads/other: a hub takes refs/heads/main, refs/akt/keys and the devices'"'"' own refs alone'
unsigned=$(git -C bo -c user.name=bo -c user.email=bo@x commit-tree -m x "refs/akt/devices/bo.pc^{tree}" -p refs/akt/devices/bo.pc)
push bo "$unsigned:refs/akt/devices/bo.pc" >/dev/null
isnt 'what is not signed is not taken' "$(git -C hub.git rev-parse refs/akt/devices/bo.pc)" "$unsigned"

# --- two stores of one device, or one restored from a backup: nothing is lost
cp -a bo bo.old
as bo show "$a" >/dev/null; as bo sync >/dev/null
rm -rf bo; mv bo.old bo
as bo show "$b" >/dev/null; as bo sync >/dev/null
as bo show "$b" >/dev/null; as bo sync >/dev/null; as anna sync >/dev/null
is 'the chain goes on from where the hub has it' "$(as anna --json reads --by bo | json '[x["record"] for x in d[6:]]')" "[\"$a\", \"$b\", \"$b\"]"

"$AKT" hub "$T/stick.git" >/dev/null
for m in anna bo; do as $m remote add stick "$T/stick.git" >/dev/null; done
as bo sync stick >/dev/null
cp -a bo bo.old
as bo show "$a" >/dev/null; as bo sync hub >/dev/null; as bo show "$a" >/dev/null; as bo sync hub >/dev/null
rm -rf bo; mv bo.old bo
as bo show "$b" >/dev/null; as bo sync stick >/dev/null
run bo sync hub
is 'two branches of it become one' "$rc $err" '0 '
as anna sync hub >/dev/null
is 'with all that was opened' "$(as anna --json reads --by bo | json '[x["record"] for x in d[9:]]')" "[\"$a\", \"$a\", \"$b\"]"
run bo sync stick
gives 'a hub with the shorter branch keeps it, and says so' 0 "commits fetched: 0, pushed: 0; records merged: 0
note: the hub's log of bo.pc is not the one seen before, and is not taken"
unstick() { sed -i '/^stick:/d' "$1/akt/remotes.yaml"; }
unstick anna; unstick bo

# --- a hub that is frozen for one device
run bo sync
is 'all is well' "$err" ''
cp -a hub.git frozen.git
as anna new hive --set name=Cypress >/dev/null; as anna sync >/dev/null
git -C frozen.git fetch -q "$T/hub.git" '+refs/akt/devices/*:refs/akt/devices/*'
mv hub.git real.git; mv frozen.git hub.git
run bo sync
gives 'what anna saw is not what the hub gives bo' 0 'commits fetched: 0, pushed: 0; records merged: 0
note: anna.pc has seen a history that is not the one here: the hub is frozen, or gives its devices different histories; compare checkpoints with its owner'
run bo verify
has 'verify says so too' "$out" 'note: anna.pc has seen a history that is not the one here'
rm -rf hub.git; mv real.git hub.git
run bo sync
gives 'no longer when it comes' 0 'commits fetched: 1, pushed: 0; records merged: 0'

# --- a hub that withholds a device's log
sync anna bo carl anna
git -C hub.git update-ref -d refs/akt/devices/anna.pc
machine dora
as carl device add "$T/dora.card" >/dev/null 2>&1
as anna member add "$T/dora.card" --role staff --team unit >/dev/null
git -C anna push -q "$T/hub.git" main 2>/dev/null; git -C anna/akt/keys.git push -q -f "$T/hub.git" refs/akt/keys 2>/dev/null
git -C anna push -q "$T/hub.git" main 2>/dev/null
as dora join "$T/hub.git" "$T/dora" --fingerprint "$FINGERPRINT" >/dev/null
run dora sync
has 'who joins hears of it from the others' "$out" 'note: bo.pc has seen more of the log of anna.pc than there is here: the hub withholds part of it, or it was cut'
sync anna
run dora sync
hasnt 'until it is there' "$out" 'note:'

# --- every way to open a record leaves its row
sync anna bo anna
count=$(as anna --json reads --by bo | json 'len(d)')
as bo search Alm >/dev/null
as bo sql 'select name from hives' >/dev/null
as bo log "$a" >/dev/null
as bo conflicts >/dev/null
as bo export "$a" -o "$T/y" >/dev/null
tty -- env VISUAL=true AKT_IDENTITY="$T/bo.id" AKT_STORE="$T/bo" "$AKT" edit "$a"
sync bo anna
is 'lists and searches with the query and the hits' \
	"$(as anna --json reads --by bo | json "[(x['what'], x.get('query', '') or x.get('record', '')[:5], x.get('hits')) for x in d[$count:]]")" \
	'[["search", "Alm", 1], ["sql", "select name from hives", 3], ["log", "hive-", null], ["conflicts", "", 0], ["export", "hive-", null], ["edit", "hive-", null]]'
finish
