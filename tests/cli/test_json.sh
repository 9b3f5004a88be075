#!/bin/bash
# The JSON shapes that other programs rely on (fields may be added, never renamed), help for every command.
. "$(dirname "$0")/lib.sh"
# shape 'name' MACHINE ARGS... -- SHAPE: every key of SHAPE is there with a value of its kind. A shape is
# Python: str, int, bool, None (anything), [item], {"key": shape}.
cat >shape.py <<'END'
import json, sys
def fit(d, s, at):
    if s is None:
        return []
    if isinstance(s, type):
        return [] if type(d) is s else [f"{at}: {type(d).__name__}, not {s.__name__}"]
    if isinstance(s, list):
        return [f"{at}: no list"] if not isinstance(d, list) else sum((fit(x, s[0], f"{at}.{i}") for i, x in enumerate(d)), [])
    if not isinstance(d, dict):
        return [f"{at}: no mapping"]
    return sum((fit(d[k], s[k], f"{at}.{k}") if k in d else [f"{at}.{k}: missing"] for k in s), [])
text = sys.stdin.read()
faults = fit(json.loads(text), eval(sys.argv[1]), "")
if text.count("\n") != 1:
    faults.append("is not one line")
print("\n".join(faults), end="")
END
shape() { # 'name' STATUS SHAPE MACHINE ARGS...
	local name=$1 want=$2 form=$3 got m=$4
	shift 4
	as "$m" --json "$@" >doc 2>err </dev/null
	rc=$?
	got=$("$PYTHON" shape.py "$form" <doc 2>&1)
	is "$name" "$rc: $got$(cat err)" "$want: "
}
SAVED='{"id": str, "dossier": str, "commit": str}'
CHECK='{"ok": bool, "errors": [{"file": str, "line": int, "column": int, "path": str, "message": str}]}'
SYNC='{"ok": bool, "fetched": int, "pushed": int, "merged": int, "conflicts": [{"record": str, "path": str}], "quarantined": [str]}'
VERIFY='{"ok": bool, "commits": int, "head": str, "trail": str, "content": bool, "failures": [{"commit": str, "rule": str, "message": str}], "notices": [str]}'

machine anna
shape 'init' 0 '{"store": str, "fingerprint": str, "recovery": str}' anna init "$T/anna" --name A --schema "$TOY/schema"
FINGERPRINT=$(json 'd["fingerprint"]' <doc)
is 'init: the fingerprint is 64 hex digits' "$(norm <<<"$FINGERPRINT")" SHA256
shape 'id show' 0 '{"card": str}' anna id show
shape 'new' 0 "$SAVED" anna new hive --set name=North --set 'frames=[{k: a, holds: honey}]'
hive=$(json 'd["id"]' <doc) dossier=$(json 'd["dossier"]' <doc)
is 'new: the commit is HEAD' "$(json 'd["commit"]' <doc)" "$(git -C anna rev-parse main)"
shape 'set' 0 "$SAVED" anna set "$hive" count=1 --why 'a "reason"'
shape 'set without a change' 0 "$SAVED" anna set "$hive" count=1
is 'set without a change: the commit is HEAD' "$(json 'd["commit"]' <doc)" "$(git -C anna rev-parse main)"
shape 'show' 0 '{"akt": int, "type": str, "v": int, "id": str, "dossier": str, "created": {"at": str, "by": str}, "updated": {"at": str, "by": str, "why": str}, "data": {"name": str, "frames": [{"k": str, "holds": str}], "count": int}}' anna show "$hive"
hasnt 'show: no empty conflicts' "$(cat doc)" conflicts
shape 'list' 0 '[{"id": str, "type": str, "dossier": str, "title": str, "updated_at": str, "updated_by": str}]' anna list
is 'list: one record' "$(json 'len(d)' <doc)" 1
shape 'list of nothing' 0 '[None]' anna list person
is 'list of nothing is []' "$(cat doc)" '[]'
shape 'check' 0 "$CHECK" anna check
printf 'name: ""\n' >bad.yaml
shape 'check with errors: its own shape' 3 "$CHECK" anna check --schema "$TOY/schema/hive.yaml" bad.yaml
is 'check with errors' "$(cat doc)" '{"ok":false,"checked":1,"errors":[{"file":"bad.yaml","line":1,"column":7,"path":"name","message":"must not be empty"}]}'
shape 'log' 0 '[{"commit": str, "at": str, "by": str, "device": str, "record": str, "why": None, "changes": [{"path": str, "from": None, "to": None}]}]' anna log
is 'log: newest first' "$(json '[x["why"] for x in d]' <doc)" '["a \"reason\"", null]'
is 'log: what was not there is null' "$(json 'd[0]["changes"]' <doc)" '[{"from": null, "path": "count", "to": 1}]'
shape 'diff' 0 '{"record": str, "changes": [{"path": str, "from": None, "to": None}]}' anna diff "$hive"
"$AKT" hub hub.git >/dev/null
shape 'hub' 0 '{"hub": str}' anna hub other.git
shape 'remote add' 0 '{"hub": str}' anna remote add hub "$T/hub.git"
shape 'remote list' 0 '{"hub": str}' anna remote list
shape 'sync' 0 "$SYNC" anna sync
is 'sync: pushed' "$(json 'd["fetched"], d["pushed"], d["merged"]' <doc)" '[0, 3, 0]'
machine bo
shape 'member add' 0 '{"commit": str, "handle": str, "device": str}' anna member add bo.card --role staff --team unit
shape 'member list' 0 '[{"handle": str, "roles": [str], "teams": [str], "devices": [{"id": str, "added": str}]}]' anna member list
shape 'team' 0 '{"team": str, "members": [str]}' anna team unit
shape 'team --add' 0 '{"team": str, "members": [str], "commit": str}' anna team keepers --add anna --add bo
shape 'access' 0 '{"dossier": str, "access": [str]}' anna access "$dossier"
shape 'access --grant' 0 '{"dossier": str, "access": [str], "commit": str}' anna access "$dossier" --grant keepers
as anna sync >/dev/null
shape 'join' 0 '{"store": str, "fingerprint": str}' bo join "$T/hub.git" "$T/bo" --fingerprint "$FINGERPRINT"
is 'join: the same store' "$(json 'd["fingerprint"]' <doc)" "$FINGERPRINT"
as bo set "$hive" name=East >/dev/null; as anna set "$hive" name=West >/dev/null; as bo sync >/dev/null
shape 'sync with a conflict: its own shape' 1 "$SYNC" anna sync
is 'sync: the conflict' "$(json 'd["ok"], d["fetched"], d["merged"], d["conflicts"]' <doc | sed "s/$hive/ID/")" '[true, 1, 1, [{"path": "name", "record": "ID"}]]'
shape 'conflicts' 0 '[{"record": str, "path": str, "values": [{"value": None, "at": str, "by": str}]}]' anna conflicts
shape 'show with a conflict' 0 '{"data": None, "conflicts": [{"path": str, "values": [{"value": None, "at": str, "by": str}]}]}' anna show "$hive"
shape 'resolve' 0 "$SAVED" anna resolve "$hive" name --take 1
shape 'conflicts: none' 0 '[None]' anna conflicts
is 'conflicts: none is []' "$(cat doc)" '[]'
shape 'verify' 0 "$VERIFY" anna verify
is 'verify: what it says' "$(json 'd["ok"], d["content"], d["failures"]' <doc)" '[true, false, []]'
shape 'verify --content' 0 "$VERIFY" anna verify --content
shape 'checkpoint' 0 '{"checkpoint": str}' anna checkpoint
shape 'todo' 0 '[{"rule": str, "severity": str, "record": str, "dossier": str, "due": str, "responsible": str, "message": str}]' \
	anna todo --today 2999-01-01
