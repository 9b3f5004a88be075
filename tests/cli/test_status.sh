#!/bin/bash
# `akt` alone: what to do next, from the first minute on; and the store that is found when nobody names one.
. "$(dirname "$0")/lib.sh"
next() { "$AKT" --json | json '[x["what"] for x in d["next"]]'; }
text() { "$AKT" 2>&1 | norm; }

is 'no identity, no store: four ways' "$(next)" '["identity", "join", "init", "copy"]'
is 'and says so' "$(text | head -n 5)" 'There is no store here.

This device has no identity yet. Make one, and send the card to an admin of the unit:
    akt id new --handle NAME --device MACHINE > CARD'
has 'in Swedish too' "$(AKT_LANG=sv "$AKT")" 'Du är först: gör enhetens aktskåp, i en mapp som inte finns än:
    akt init FOLDER --name UNIT'
printf 'correct horse\n' >pass
AKT_PASSPHRASE_FILE=$T/pass "$AKT" id new --handle anna --device pc --work-factor 10 >anna.card
is 'an identity, no store' "$(next)" '["join", "init", "copy"]'
is 'locked it asks nothing' "$("$AKT" --json </dev/null | json 'd["identity"]["state"]')" locked
AKT_PASSPHRASE_FILE=$T/pass "$AKT" unlock --for 60s
cleanups+=("'$AKT' lock")
is 'unlocked it knows who' "$("$AKT" --json | json 'd["identity"]["state"], d["identity"]["id"]')" '["open", "anna.pc"]'

f=$("$AKT" --json init "$T/store" --name Apiary --language en --schema "$TOY/schema" | json 'd["fingerprint"]')
is 'a store just made is found without being named' "$("$AKT" --json | json 'd["store"]["path"], d["store"]["kind"], d["member"]')" "[\"$T/store\", \"store\", \"active\"]"
is 'it has no hub, and one member' "$(next)" '["remote", "alone"]'
"$AKT" hub hub.git >/dev/null && "$AKT" remote add hub hub.git >/dev/null
is 'a hub that knows nothing yet' "$("$AKT" --json | json 'd["unsent"], d["next"][0]')" \
	'[[{"commits": 1, "remote": "hub"}], {"command": "akt sync", "commits": 1, "remote": "hub", "what": "sync"}]'
has 'said in words' "$(text)" '1 change has not been sent to hub yet. Sync:
    akt sync'
"$AKT" sync >/dev/null
is 'synced: alone still' "$(next)" '["alone"]'
"$AKT" new hive --set name=North >/dev/null && "$AKT" new hive --set name=South >/dev/null
is 'saves that wait' "$("$AKT" --json | json 'd["unsent"]')" '[{"commits": 2, "remote": "hub"}]'
"$AKT" remote add stick "$T/stick" >/dev/null
is 'two hubs: by name' "$("$AKT" --json | json '[x["command"] for x in d["next"]]')" \
	'["akt sync hub", "akt sync stick", "akt member add CARD --role staff --team unit"]'
"$AKT" sync hub >/dev/null
"$AKT" lock
is 'locked: unlock first; what waits is known all the same' "$(next)" '["unlock", "sync"]'
AKT_PASSPHRASE_FILE=$T/pass "$AKT" unlock --for 60s

# drafts: what an editor left that could not be saved
printf '#!/bin/sh\nprintf "name: North\n" >"$1"\nexit 1\n' >editor && chmod +x editor
VISUAL=$T/editor tty -- "$AKT" new hive
is 'a draft of a new record' "$("$AKT" --json | json 'd["drafts"], [x["command"] for x in d["next"] if x["what"] == "draft"]')" \
	'[["new-hive"], ["akt new hive"]]'

# a second one
AKT_IDENTITY=$T/bo.id "$AKT" id new --handle bo --device pc --no-passphrase >bo.card
"$AKT" member add bo.card --role staff --team unit >/dev/null && "$AKT" sync hub >/dev/null
hasnt 'with a second member nobody is alone' "$(next)" alone
as bo join "$T/hub.git" "$T/bo" --fingerprint "$f" >/dev/null
is 'nothing waits' "$(as bo | norm)" 'store: Apiary (bo)
you: bo.pc

Nothing waits to be sent or saved. What is to be done:
    akt todo --mine

All commands: akt --help'
is 'status says the same' "$(as bo status)" "$(as bo)"
is 'a store that is named goes before the one that is remembered' "$("$AKT" -C "$T/bo" --json | json 'd["store"]["path"], d["member"]')" "[\"$T/bo\", \"active\"]"
is 'and so does the folder one stands in' "$(cd bo && "$AKT" --json | json 'd["store"]["path"]')" .
AKT_IDENTITY=$T/eve.id "$AKT" id new --handle eve --device pc --no-passphrase >eve.card
is 'a device that is no member' "$(AKT_IDENTITY=$T/eve.id AKT_STORE=$T/bo "$AKT" --json | json 'd["member"], d["next"][0]["what"]')" '["unknown", "card"]'
"$AKT" device revoke bo.pc >/dev/null && "$AKT" sync hub >/dev/null
as bo sync >/dev/null 2>&1
is 'a device that was shut out' "$(as bo --json | json 'd["member"], d["next"][0]["what"]')" '["revoked", "revoked"]'
git clone -q hub.git copy 2>/dev/null
is 'a copy is verified' "$(AKT_IDENTITY=$T/none "$AKT" -C copy --json | json 'd["store"]["kind"], [x["what"] for x in d["next"]]')" '["copy", ["copy"]]'

# scripts name their identity and their store: nothing is remembered for them, and nothing from them
is 'another identity remembers no store' "$(AKT_IDENTITY=$T/bo.id "$AKT" --json | json '"store" in d')" false
"$AKT" init "$T/second" --name Second --schema "$TOY/schema" >/dev/null
is 'the first store stays the remembered one' "$(cat config/akt/store)" "$T/store"
rm -rf "$T/store"
"$AKT" init "$T/third" --name Third --schema "$TOY/schema" >/dev/null
is 'unless it is gone' "$(cat config/akt/store)" "$T/third"
rm -rf "$T/third"
is 'a remembered store that is gone is named, and one begins anew' "$("$AKT" --json | json 'd["missing"], d["next"][0]["what"]')" "[\"$T/third\", \"join\"]"
has 'in words too' "$(text)" 'There is no store at third.'
finish
