#!/bin/bash
# What is to be done: by rules, by the program's own, whose it is, what is known, and rules that fail.
. "$(dirname "$0")/lib.sh"

unit anna
as anna team apiary --add anna >/dev/null
as anna team vets --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna cia --role supervisor --team unit
keeper=$(as anna new person --set name='Bo på backen' --set handle=bo --set 'duties=[keeper]')
vet=$(as anna new person --set name=Cia --set handle=cia --set 'duties=[vet]')
nobody=$(as anna new person --set name=Borta --set 'duties=[keeper]')
north=$(as anna new hive --set name=Norra --set settled_on=2026-01-01 --set keeper="$keeper")
south=$(as anna new hive --set name=Södra --set settled_on=2026-02-01)
west=$(as anna new hive --set name=Västra --set settled_on=2026-03-20 --set keeper="$nobody")
east=$(as anna new hive --set name=Östra --set settled_on=2026-03-25 --set keeper="$keeper" --set 'helpers=[cia]')
as anna sync >/dev/null; as bo sync >/dev/null; as cia sync >/dev/null
for x in "$keeper=KEEPER" "$nobody=NOBODY" "$north=NORTH" "$south=SOUTH" "$west=WEST" "$east=EAST"; do mask "${x%%=*}" "${x#*=}"; done
# RULE RECORD DUE STATE DAYS SEVERITY RESPONSIBLE, one a line
lines() { as "$@" | json '"\n".join(" ".join(str(o[k]) for k in ("rule", "record", "due", "state", "days", "severity", "responsible")) for o in d)' | norm; }

run anna todo --today 2026-03-03
gives 'late, now and soon, each with what to do next' 0 "Overdue (1)
  2026-01-31  NORTH: Hive Norra has not been inspected. That was to be done by 31 January.
              T01, Bo på backen. Inspect the hive: akt new inspection --set hive=NORTH

Now (1)
  2026-03-03  SOUTH: Hive Södra has not been inspected. That was to be done by 3 March.
              T01, Keeper. Inspect the hive: akt new inspection --set hive=SOUTH

covers 5 of 5 dossiers"
AKT_LANG=sv run anna todo --today 2026-04-18
gives 'in Swedish' 0 "Försenat (2)
  2026-01-31  NORTH: Kupan Norra är inte genomgången. Det skulle ha gjorts senast 31 januari.
              T01, Bo på backen. Gå igenom kupan: akt new inspection --set hive=NORTH
  2026-03-03  SOUTH: Kupan Södra är inte genomgången. Det skulle ha gjorts senast 3 mars.
              T01, Biodlare. Gå igenom kupan: akt new inspection --set hive=SOUTH

Snart (2)
  2026-04-19  WEST: Kupan Västra är inte genomgången. Det skulle ha gjorts senast 19 april.
              T01, Borta. Gå igenom kupan: akt new inspection --set hive=WEST
  2026-04-24  EAST: Kupan Östra är inte genomgången. Det skulle ha gjorts senast 24 april.
              T01, Bo på backen. Gå igenom kupan: akt new inspection --set hive=EAST

omfattar 5 av 5 akter"
is 'as JSON: what is to come is info' "$(lines anna --json todo --today 2026-04-18)" 'T01 NORTH 2026-01-31 overdue -77 error KEEPER
T01 SOUTH 2026-03-03 overdue -46 error keeper
T01 WEST 2026-04-19 soon 1 info NOBODY
T01 EAST 2026-04-24 soon 6 info KEEPER'
is 'with every field of the contract, and more' \
	"$(as anna --json todo --today 2026-03-03 | json '" ".join(d[0])')" \
	'rule severity record dossier due responsible message next title who person handle role team state days'
is 'the dossier is where the record lies' "$(as anna --json todo --today 2026-03-03 | json 'd[0]["dossier"]')" \
	"$(as anna --json show "$north" | json 'd["dossier"]')"
is 'mine: what names me, and what names nobody but my role' "$(lines bo --json todo --today 2026-04-18 --mine)" \
	'T01 NORTH 2026-01-31 overdue -77 error KEEPER
