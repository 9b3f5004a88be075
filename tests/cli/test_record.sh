#!/bin/bash
# One person, one store: new, set, edit's siblings, show, list, check, log, diff, import, export.
. "$(dirname "$0")/lib.sh"
machine anna
run anna init "$T/anna" --name Apiary --schema "$TOY/schema"
is 'init: exit' $rc 0
has 'init shows the fingerprint' "$out" 'fingerprint (tell it to everybody who joins):
SHA256'
has 'init shows the recovery identity' "$out" 'AGE-SECRET-KEY-1'
run anna init "$T/anna" --name Again --schema "$TOY/schema"
is 'init leaves what is there alone' "$rc" 2

# --- new, in every form
run anna new person --set name=Anna --set handle=anna
gives 'new prints its id alone' 0 person-ID
person=$(cat "$T/.out")
cat >north.yaml <<'END'
name: North
site: 'by the oak: field'
frames:
- {k: a1, holds: brood}
- {k: b2, holds: honey, weight: 2.5}
tags: [wild, old]
weighings: [{on: 2026-01-05, kg: 31.5}]
size: [3, 2, 1]
count: 12000
settled_on: 2025-06-01
notes: |
  Calm bees.
  Good year.
END
run anna new hive --from north.yaml
gives 'new --from FILE of fields' 0 hive-ID
north=$(cat "$T/.out")
as anna show "$north" >north.shown
{ echo akt: 1; echo type: hive; echo v: 1; echo id: hive-abc; echo dossier: 0123456789
  echo 'created: {at: 2020-01-01T00:00:00Z, by: anna}'; echo 'updated: {at: 2020-01-01T00:00:00Z, by: anna}'
  echo data: ; echo '  name: South'; } >south.yaml
run anna new hive --from south.yaml
gives 'new --from FILE of an envelope' 0 hive-ID
south=$(cat "$T/.out")
isnt 'an envelope brings its fields, not its id' "$south" hive-abc
out=$(echo 'name: West' | as anna new hive --from - --set 'site=the moor, far out' --set 'tags=[new]')
is 'new --from - --set' $? 0
west=$out
run anna new hive --set "keeper=$person" --set 'name=yes' --set site=2021 --set secret=false \
	--set 'frames=[{k: q1, holds: empty}]' --set kind=warre
gives 'new --set: text stays text, lists and booleans are YAML' 0 hive-ID
run anna show @
is 'show @: what was written last' "$(sed -n '/^data:/,$p' <<<"$out" | sed "s/$person/person-ID/")" 'data:
  name: yes
  site: '"'2021'"'
  keeper: person-ID
  secret: false
  kind: warre
  frames:
  - k: q1
    holds: empty'
as anna show "$north" >shown
cat >want <<END
akt: 1
type: hive
v: 1
id: $north
dossier: DOSSIER
created:
  at: TIME
  by: anna
updated:
  at: TIME
  by: anna
data:
  name: North
  site: 'by the oak: field'
  settled_on: 2025-06-01
  frames:
  - k: a1
    holds: brood
  - k: b2
    holds: honey
    weight: 2.5
  tags: [wild, old]
  weighings:
  - on: 2026-01-05
    kg: 31.5
  size: [3, 2, 1]
  count: 12000
  notes: |
    Calm bees.
    Good year.
END
is 'show: the canonical record' "$(norm <shown)" "$(norm <want)"

# --- set
run anna set "$north" 'site=the hill' count=9
gives 'set prints the id' 0 hive-ID
run anna set "$north" goalless=1
is 'set of an unknown field is refused' "$rc" 3
as anna set @ 'weighings.+={on: 2026-02-05, kg: 33}' 'tags.+=calm' 'frames.+={holds: pollen}' >/dev/null
as anna set @ frames.b2.weight=3 'frames.0.holds=honey' >/dev/null
as anna set @ --unset settled_on --unset frames.a1 --unset size >/dev/null
printf 'One line.\n\nAnother: with a colon\n' >long.txt
as anna set @ notes=@long.txt >/dev/null
run anna show @
is 'set, append, keys, indexes, unset, @FILE' "$(sed -n '/^data:/,$p' <<<"$out" | sed -E "s/k: '?[0-9a-z]{4}'?\$/k: KEY/")" 'data:
  name: North
  site: the hill
  frames:
  - k: b2
    holds: honey
    weight: 3
  - k: KEY
    holds: pollen
  tags: [wild, old, calm]
  weighings:
  - on: 2026-01-05
    kg: 31.5
  - on: 2026-02-05
    kg: 33
  count: 9
  notes: |
    One line.

    Another: with a colon'
