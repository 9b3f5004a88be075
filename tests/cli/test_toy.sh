#!/bin/bash
# A bee-keeper's domain: that the engine knows no social services. Where records go, who writes what,
# every kind of list, references, conditions, final records.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
as anna team vets --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna vera --role staff --team unit --team apiary --team vets
as anna sync >/dev/null
dossier() { as "$1" --json show "$2" | json 'd["dossier"]'; }
control() { git -C anna show "main:records/${1:0:1}/${1:1:1}/$1/dossier.yaml"; }

# --- where records go
north=$(as anna new hive --set name=North --set site=hill)
south=$(as anna new hive --set name=South)
isnt 'own: a dossier each' "$(dossier anna "$north")" "$(dossier anna "$south")"
d=$(dossier anna "$north")
i=$(as anna new inspection --set "hive=$north" --set on=2026-03-01 --set mites=3)
is '{of}: in that of the record it refers to' "$(dossier anna "$i")" "$d"
t=$(as vera sync >/dev/null; as anna new treatment --set "hive=$north" --set started_on=2026-03-02)
isnt '{of, part}: beside it' "$(dossier anna "$t")" "$d"
unit=$(git -C anna show main:store.yaml | sed -n 's/^unit: //p')
is 'unit: in the unit'"'"'s' "$(dossier anna "$(as anna new person --set name=Anna)")" "$unit"
is 'a list: the first that is set' "$(dossier anna "$(as anna new sighting --set what=swarm --set "hive=$north")")" "$d"
is 'then the next' "$(dossier anna "$(as anna new sighting --set what=swarm --set "inspection=$i")")" "$d"
is 'then what always holds' "$(dossier anna "$(as anna new sighting --set what=swarm)")" "$unit"
run anna new inspection --set on=2026-03-01
gives '{of} without a reference' 3 '' 'inspection-ID.yaml:13:3: data.hive: is required but missing'
is 'the retention class is kept' "$(control "$d" | sed -n 's/^retention: //p')" H
is 'no name, title or text is in the clear' "$(control "$d" | grep -ciE 'north|hill')" 0

# --- the part is the same dossier wherever it is opened
as anna sync >/dev/null; as vera sync >/dev/null
a=$(as anna new treatment --set "hive=$south" --set started_on=2026-03-03)
v=$(as vera new treatment --set "hive=$south" --set started_on=2026-03-04)
is 'a part opened on two machines apart is one dossier' "$(dossier anna "$a")" "$(dossier vera "$v")"
as anna sync >/dev/null; run vera sync
is 'and they merge' "$rc $err" '0 '
as anna sync >/dev/null; as vera sync >/dev/null
is 'both read both' "$(as anna --json list treatment | json 'len(d)') $(as vera --json list treatment | json 'len(d)')" '3 3'

# --- who may write
run vera new treatment --set "hive=$north" --set started_on=2026-03-05
is 'team:vets writes treatments' "$rc" 0
as bo sync >/dev/null
west=$(as bo new hive --set name=West)
run bo new treatment --set "hive=$west" --set started_on=2026-03-05
is 'other staff do not' "$rc" 4
has 'and are told so' "$err" "the signer's roles do not write this type of record"
run bo new inspection --set "hive=$north" --set on=2026-03-05
is 'but what the default lets them' "$rc" 0

# --- conditions
run anna new inspection --set "hive=$north" --set on=2026-03-06 --set mites=12
gives 'if, then' 3 '' 'inspection-ID.yaml:13:3: data.remedy: is required but missing'
run anna new inspection --set "hive=$north" --set on=2026-03-06 --set mites=12 --set remedy=acid
gives 'put right' 0 inspection-ID

# --- lists, merged from two machines: keyed, set, append, one value
as anna set "$north" 'frames=[{k: a, holds: honey}, {k: b, holds: brood}, {k: c, holds: empty}]' 'tags=[calm, old]' \
	'weighings=[{on: 2026-01-01, kg: 30}]' 'size=[1, 2]' 'notes=@/dev/stdin' >/dev/null <<'END'
