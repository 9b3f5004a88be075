#!/bin/bash
# report: what the store's reports say, word for word, of the project's records; UPDATE=1 writes the golden files anew.
. "$(dirname "$0")/lib.sh"
ROOT=$(realpath "$HERE/../..") GOLDEN=$HERE/golden/report
export AKT_LANG=sv
machine chef
FINGERPRINT=$(as chef --json init "$T/chef" --name Enhet --language sv --schema "$ROOT/schema" | json 'd["fingerprint"]')
for t in ledning samordnare placering administration bitr_chef logg; do as chef team $t --add chef >/dev/null; done
cp -r "$ROOT/records" records
as chef import records >/dev/null || echo "# import failed"

# golden NAME.FORMAT ARGUMENTS: standard output is the file, byte for byte
told() {
	local file=$GOLDEN/$1
	shift
	# how many dossiers there are is another matter, and tested below
	as chef report "$@" --today 2026-11-20 2>"$T/.err" | sed -E 's/[0-9]+ (av|of) [0-9]+ (akter|dossiers)/N \1 N \2/; s/("(readable|dossiers)":)[0-9]+/\10/g' >"$T/.out"
	if [ -n "${UPDATE-}" ]; then mkdir -p "$GOLDEN" && cp "$T/.out" "$file"; fi
	# what a table for a program has no room for is said beside it, see below
	case $* in *csv*) [ "$(grep -c ^akt: "$T/.err")" != 0 ] || : >"$T/.err" ;; esac
	if [ ! -s "$T/.err" ] && cmp -s "$T/.out" "$file"; then ok "report $* is ${file##*/}"; else
		nok "report $* is ${file##*/}" "$(cat "$T/.err"; diff "$T/.out" "$file" | head -n 20)"
	fi
}
for spec in "$ROOT"/schema/reports/*.yaml; do
	name=$(basename "$spec" .yaml)
	# a package is a folder, the log of reading is of this very minute: see below
	grep -qE '^(package|inputs):' "$spec" && continue
	told "$name.md" "$name"
	AKT_LANG=en told "$name.en.md" "$name"
	told "$name.csv" "$name" --format csv
	told "$name.json" "$name" --format json
	told "$name.outside.md" "$name" --outside
done

run chef report
is 'those there are, with titles' "$(head -n 1 <<<"$out")" 'rp1   Kartläggning av HVB-ärenden'
export AKT_LANG=en
run chef report rp99
has 'an unknown one: the names there are' "$err" 'akt: the store has no report of that name; it has: rp1, '
is 'and its status' $rc 2
run chef report rp1 --format pdf
gives 'an unknown format' 2 '' 'akt: --format is html, md, csv or json'
run chef report rp1 --param grupp=x
gives 'an unknown parameter' 2 '' 'akt: --param: the report has no parameter of that name; it has: team'
run chef report rp3 --param form=x --param from_year=hemligt
gives 'a parameter that is none: never its value' 2 '' 'akt: --param form: is one of: vinr_v1, plans_v1'
run chef report rp3 --param from_year=hemligt
gives 'a number that is none' 2 '' 'akt: --param from_year: is not a whole number'
run chef report rp1 --today yesterday
gives 'a day that is none' 2 '' 'akt: --today is a date (YYYY-MM-DD)'
run chef report rp1 --section x
gives 'an unknown section' 2 '' 'akt: the report has no section of that name; it has: teams, sex, list'
is 'a parameter narrows it' "$(as chef --json report rp1 --param team=nobody | json 'd["sections"][0]["rows"], d["params"]')" '[[], {"team": "nobody"}]'
run chef report RP1 --format html -o rp1.html
gives 'into a file, upper case too' 0 'written to rp1.html, in the clear'
is 'for this person alone' "$(stat -c %a rp1.html)" 600
has 'which is HTML' "$(head -c 15 rp1.html)" '<!DOCTYPE html>'

# CSV has no room for what a report says of itself: it stands on standard error, and what is not told is refused
as chef report rp1 --today 2026-11-20 --format csv >rp1.csv 2>err.txt
is 'a table alone, the rest beside it' "$(sed -E 's/[0-9]+ of [0-9]+/N of N/' err.txt)" "$(printf 'As of: 2026-11-20\nCovers: N of N dossiers\nPlacements: 2\nNot in this table, but with --section: sex, list')"
as chef report rp1 --today 2026-11-20 --format csv --outside -o rp1.csv >/dev/null 2>err.txt
is 'into a file too, and that few are not told' "$(sed -n '3,$p' err.txt)" "$(printf 'For use outside the unit: groups below 5 are not told; other numbers and shares of cases are rounded to the nearest 5, so sums may differ\nPlacements: fewer than 5\nGroups below 5 are not told, nor what would tell them by comparison.\nNot in this table, but with --section: sex')"
run chef report rp1 --format csv --outside --section list
gives 'single records are refused' 2 '' 'akt: the section list holds single records: nothing of it is told outside the unit'
# for outside: only values of which no two reports differ by a few
run chef report rp8 --outside --param team=utredning_1
gives 'one group alone is not told outside' 2 '' 'akt: --param team: a report for outside the unit has no value but its own: less another, it would tell of the few that part them'
run chef report rp8 --outside --param from=2026-02-01
gives 'nor a quarter cut in two' 2 '' 'akt: --param from: outside the unit it is the first day of a quarter'
run chef report rp9 --outside --param from=2026-04-01
gives 'nor a year' 2 '' 'akt: --param from: outside the unit it is the first day of a year'
run chef report rp8 --outside --param from=2026-04-02
is 'nor a day' "$rc" 2
run chef report rp8 --outside --param from=2026-04-01 --today 2026-11-20
is 'a whole quarter is' "$rc $err" '0 '
has 'and it says how its numbers are told' "$out" 'groups below 5 are not told; other numbers and shares of cases are rounded to the nearest 5'
is 'inside, anything' "$(as chef report rp8 --param from=2026-02-03 --param team=utredning_1 >/dev/null 2>&1; echo $?)" 0
is 'nothing in it is no multiple of five' "$(for r in rp1 rp3 rp4 rp5 rp7 rp8 rp9 rp10 rp13; do as chef --json report $r --outside; done |
	"$PYTHON" -c 'import json, re, sys
seen = 0
for d in map(json.loads, sys.stdin.read().splitlines()):
    text = open("%s/%s.yaml" % (sys.argv[1], d["report"])).read()
    counts = re.findall(r"^- id: (\w+)(?:\n(?!- id).*)*?\n  outside: counts$", text, re.M)
    for s in d["sections"]:
        if s["id"] not in counts: continue
        seen += len(s["rows"])
        kinds = {c["name"]: c["kind"] for c in s["columns"]}
        for row in s["rows"] + ([s["total"]] if s.get("total") else []):
            for k, v in row.items():
                if kinds.get(k) in ("count", "percent") and v is not None and v % 5:
                    print(d["report"], s["id"], k, v)
if seen < 20: print("only", seen, "rows")' "$ROOT/schema/reports")" ''
# the unit's own number of years, as in the rules
due() { as chef --json report rp13 --today 2029-01-01 --param until=2029-01-01 | json 'sum(r["due"] for r in d["sections"][0]["rows"] if r["class"].startswith("W"))'; }
before=$(due)
as chef store --set keep_checklist_years=9 >/dev/null || echo '# setting failed'
is 'how long the unit keeps its checklists' "$([ "$before" -gt 0 ] && echo some) $(due)" 'some 0'
as chef store --set keep_checklist_years=2 >/dev/null
# rows in the order of what is not told would tell it
is 'no order tells a count outside' "$("$PYTHON" -c 'import glob, re, sys
for f in sorted(glob.glob(sys.argv[1] + "/*.yaml")):
    for s in re.split(r"\n(?=- id: )", open(f).read())[1:]:
        if "\n  outside: counts\n" not in s: continue
        counts = re.findall(r"\{name: (\w+), kind: (?:count|percent|num)", s)
        order = re.findall(r"ORDER BY ([^\n]*)\n  columns:", s)
        if len(order) != 1: print(f, "has no order")
        for key in re.sub(r"CASE WHEN :outside THEN 0 ELSE \w+ END", "", order[0] if order else "").replace("DESC", "").split(","):
            if key.strip() in counts: print(f, s.split("\n")[0], key)' "$ROOT/schema/reports")" ''
has 'nor a day a single placement' "$(as chef report rp5 --outside | grep -E '^\| HVB .*\| 20[0-9]{2}H[12] \|' | head -n 1)" ' | 2026H1 | 2026H1 | '
# a parameter is no file's name
echo geheim >secret.txt
is 'no file is read for a parameter' "$(as chef --json report rp1 --param team=@secret.txt | json 'd["params"]["team"]')" '@secret.txt'
run chef report rp1 --param team
gives 'a parameter that has no value' 2 '' 'akt: a parameter is NAME=VALUE'

# frozen: T2 stands as it was handed in, whatever is written afterwards
as chef report rp2 --param period=VB --param year=2026 --today 2027-01-10 >before.md
run chef report rp2 --param period=VB --param year=2026 --freeze
is 'freezing makes a record' "${out%%-*} $rc" 'period_report 0'
frozen=$out
as chef report rp2 --param period=VB --param year=2026 --today 2027-01-10 >frozen.md
has 'it says where it is kept' "$(cat frozen.md)" "period\\_report-${frozen#*-}"
body() { sed -n '/^## /,$p' "$1" | grep -v '^De perioder'; }
is 'and says the same as before' "$(body frozen.md)" "$(body before.md)"
as chef set measure-syn0106 status=done done_on=2026-12-30 --why 'klar' >/dev/null || echo "# set failed"
as chef new provider --set name=Ny --set operator=private --set 'forms=[hvb]' --set 'permit={kind: notification}' --set active=true --set state=final >/dev/null 2>&1
as chef report rp2 --param period=VB --param year=2026 --today 2027-01-10 >after.md
is 'identical though the records changed' "$(cat after.md)" "$(cat frozen.md)"
as chef report rp2 --param period=VB --param year=2026 --today 2027-01-10 --live >live.md
isnt 'while the live one changed' "$(body live.md)" "$(body frozen.md)"
run chef report rp2 --param period=VB --param year=2026 --freeze
gives 'no second time' 2 '' "akt: it is frozen already, in $frozen; void that record to freeze it anew"
run chef report rp1 --freeze
gives 'what does not freeze' 2 '' 'akt: this report does not freeze: --freeze is for those that are handed in'

# a protected case is on no paper, though who runs the report may read it; nor is it told by a count
as chef set staff-b002 handle=chef --why börjar >/dev/null || echo '# handle failed'
has 'before, the placement is in the mapping' "$(as chef report rp1 --today 2026-11-20)" placement-syn0088
as chef set case-syn01204 protected=true 'access_list=[staff-b002]' --why 'skyddade uppgifter' >/dev/null || echo '# protecting failed'
has 'who is on the list reads it' "$(as chef show placement-syn0088)" placement-syn0088
seen=$(for r in rp1 rp3 rp4 rp5 rp6 rp7 rp8 rp9 rp10 rp12 rp13; do as chef report $r --today 2026-11-20 --format json; done)
hasnt 'in no report: the placement' "$seen" syn0088
hasnt 'nor the case' "$seen" syn01204
is 'nor in a count' "$(as chef --json report rp1 --today 2026-11-20 | json 'd["sections"][0]["n"], d["sections"][1]["n"]')" '[1, 1]'
is 'of violence cases' "$(as chef --json report rp8 --today 2026-11-20 | json 'd["sections"][0]["n"]')" 0
is 'of contracts' "$(as chef --json report rp6 --today 2026-11-20 | json 'len(d["sections"][1]["rows"])')" 1
is 'nor at the provider' "$(as chef --json report rp5 --today 2026-11-20 | json '[r["n"] for r in d["sections"][0]["rows"] if "14" in r["name"]]')" '[0]'


# who does not read all that a report looks at is told so, and reads no more by it
machine bo
as chef member add bo.card --role staff --team unit >/dev/null
"$AKT" hub hub.git >/dev/null && as chef remote add hub "$T/hub.git" >/dev/null && as chef sync >/dev/null
as bo join "$T/hub.git" "$T/bo" --fingerprint "$FINGERPRINT" >/dev/null || echo '# bo did not join'
out=$(as bo report rp1 --today 2026-11-20)
has 'somebody who reads no case: a note' "$out" 'you may not read all that this report looks at'
all=$(git -C chef ls-tree -r --name-only main | grep -c '/dossier.yaml$')
has 'a table for a program says so beside it' "$(as bo report rp1 --format csv 2>&1 >/dev/null)" 'Note: you may not read all that this report looks at'
has 'how much it covers' "$(grep -E '^- Covers: [1-9] of' <<<"$out")" " of $all dossiers"
hasnt 'and no placement' "$out" placement-
is 'nothing is counted' "$(as bo --json report rp1 --today 2026-11-20 | json 'd["sections"][0]["n"], d["partial"]')" '[0, true]'
has 'what is the unit'"'"'s, bo reads too' "$(as bo report rp11 --today 2026-11-20)" 'Kontroll av IVO-tillstånd'

# what is wrong with a report is found when it is put in force, at its place
cp -r "$ROOT/schema" s && chmod -R u+w s
sed -i -e 's/GROUP BY team ORDER/GROUP BY tema ORDER/' -e 's/name: share, kind: percent/name: shear, kind: percent/' s/reports/rp1.yaml
sed -i 's/^  type: text/  type: txt/' s/reports/rp1.yaml
line() { grep -n "$1" s/reports/rp1.yaml | head -n 1 | cut -d: -f1; }
run chef schema put s
gives 'a form that is none' 3 '' "reports/rp1.yaml:$(line 'type: txt'):9: params.0.type: must be one of: text, int, date, choice"
sed -i 's/^  type: txt/  type: text/' s/reports/rp1.yaml
run chef schema put s
is 'a query that cannot be run, and a column that it does not give' "$err" "reports/rp1.yaml:$(line tema):14: the query cannot be run: no such column: tema
reports/rp1.yaml:$(grep -n 'name: shear' s/reports/rp1.yaml | sed -n '2s/:.*//p'):12: sections.sex.sql: the query gives no such column"
sed -i 's/GROUP BY tema/GROUP BY team/; s/:team =/:tema =/' s/reports/rp1.yaml
run chef schema put s
has 'a value that nobody gives' "$err" 'asks for :tema, which is no parameter, no setting and no input'
# the log of reading: today's, whatever the day
as chef show placement-syn0088 >/dev/null
is 'what was opened, by week, and how much of it is protected' "$(as chef --json report rp14 | json '[d["sections"][0]["rows"][-1][k] for k in ("opened", "secret", "other_team")], d["sections"][0]["n"], len([r for r in d["sections"][1]["rows"] if r["why"] == "Protected case"])')" '[[2, 2, 0], 2, 2]'
as chef team logg --remove chef >/dev/null
run chef report rp14
gives 'not for those outside team logg' 4 '' 'akt: what was opened is for members of team logg'
as chef team logg --add chef >/dev/null
run chef reads --by chef
has 'who read a report can be seen' "$out" 'report'
# a rule that breaks on what it finds does not go unsaid
is 'all rules work' "$(as chef --json report rp4 --today 2026-11-20 | json 'd["sections"][-1]["rows"]')" '[]'
cp -r "$ROOT/schema" broken && chmod -R u+w broken
printf -- '-- id: X02\n-- severity: error\n-- sv: a\n-- en: b\nSELECT id AS record, abs(-9223372036854775808) AS due_on FROM placements\n' >broken/rules/x02.sql
as chef schema put broken >/dev/null
is 'a rule that does not is named in the report' "$(as chef --json report rp4 --today 2026-11-20 | json 'd["sections"][-1]["rows"]')" \
	'[{"message": "rules/x02.sql:5:1: the query cannot be run: integer overflow", "rule": "X02"}]'
finish