before=$(git -C anna rev-parse main)
run anna set "$north" 'site=the hill'
gives 'a change that changes nothing' 0 hive-ID
is 'makes no commit' "$(git -C anna rev-parse main)" "$before"
as anna set "$north" count=10 --why 'counted  again: "all"' >/dev/null
has 'why is kept' "$(as anna show "$north")" "why: 'counted  again: \"all\"'"

# --- final records
as anna set "$west" state=final >/dev/null
run anna set "$west" notes=late
gives 'a final record needs a reason' 2 '' 'akt: the record is final: say why it changes (--why TEXT)'
run anna set "$west" notes=late --why because
gives 'an open field of a final record changes with one' 0 hive-ID
run anna set "$west" site=elsewhere --why because
gives 'a closed one does not' 3 '' "akt: hive-ID.yaml: site: cannot change any more: the record is final; write a correction or a new version"
run anna set "$west" state=draft --why because
gives 'nor does it open again' 3 '' "akt: hive-ID.yaml: state: cannot change any more: the record is final; write a correction or a new version"
run anna set "$west" state=void --why 'written twice'
gives 'it may be voided' 0 hive-ID

# --- naming records
run anna show "${north%????}"
is 'a unique prefix' "$(sed -n 4p <<<"$out")" 'id: hive-ID'
d=$(as anna --json show "$north" | json 'd["dossier"]')
run anna show "$d/$north"
is 'dossier/id' "$rc" 0
run anna show hive:NORTH
is 'TYPE:TEXT fits the title, whatever the case' "$(as anna --json show hive:NORTH | json 'd["id"]')" "$north"
run anna show hive-
gives 'an ambiguous prefix' 2 '' 'akt: 4 records begin so; give more of the id'
run anna show hive:t
gives 'an ambiguous title' 2 '' 'akt: 3 records fit; give more of the title, or an id (akt list shows them)'
run anna show hive-zzzzzzzz
gives 'an unknown record' 4 '' 'akt: no such record, or you have no access to it'
run anna show hive:nowhere
gives 'an unknown title' 4 '' 'akt: no such record, or you have no access to it'

# --- history
first=$(as anna --json log "$north" | json 'd[-1]["commit"]')
is 'show --at' "$(as anna show "$north" --at "$first")" "$(cat north.shown)"
is 'show --at a beginning of the commit' "$(as anna show "$north" --at "${first:0:8}")" "$(cat north.shown)"
run anna show "$north" --at "$(git -C anna rev-list --max-parents=0 main)"
gives 'show --at before it was' 4 '' 'akt: the record was not there yet at that commit'
run anna log "$north" --path count
gives 'log --path' 0 'COMMIT12  TIME  anna (anna.pc)  hive-ID
    because: counted  again: "all"
    count: 9 → 10
COMMIT12  TIME  anna (anna.pc)  hive-ID
    count: 12000 → 9
COMMIT12  TIME  anna (anna.pc)  hive-ID
    count: – → 12000'
run anna diff "$north"
gives 'diff: the last change' 0 '    count: 9 → 10'
run anna diff "$north" "$first"
has 'diff since a commit' "$out" '    site: '"'by the oak: field'"' → the hill'
is 'list TYPE' "$(as anna list person | norm)" 'person-ID  DAY  anna         Anna'
is 'list shows all' "$(as anna list | wc -l)" 5

# --- check, export, import
run anna check
gives 'check' 0 '5 records are valid'
run anna check "$north" "$south"
gives 'check REC REC' 0 '2 records are valid'
run anna export -o plain
gives 'export' 0 '5 records, in the clear; whoever reads that folder reads them'
is 'an exported file is the record' "$(cat "plain/$north.yaml")" "$(as anna show "$north")"
machine bo
as bo init "$T/bo" --name Other --schema "$TOY/schema" >/dev/null
run bo import plain
gives 'import' 0 'records: 5, in dossiers: 5; one commit'
is 'an imported record keeps its id, creation and fields' "$(as bo show "$north" | sed '/^dossier/d; /^updated/,/^data/d')" \
	"$(as anna show "$north" | sed '/^dossier/d; /^updated/,/^data/d')"
has 'and says that it was imported' "$(as bo show "$north")" 'why: imported'
is 'import makes one commit' "$(git -C bo rev-list --count main)" 2
run bo import plain
gives 'import again adds nothing' 0 'nothing new to import
5 were in the store already'
run bo verify --content
is 'what was imported verifies' "$rc" 0
finish
