#!/bin/bash
# Schemas: faults at their lines, what a new version would make invalid, and old records afterwards.
. "$(dirname "$0")/lib.sh"
machine anna
as anna init "$T/anna" --name Apiary --schema "$TOY/schema" >/dev/null
check() { run anna check --schema "$@"; }

# --- plain files against a schema, with no store
cat >good.yaml <<'END'
name: North
frames: [{k: a, holds: honey}]
END
check "$TOY/schema/hive.yaml" good.yaml
gives 'a good file' 0 '1 record is valid'
check "$TOY/schema" good.yaml
gives 'plain data against a folder: which type?' 3 'good.yaml:1:1: is plain data: name the one schema file it should follow'
cat >bad.yaml <<'END'
# a comment
name: 'North'
site: 2021
settled_on: 2026-02-29
frames:
- holds: honey
- {k: b, holds: wax, weight: -1}
tags: [a, 7]
weighings:
- on: 2026-01-01
  kg: 0
colour: red
END
check "$TOY/schema/hive.yaml" bad.yaml
gives 'a bad one: every fault where it stands' 3 'bad.yaml:4:13: settled_on: is not a date (YYYY-MM-DD)
bad.yaml:7:17: frames.b.holds: is not one of the allowed values: brood, honey, pollen, empty
bad.yaml:7:30: frames.b.weight: must be at least 0
bad.yaml:11:7: weighings.0.kg: must be more than 0
bad.yaml:12:1: colour: is not a known field'
cat >envelope.yaml <<'END'
akt: 1
type: hive
v: 1
id: hive-abc
dossier: 0123456789
created: {at: 2026-01-01T00:00:00Z, by: anna}
updated: {at: 2026-01-01T00:00:00Z, by: anna}
data:
  name: ''
END
check "$TOY/schema" envelope.yaml
gives 'an envelope: by its type, with the path in the file' 3 'envelope.yaml:9:9: data.name: must not be empty'
sed -i 's/^type: hive/type: cow/; s/hive-abc/cow-abc/' envelope.yaml
check "$TOY/schema" envelope.yaml
is 'of a type that has no schema' "$rc" 3
check "$TOY/schema/hive.yaml" good.yaml bad.yaml nowhere.yaml
is 'a file that is not there' "$rc" 2
{ printf 'name: "'; head -c 16777300 /dev/zero | tr '\0' x; printf '"\n'; } >big.yaml
check "$TOY/schema/hive.yaml" big.yaml bad.yaml
is 'one that is too big is named, and the others are checked' "$rc $(cut -d: -f1,2 <<<"$out" | sort | tr '\n' ' ')" '3 bad.yaml:11 bad.yaml:12 bad.yaml:4 bad.yaml:7 bad.yaml:7 big.yaml: larger than 16777216 bytes '
printf 'name: North\n\ttab: x\n' >tab.yaml
check "$TOY/schema/hive.yaml" tab.yaml
is 'broken YAML' "$rc $(grep -c '^tab.yaml:2:' <<<"$out")" '3 1'

# --- faults of schemas
faults() { # 'name' 'message' with the schema on standard input
	cat >fault.yaml
	check fault.yaml good.yaml
	gives "$1" 3 "$2"
}
faults 'an unknown keyword' 'fault.yaml:3:10: properties.name.minLenght: is not a JSON Schema keyword; own ones begin with x-' <<'END'
type: object
properties:
  name: {minLenght: 2}