First line.
Second line.
Third line.
Fourth line.
END
as anna sync >/dev/null; as bo sync >/dev/null
as anna show "$north" | sed -n '/^  notes/,$p' | sed '1d; s/^    //' >notes.txt
sed 's/^First/1st/' notes.txt >notes.anna; sed 's/^Fourth/4th/' notes.txt >notes.bo
as anna set "$north" frames.a.holds=empty --unset frames.b 'tags.+=wild' --unset 'size' 'weighings.+={on: 2026-02-01, kg: 31}' notes=@notes.anna >/dev/null
as bo set "$north" frames.c.weight=4 'frames.+={k: d, holds: pollen}' 'tags=[calm, tame]' 'weighings.+={on: 2026-02-02, kg: 32}' notes=@notes.bo >/dev/null
as anna sync >/dev/null; run bo sync
is 'all of it merges without a conflict' "$rc" 0
as anna sync >/dev/null
is 'the same on both' "$(as anna show "$north")" "$(as bo show "$north")"
is 'keyed: changed, gone, changed, new' "$(as anna --json show "$north" | json '[(f["k"], f["holds"], f.get("weight")) for f in d["data"]["frames"]]')" \
	'[["a", "empty", null], ["c", "empty", 4], ["d", "pollen", null]]'
is 'set: united, with removals' "$(as anna --json show "$north" | json 'sorted(d["data"]["tags"])')" '["calm", "tame", "wild"]'
is 'append: both' "$(as anna --json show "$north" | json '[w["kg"] for w in d["data"]["weighings"]]' | tr -d '[] ' | tr , '\n' | sort | tr '\n' ' ')" '30 31 32 '
is 'long text: line by line' "$(as anna --json show "$north" | json 'd["data"]["notes"].split("\n")[:4]')" '["1st line.", "Second line.", "Third line.", "4th line."]'
is 'one value: gone' "$(as anna --json show "$north" | json '"size" in d["data"]')" false
as anna set "$north" frames.c.weight=5 >/dev/null; as bo set "$north" --unset frames.c >/dev/null
as anna sync >/dev/null; run bo sync
is 'an item removed here and changed there is kept and shown' "$rc $(as bo --json conflicts | json '[c["path"] for c in d]')" '1 ["frames.c"]'
is 'as it was changed' "$(as bo --json show "$north" | json '[f.get("weight") for f in d["data"]["frames"] if f["k"] == "c"]')" '[5]'
run bo resolve "$north" frames.c --drop
is 'and can be removed after all' "$rc $(as bo --json show "$north" | json '[f["k"] for f in d["data"]["frames"]], "conflicts" in d')" '0 [["a", "d"], false]'
as bo sync >/dev/null; as anna sync >/dev/null

# --- references
as anna set "$south" 'keeper=person-nobody12' >/dev/null
run anna check "$south"
is 'a reference to nothing is found by check' "$rc $(sed 's/:.*: data/: data/' <<<"$out")" '3 hive-ID.yaml: data.keeper: refers to a record that is not there'
as anna set "$south" --unset keeper >/dev/null

# --- final on one machine, changed on the other
as anna sync >/dev/null; as bo sync >/dev/null
as anna set "$south" state=final site=shore >/dev/null
as bo set "$south" site=moor notes=open >/dev/null
as anna sync >/dev/null; run bo sync
is 'the locking side stands, the open field joins' "$rc $(as bo --json show "$south" | json 'd["data"]["site"], d["data"]["notes"], d["data"]["state"]')" '1 ["shore", "open", "final"]'
is 'and the other value is not lost' "$(as bo --json conflicts | json '[v["value"] for v in d[0]["values"]]')" '["shore", "moor"]'
run bo resolve "$south" site --value moor --why because
gives 'it cannot be made the record'"'"'s' 2 '' 'akt: site: was final when the other value was written: keep the value that stands, or carry the other into a new version'
run bo resolve "$south" site --take 1 --why because
is 'it can be dismissed' "$rc" 0

# --- plain files of the domain
mkdir plain; as bo export -o plain >/dev/null
run anna check --schema "$TOY/schema" plain/*.yaml
is 'exported files hold against the schemas without a store' "$rc" 0
for m in anna bo vera; do as $m sync >/dev/null; done
run vera verify --content --full
is 'all of it verifies' "$rc $(grep -c THE <<<"$out")" '0 0'
finish