T01 SOUTH 2026-03-03 overdue -46 error keeper
T01 WEST 2026-04-19 soon 1 info NOBODY
T01 EAST 2026-04-24 soon 6 info KEEPER'
is 'nothing is mine that another role does' "$(as cia --json todo --today 2026-04-18 --mine)" '[]'
is 'by team: its role, and its members' "$(lines anna --json todo --today 2026-04-18 --team vets)" ''
is 'as the types say which team answers for a role' "$(lines anna --json todo --today 2026-03-03 --team apiary | cut -d' ' -f2)" 'NORTH
SOUTH'
cp -r "$TOY/schema" named
sed -i 's/^-- role: keeper/-- role: unit_two, unit/' named/rules/t01.sql
as anna team unit_two --add anna >/dev/null
as anna schema put named >/dev/null
is 'a team whose name is part of another is a team too' "$(as anna --json todo --today 2026-03-03 | json 'd[0]["team"]')" unit_two,unit
as anna schema put "$TOY/schema" >/dev/null
run anna todo --team nosuch
gives 'a team that is none' 2 '' 'akt: there is no team nosuch'
run anna todo --today 2026-02-30
gives 'a day that is none' 2 '' 'akt: --today is a date (YYYY-MM-DD)'
run anna todo --mine --team apiary
gives 'one of the two' 2 '' 'akt: say one of --mine and --team'
is 'what is read is logged' "$(as anna sync >/dev/null; as anna --json reads | json 'sum(1 for x in d if x["what"] == "todo") > 3')" true

# --- the list follows what changes
as anna new inspection --set hive="$north" --set on=2026-04-01 >/dev/null
is 'done, so gone' "$(lines anna --json todo --today 2026-04-18 | cut -d' ' -f2,3)" 'SOUTH 2026-03-03
WEST 2026-04-19
EAST 2026-04-24'
as anna store --set inspection_days=40 >/dev/null
is "the unit's own number" "$(lines anna --json todo --today 2026-04-18 | cut -d' ' -f2,3)" 'SOUTH 2026-03-13'
as anna store --set inspection_days= --set go_live=2026-03-04 >/dev/null
is 'before the unit went live nothing is late' "$(lines anna --json todo --today 2026-04-18 | cut -d' ' -f2,3)" 'WEST 2026-04-19
EAST 2026-04-24'
is 'but history' "$(lines anna --json todo --today 2026-04-18 --history)" 'T01 SOUTH 2026-03-03 history -46 error keeper'
as anna store --set go_live= >/dev/null
as anna new sighting --set what='The hive is away' --set hive="$south" --set excuses=T01 >/dev/null
is 'what is acknowledged is gone' "$(lines anna --json todo --today 2026-04-18 | cut -d' ' -f2)" 'WEST
EAST'
is 'and told of apart' "$(lines anna --json todo --today 2026-04-18 --history | cut -d' ' -f2,4)" 'SOUTH acknowledged'
as anna new sighting --set what='Another rule' --set hive="$west" --set excuses=T09 >/dev/null
is "another rule's excuse is none" "$(lines anna --json todo --today 2026-04-18 | cut -d' ' -f2 | head -n 1)" WEST
day=$(date +%F -d '+100 days')
later=$(as anna new hive --set name=Sen --set settled_on="$(date +%F -d '+70 days')")
as anna new sighting --set what='Too early' --set hive="$later" --set excuses=T01 >/dev/null
is 'what falls due later is another matter' "$(as anna --json todo --today "$day" | json "[o['state'] for o in d if o['record'] == '$later'][0]")" now

# --- the program's own
as anna sync >/dev/null; as bo sync >/dev/null; as cia sync >/dev/null
bothers() { as "$@" | json '"\n".join(" ".join(str(o[k]) for k in ("rule", "record", "state", "severity", "handle")) for o in d if o["rule"].startswith("akt."))' | norm; }
as anna set "$east" name=Öst >/dev/null
as bo set "$east" name=Oster >/dev/null
as bo sync >/dev/null; as anna sync >/dev/null; as bo sync >/dev/null
has 'a conflict' "$(bothers anna --json todo)" 'akt.conflict EAST now error'
run bo todo
has 'says what to do' "$out" 'EAST: Two people wrote different things in the same field.'
has 'with a command' "$out" 'akt.conflict, '
# late whatever the day
old=$(for i in 1 2; do as bo new hive --set name=Gammal$i --set settled_on=2020-01-01 --set keeper="$keeper"; done)
run bo
mine=$(as bo --json todo --mine | json 'len(d)')
late=$(as bo --json todo --mine | json 'sum(1 for o in d if o["state"] == "overdue")')
has 'akt alone counts what is to be chosen' "$out" 'In 1 record two people wrote different things. Choose:
    akt conflicts'