END
sed -i 's/minLenght: 2/x-note: 2/' fault.yaml
check fault.yaml good.yaml
gives 'one of their own is none of ours to judge' 0 '1 record is valid'
faults 'several at once' "fault.yaml:3:13: properties.a.type: must be string, number, integer, boolean, array, object or 'null'
fault.yaml:4:16: properties.b.pattern: is not a regular expression: missing closing parenthesis
fault.yaml:5:18: properties.c.minLength: must be a whole number, 0 or more
fault.yaml:7:1: require: is not a JSON Schema keyword; own ones begin with x-" <<'END'
type: object
properties:
  a: {type: sting}
  b: {pattern: (}
  c: {minLength: two}
  d: {type: string}
require: [a]
END
faults 'an unknown word of ours' 'fault.yaml:2:9: x-akt.dosier: is not known here' <<'END'
type: object
x-akt: {dosier: own}
END
faults 'ours about a field that is not there' 'fault.yaml:4:27: x-akt.dossier.of: names a field that the schema does not have
fault.yaml:5:20: x-akt.access.0.field: names a field that the schema does not have
fault.yaml:6:11: x-akt.title.0: names a field that the schema does not have' <<'END'
# a comment
type: object
x-akt:
  dossier: {part: x, of:  hive}
  access: [{field: keeper}]
  title: [nme]
properties: {name: {type: string}}
END
mkdir half; cp "$TOY/schema/"*.yaml half/; sed 's/minLength/minLenght/' "$TOY/schema/hive.yaml" >half/hive.yaml
before=$(git -C anna rev-parse main)
run anna schema put half
is 'a wrong schema is not put' "$rc $(grep -c 'hive.yaml:.*minLenght: is not a JSON Schema keyword' <<<"$err") $(git -C anna rev-parse main)" "3 1 $before"

# --- a new version
one=$(as anna new hive --set name=One --set count=5)
two=$(as anna new hive --set name=Two --set count=50 --set site=hill)
three=$(as anna new hive --set name=Three --set kind=warre)
mkdir new
sed -e 's/^  version: 1/  version: 2/' -e 's/count: {type: integer, minimum: 0/count: {type: integer, minimum: 10/' \
	-e 's/enum: \[langstroth, warre, top_bar\]/enum: [langstroth, top_bar]/' -e '/^        warre:/d' \
	-e 's/^required: \[name\]/required: [name, site]/' "$TOY/schema/hive.yaml" >new/hive.yaml
before=$(git -C anna rev-parse main)
run anna schema put new --dry-run
becomes="these records become invalid:
hive-1.yaml:13:3: data.site: is required but missing
hive-1.yaml:14:10: data.count: must be at least 10
hive-3.yaml:13:3: data.site: is required but missing
hive-3.yaml:14:9: data.kind: is not one of the allowed values: langstroth (Langstroth), top_bar (Top bar)"
named() { sed -e "s/$one/hive-1/g; s/$two/hive-2/g; s/$three/hive-3/g" | { IFS= read -r l; echo "$l"; sort; }; }
is 'schema put --dry-run lists what becomes invalid' "$rc $(named <"$T/.out")" "0 $(head -n 1 <<<"$becomes")
$({ tail -n +2 <<<"$becomes"; echo 'nothing changed (dry run): hive'; } | sort)"
is 'and changes nothing' "$(git -C anna rev-parse main)" "$before"
run anna schema put new
is 'schema put lists them too' "$rc $(named <"$T/.out" | tail -n 1)" '0 in force: hive'
is 'and is one commit' "$(git -C anna rev-list --count "$before..main")" 1
run anna schema put new
is 'the same again makes none' "$rc $(git -C anna rev-list --count "$before..main")" '0 1'
run anna check
is 'check tells of the old records' "$rc $(wc -l <<<"$out")" '3 4'
run anna check "$two"
gives 'not of those that fit' 0 '1 record is valid'

# --- a save may not add an error; an old one may stay
run anna set "$one" notes=still
still='warning: hive-ID.yaml:13:3: data.site: is required but missing
warning: hive-ID.yaml:14:10: data.count: must be at least 10'
gives 'an old error does not hinder other work, and is told' 0 hive-ID "$still"
is '--json: in warnings' "$(as anna --json set "$one" notes=again | json '[(w["line"], w["path"]) for w in d["warnings"]]')" '[[13, "data.site"], [14, "data.count"]]'
is 'the record is of the new version now' "$(as anna --json show "$one" | json 'd["v"]')" 2
run anna set "$one" settled_on=soon
gives 'a new error does' 3 '' 'hive-ID.yaml:14:15: data.settled_on: is not a date (YYYY-MM-DD)'
run anna set "$two" --unset site
gives 'also one that others have' 3 '' 'hive-ID.yaml:13:3: data.site: is required but missing'
run anna set "$one" count=6
gives 'an error that stays the same' 0 hive-ID "$still"
run anna set "$one" count=12 site=moor
gives 'put right' 0 hive-ID
run anna set "$one" count=7
gives 'it is right for good' 3 '' 'hive-ID.yaml:15:10: data.count: must be at least 10'
run anna new hive --set name=Four --set site=x --set kind=warre
gives 'new records follow the new version' 3 '' 'hive-ID.yaml:15:9: data.kind: is not one of the allowed values: langstroth (Langstroth), top_bar (Top bar)'
mkdir more; printf 'type: object\nproperties: {what: {type: string}}\nrequired: [what]\n' >more/plant.yaml
run anna schema put more
gives 'a new type beside the others' 0 'in force: plant'
run anna new plant --set what=clover
is 'has the defaults' "$rc $(as anna --json access @ | json 'd["access"]')" '0 ["unit"]'
run anna verify --content
is 'all of it verifies' "$rc" 0

# --- what is checked is what it is put on: another change may come while it waits its turn
cp -r anna copy; cp anna.id copy.id
mkdir other first
cp -r "$TOY"/schema/*.yaml "$TOY/schema/generators" first
cp -r first/. "$TOY/schema/rules" other
as copy schema put first >/dev/null
sed -i 's/inspection_days = 30/inspection_days = 31/' other/*/*.sql
as copy schema put other >/dev/null
exec 8>anna/akt/lock
flock 8
as anna schema put first 8>&- >.out 2>.err &
sleep 0.5
cp -rn copy/objects/. anna/objects/
git -C anna update-ref refs/heads/main "$(git -C copy rev-parse main)"
exec 8>&-
wait $!
is 'what came first counts' "$? $(norm <.err)" '3 generators/spring.sql:6:13: setting: inspection_days has another value in rules/t01.sql'
finish
