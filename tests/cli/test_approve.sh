#!/bin/bash
# A supervisor's decision is a record of its own, bound to what the other record held, and lapses with it.
. "$(dirname "$0")/lib.sh"
masks+=(-e 's/approval-[0-9a-z]\{8\}/approval-ID/g')
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role supervisor --team unit --team apiary
member anna cia --role staff --team unit --team apiary
hive=$(as cia new hive --set name=North --set count=1)
other=$(as cia new hive --set name=South)
as cia sync >/dev/null && as bo sync >/dev/null
approval() { as bo --json show "$1" | json '(d.get("approval") or {}).get("state", "none")'; }
listed() { as bo --json list hive | json "[x.get('approval', {}).get('state') for x in d if x['id'] == '$1'][0]"; }

run cia approve "$hive" --why 'looks right'
gives 'staff do not approve' 4 '' 'akt: only a supervisor approves a record or returns it'
run anna approve "$hive" --why 'looks right'
gives 'nor does an admin' 4 '' 'akt: only a supervisor approves a record or returns it'
run bo approve "$hive"
gives 'a decision has a reason' 2 '' 'akt: give the reason: --why TEXT'
run bo approve hive-zzzzzzzz --why x
gives 'of a record that is there' 4 '' 'akt: no such record, or you have no access to it'
is 'no decision yet' "$(approval "$hive")" none
run bo approve "$hive" --why 'looks right'
is 'approve prints the approval' "$rc:$(sed -E 's/-[0-9a-z]{8}$/-ID/' <<<"$out")" 0:approval-ID
first=$(cat "$T/.out")
is 'show: approved' "$(approval "$hive")" approved
is 'list: approved' "$(listed "$hive")" approved
is 'list: none for others' "$(listed "$other")" null
run bo show "$hive"
is 'as a comment behind the record' "$(tail -n 1 <<<"$out")" '# approved by bo, TIME'
run bo list hive
has 'and a word in the list' "$out" 'North  [approved]'
is 'it lies beside the record' "$(as bo --json show "$first" | json 'd["dossier"]')" "$(as bo --json show "$hive" | json 'd["dossier"]')"
is 'with the reason' "$(as bo --json show "$first" | json '[d["data"]["decision"], d["data"]["why"], d["data"]["record"] == "'"$hive"'"]')" '["approved", "looks right", true]'
is 'and the SHA-256 of the canonical text without updated' "$(as bo --json show "$first" | json 'd["data"]["content"]')" \
	"$(as bo show "$hive" | sed '/^# /d' | sed '/^updated:/,/^data:/{/^data:/!d}' | sha256sum | cut -d' ' -f1)"
run bo approve "$first" --why x
gives 'an approval is not approved' 2 '' 'akt: this is an approval itself'

# --- written once
run bo set "$first" decision=returned --why changed
gives 'a decision is not rewritten' 3 '' 'akt: approval-ID.yaml: decision: cannot change any more: the record is final; write a correction or a new version'
run cia new approval --set "record=$hive" --set content="$(printf '%064d' 0)" --set decision=approved --set why=me --set state=final
has 'nor written by others' "$rc:$err" "4:akt: records/"
has 'because of their role' "$err" 'the signer'"'"'s roles do not write this type of record'

# --- it lapses with the content, not with a merge or a no-op
as bo sync >/dev/null && as cia sync >/dev/null
is 'others see it after a sync' "$(as cia --json show "$hive" | json 'd["approval"]["state"]')" approved
as cia set "$hive" count=1 >/dev/null
is 'nothing changed, nothing lapses' "$(as cia --json show "$hive" | json 'd["approval"]["state"]')" approved
run cia check
gives 'check: nothing to say' 0 '3 records are valid'
as cia set "$hive" count=2 >/dev/null
is 'a change: lapsed' "$(as cia --json show "$hive" | json 'd["approval"]["state"]')" lapsed
run cia show "$hive"
is 'said so' "$(tail -n 1 <<<"$out")" '# changed since: the approval by bo, TIME, has lapsed'
run cia check
gives 'check warns' 0 'warning: hive-ID.yaml: has changed since it was approved: the approval has lapsed
3 records are valid'
is 'JSON: warnings' "$(as cia --json check | json '[d["ok"], d["errors"], len(d["warnings"])]')" '[true, [], 1]'
as cia set "$hive" count=1 >/dev/null
is 'what was approved is approved when it is back' "$(as cia --json show "$hive" | json 'd["approval"]["state"]')" approved
as cia set "$hive" count=3 >/dev/null
as cia sync >/dev/null && as bo sync >/dev/null

# --- returned, completed, approved
run bo approve "$hive" --return --why 'count again'
is 'returned' "$rc:$(approval "$hive")" 0:returned
run bo show "$hive"
is 'said so' "$(tail -n 1 <<<"$out")" '# returned by bo, TIME'
as bo set "$hive" count=4 >/dev/null
run bo show "$hive"
is 'and when it has been completed' "$(tail -n 1 <<<"$out")" '# changed since bo returned it, TIME'
run bo check
gives 'that is no lapsed approval' 0 '4 records are valid'
for i in 1 2 3 4; do
	as bo approve "$hive" --return --why again >/dev/null
	is "the last decision counts, also within a second: $i" "$(approval "$hive")" returned
	as bo approve "$hive" --why enough >/dev/null
	is "and the one after it: $i" "$(approval "$hive")" approved
done
as bo approve "$hive" --return --why again >/dev/null
second=$(as bo approve "$hive" --why 'right now')
is 'the newest decision counts' "$(approval "$hive")" approved
run bo set "$second" state=void --why 'wrong record'
is 'a void decision does not: the one before stands' "$rc:$(as bo --json show "$hive" | json '[d["approval"]["state"], d["approval"]["decision"]]')" '0:["returned", "returned"]'
is '@ is the record' "$(as bo approve "$other" --why fine >/dev/null; as bo --json show @ | json 'd["id"]')" "$other"

as anna sync >/dev/null
run bo verify
is 'the trail verifies' $rc 0
finish