has 'and what is to be done' "$out" "$mine things are yours to do (late: $late):
    akt todo --mine"
is 'as JSON too' "$(as bo --json status | json '[d["conflicts"], sum(d["todo"].values()), d["todo"]["overdue"]]')" "[1, $mine, $late]"
readings() { as bo sync >/dev/null; as anna sync >/dev/null; as anna --json reads --by bo | json 'len(d)'; }
before=$(readings)
as bo status >/dev/null
is 'which is no reading of records' "$(readings)" "$before"
for x in $old; do as bo set "$x" died_on=2020-02-01 >/dev/null; done
as bo sync >/dev/null; as anna sync >/dev/null
as anna resolve "$east" name --take 1 >/dev/null
is 'settled' "$(bothers anna --json todo)" ''
as anna sync >/dev/null; as cia sync >/dev/null
as cia approve "$east" --why fine >/dev/null
is 'an approval that holds' "$(bothers cia --json todo)" ''
as cia sync >/dev/null; as anna sync >/dev/null
as anna set "$east" count=7 >/dev/null
is 'and one that lapsed, for who gave it' "$(bothers anna --json todo)" 'akt.lapsed EAST now warning cia'
as anna sync >/dev/null; as cia sync >/dev/null
is 'who is told' "$(bothers cia --json todo --mine)" 'akt.lapsed EAST now warning cia'
as cia approve "$east" --why 'again' >/dev/null
is 'until decided anew' "$(bothers cia --json todo)" ''
cp -r "$TOY/schema" s
sed -i 's/  count: {type: integer, minimum: 0/  count: {type: integer, minimum: 100/' s/hive.yaml
as anna schema put s >/dev/null
is 'a record that a new schema made invalid' "$(bothers anna --json todo)" 'akt.invalid EAST now error anna
akt.lapsed EAST now warning cia'
as anna schema put "$TOY/schema" >/dev/null

# --- rules that fail
cp "$TOY/schema/rules/t01.sql" s/rules/
cp "$TOY/schema/hive.yaml" s/
printf -- '-- id: T02\n-- severity: info\n-- sv: a\n-- en: b\nSELECT id AS record,\n\tabs(-9223372036854775807 - 1) AS due_on FROM hives\n' >s/rules/t02.sql
printf -- '-- id: T03\n-- severity: info\n-- sv: a\n-- en: b {due_on}\nSELECT id AS record, name AS due_on FROM hives\n' >s/rules/t03.sql
as anna schema put s >/dev/null
run anna todo --today 2026-04-18
is 'a rule that fails is a finding' "$rc" 1
has 'named, with its line' "$out" 'These rules do not work; what they look for is not shown (2)
  T02: rules/t02.sql:5:1: the query cannot be run: integer overflow
'
has 'another' "$out" '  T03: rules/t03.sql: gives a row whose record is no text, or whose due_on is no date'
has 'and hides no other' "$out" 'T01, Borta'
run anna --json todo --today 2026-04-18 --mine
is 'everybody is told' "$rc $(json '[(o["rule"], o["state"], o["record"]) for o in d if o["state"] == "failed"]' <"$T/.out")" \
	'1 [["T02", "failed", null], ["T03", "failed", null]]'
sed -i '/  name:/d; s/title: \[name, site\]/title: [site]/; s/required: \[name\]//' s/hive.yaml
rm -r s/rules
run anna schema put s
is 'types that a rule in force needs are not taken away' "$rc $(grep -c 'rules/t0[13].sql.*no such column' <<<"$err")" '3 2'

# --- those who may not read are told nothing
as bo sync >/dev/null
secret=$(as bo new hive --set name=Dold --set secret=true --set keeper="$keeper" --set settled_on=2026-01-01)
as bo sync >/dev/null; as anna sync >/dev/null
has 'who reads a record has its duty' "$(as bo --json todo --today 2026-05-01 | json '[o["record"] for o in d]')" "$secret"
hasnt 'who does not has not' "$(as anna --json todo --today 2026-05-01)" "$secret"
finish
