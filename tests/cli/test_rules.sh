#!/bin/bash
# What a store holds beside its types: rules put in force, what is wrong with them, and gone again.
. "$(dirname "$0")/lib.sh"

unit anna
is 'a new store has the rules of the folder it was made from' \
	"$(git -C anna ls-tree --name-only main schema/rules/)" schema/rules/t01.sql
cp -r "$TOY/schema" s

run anna schema put s
gives 'put again, nothing is new' 0 'in force: hive, inspection, person, sighting, treatment
and rules, reports, generators: 2'
is 'and makes no commit' "$(git -C anna rev-list --count main)" 1

sed -i 's/h.keeper AS/h.keepr AS/' s/rules/t01.sql
printf -- '-- id: T01\n-- severity: info\n-- sv: a\n-- en: {b}\n-- setting: inspection_days = 3\nSELECT id AS record, :x FROM hives' >s/rules/t02.sql
printf 'x\n' >s/rules/t03.yaml
rm s/generators/spring.sql
printf -- '-- sv: y\n-- en: y\n-- type: hive\nDELETE FROM hives' >s/generators/x.sql
run anna schema put s
gives 'everything wrong with them at once, with lines and columns' 3 '' \
	'generators/x.sql:4:1: a query may only read the tables of records, with plain functions (SELECT)
rules/t01.sql:16:2: the query cannot be run: no such column: h.keepr
rules/t02.sql:1:8: id: is another rule'"'"'s name too
rules/t02.sql:5:13: setting: inspection_days has another value in rules/t01.sql
akt: rules/t02.sql: due_on: is no column of the query, and must be one
rules/t02.sql:4:8: en: names {b}, which is no column of the query
akt: rules/t02.sql: x: is asked for, but no setting of the rule
akt: rules/t03.yaml: is not what this folder holds'
touch x.yaml
run anna check --schema s x.yaml
is 'the same is found in plain files, without a store' "$rc $(grep -c 'rules/\|generators/' <<<"$out$err")" '3 8'
rm -r s/generators s/rules/t02.sql s/rules/t03.yaml
cp "$TOY/schema/rules/t01.sql" s/rules/
printf 'x' >"s/rules/T09.sql"
run anna schema put s
gives 'a name that no store may hold' 3 '' 'akt: T09.sql: is no name for such a file (a-z, 0-9, _ and -, at most 60, then .sql or .yaml)'
rm s/rules/T09.sql

mv s/rules/t01.sql s/rules/t07.sql
run anna schema put s
gives 'the folder is the store'"'"'s: what is not in it goes' 0 'in force: hive, inspection, person, sighting, treatment
and rules, reports, generators: 1
gone: rules/t01.sql'
is 'in one change' "$(git -C anna ls-tree --name-only main schema/rules/) $(git -C anna rev-list --count main)" \
	'schema/rules/t07.sql 2'
rm -r s/rules
run anna schema put s
is 'a folder that is not there changes nothing' "$rc $(git -C anna ls-tree --name-only main schema/rules/)" \
	'0 schema/rules/t07.sql'
mkdir s/rules
run anna schema put s --dry-run
gives 'a dry run only tells' 0 'nothing changed (dry run): hive, inspection, person, sighting, treatment
gone: rules/t07.sql'

member anna bo --role staff --team unit
cp "$TOY/schema/rules/t01.sql" s/rules/
run bo schema put s
is 'only administrators put rules in force' "$rc $(grep -c 'only an administrator' <<<"$err")" '4 1'

# --- the unit's own numbers
run anna store
gives 'settings as they are' 0 'name: Apiary
language: en
basis: [gdpr, sol]
erase_signers: 2
fts: true
go_live: null
inspection_days: 30'
run anna store --set inspection_days=45 --set go_live=2026-02-01 --set fts=false --set basis=lvu,gdpr,lvu \
	--set 'name=Bi & gård' --set erase_signers=1 --set language=sv
gives 'changed, several at once' 0 'name: Bi & gård
language: sv
basis: [gdpr, lvu]
erase_signers: 1
fts: false
go_live: 2026-02-01
inspection_days: 45  (unless set: 30)'
is 'in one file, in canonical form' "$(git -C anna show main:store.yaml | sed -n '4,$p')" 'name: Bi & gård
language: sv
settings:
  basis: [gdpr, lvu]
  erase_signers: 1
  fts: false
  go_live: 2026-02-01
  values:
    inspection_days: 45'
commits=$(git -C anna rev-list --count main)
run anna store --set x=1 --set fts=maybe --set go_live=2026-02-30 --set basis= --set inspection_days=x \
	--set language=fi --set erase_signers=0 --set name= --set inspection_days=99999999999
gives 'what cannot be is refused, all at once' 2 '' 'akt: x: is no setting of this store; akt store shows them
akt: fts: is true or false
akt: go_live: is not a date (YYYY-MM-DD)
akt: basis: is empty
akt: inspection_days: is a whole number
akt: language: the language is sv or en
akt: erase_signers: is not a number from 1 to 9
akt: name: is a line of 1 to 200 bytes
akt: inspection_days: is a whole number'
is 'and nothing changed' "$(git -C anna rev-list --count main)" "$commits"
run anna --json store --set inspection_days= --set fts=true --set go_live= --set erase_signers=2
is 'back to what it is unset' "$(json 'd["settings"], d["values"]' <<<"$out")" \
	'[{"basis": ["gdpr", "lvu"], "erase_signers": 2, "fts": true, "go_live": null}, [{"default": 30, "from": "rules/t07.sql", "name": "inspection_days", "value": 30}]]'
as anna sync >/dev/null
as bo sync >/dev/null
run bo store --set fts=false
is 'only administrators decide' "$rc $(grep -c 'store.yaml: only an administrator' <<<"$err")" '4 1'
is 'everybody may look' "$(as bo store)" "$(as anna store)"

# --- two administrators put a rule of one name in force, apart and in two files
member anna eva --role admin,staff --team unit
rm -rf s/rules && mkdir s/rules && git -C anna show main:schema/rules/t07.sql >s/rules/t07.sql
cp -r s s2
for f in s/rules/t02.sql s2/rules/u02.sql; do
	printf -- '-- id: T02\n-- severity: info\n-- sv: a\n-- en: a\nSELECT id AS record, NULL AS due_on FROM hives WHERE 0' >$f
done
as anna schema put s >/dev/null
as eva schema put s2 >/dev/null
as anna sync >/dev/null && as eva sync >/dev/null && as anna sync >/dev/null
twice='is the name of the rule in rules/t02.sql too; an administrator gives one of them another: akt schema put'
is 'todo names both files' "$(as anna --json todo | json '[(x["rule"], x["message"]) for x in d if "rules/" in x["message"]]')" \
	"[[\"T02\", \"rules/u02.sql: id: $twice\"]]"
is 'and so does check' "$(as eva --json check | json '[[x["file"], x["path"], x["message"]] for x in d["warnings"] if "rules/" in x["file"]]')" \
	"[[\"rules/u02.sql\", \"id\", \"$twice\"]]"
finish