shape 'store' 0 '{"store": str, "name": str, "language": str, "settings": {"basis": [str], "erase_signers": int, "fts": bool}, "values": [{"name": str, "default": int}]}' \
	anna store
shape 'schema put --dry-run' 0 '{"types": [str], "files": [str], "dropped": [str], "invalid": [None]}' anna schema put "$TOY/schema" --dry-run
shape 'export' 0 '{"records": int}' anna export -o plain
shape 'import' 0 '{"records": int, "dossiers": int, "commit": str}' anna import plain
for c in 'show hive-zzzzzzzz:4' 'list cow:2' 'log --nothing:2' 'new hive:2' 'sync nowhere:2' "set $hive count=-1:3" \
	"access $dossier --revoke vets:4" 'import nowhere:2' 'nothing:2' 'set:2' 'verify --fingerprint 1:2'; do
	# shellcheck disable=SC2086
	shape "failure: ${c%:*}" "${c##*:}" '{"error": {"code": int, "messages": [str]}}' anna ${c%:*}
	is "failure: ${c%:*}: the code is the status" "$(json 'd["error"]["code"], len(d["error"]["messages"]) > 0' <doc)" "[${c##*:}, true]"
done

# what stopped a sync stands in its shape alone
machine carl
cp -a anna stranger && cp carl.id stranger.id
shape 'sync of a device that does not belong' 4 '{"ok": bool, "fetched": int, "pushed": int, "merged": int, "conflicts": [None], "quarantined": [None], "failures": [str]}' stranger sync
is 'it says so once' "$(json 'd["ok"], d["failures"]' <doc)" '[false, ["this device does not belong to the store; an admin adds it with: akt device add"]]'
for c in 'conflicts x' 'gc x'; do
	# shellcheck disable=SC2086
	is "akt $c: how it is used" "$(as anna --json $c | json 'd["error"]["messages"]')" "[\"use: akt ${c% x}\"]"
done

# --- help
"$AKT" --help >help.txt
is 'akt --help' $? 0
is 'akt alone says how to begin, and where the commands are listed' "$("$AKT" | tail -n 1)" 'All commands: akt --help'
# every command of the table, as the overview lists them
commands=$(sed -nE 's/^  ([a-z]+( [a-z]+)?)  +.*/\1/p' help.txt)
is 'the overview lists the commands' "$(wc -l <<<"$commands" | awk '{print ($1 >= 36)}')" 1
while read -r c; do
	# shellcheck disable=SC2086
	got=$("$AKT" $c --help 2>&1); rc=$?
	is "akt $c --help" "$rc ${got%%
*}" "0 $(grep -m 1 "^use: akt $c" <<<"$got")"
done <<<"$commands"
AKT_LANG=sv "$AKT" --help >help.sv
is 'akt --help in Swedish' $? 0
is 'akt --version' "$("$AKT" --version | sed 's/[0-9.]*$/N/')" 'akt N'
finish
