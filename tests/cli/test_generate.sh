#!/bin/bash
# Generators: rows become records, items of a list and grants, in one commit; the draw can be done again; what the
# runner does not read is said.
. "$(dirname "$0")/lib.sh"
ROOT=$(realpath "$HERE/../..")

# --- the bee-keepers' generator
unit anna
member anna bo --role staff --team unit
member anna cia --role staff --team unit
for p in anna bo cia; do as anna new person --set name=$p --set handle=$p >/dev/null; done
anna_p=$(as anna --json sql "SELECT id FROM persons WHERE handle = 'anna'" | json 'd[0]["id"]')
for i in 1 2 3 4; do as anna new hive --set name=H$i --set "keeper=$anna_p" --set secret=true >/dev/null; done
run anna generate
is 'a name is needed' "$rc" 2
run anna generate summer
gives 'none of that name' 2 '' 'akt: the store has no generator of that name; it has: spring'
run anna generate spring
gives 'a parameter must be given' 2 '' 'akt: the generator asks for on: --param on=VALUE'
run anna generate spring --param on=2098-04-01 --param off=1
gives 'and known' 2 '' 'akt: the generator has no parameter off'
run anna generate spring --param on=2098-04-31
is 'what it makes is checked as by hand' "$rc" 3
has 'with the row' "$err" 'in row 1 of what spring makes'
run anna generate spring --param on=2001-04-01
is 'nobody is let in until a day that is over' "$rc" 2
head=$(git -C anna rev-parse main)
as anna --json generate spring --param on=2098-04-01 --dry-run >dry.json
is 'a dry run changes nothing' "$(git -C anna rev-parse main)" "$head"
is 'it has the rows' "$(json '[r["on"] for r in d["rows"]]' <dry.json)" '["2098-04-01", "2098-04-01", "2098-04-01", "2098-04-01"]'
is 'columns of its own are not shown' "$(json '[k for k in d["rows"][0] if k.startswith("_")]' <dry.json)" '[]'
is 'records have no names yet' "$(json 'd["records"]' <dry.json)" '[]'
seed=$(json 'd["params"]["seed"]' <dry.json)
as anna --json generate spring --param on=2098-04-01 --param "seed=$seed" >real.json
is 'the seed makes the same draw' "$(json 'd["grants"]' <real.json)" "$(json 'd["grants"]' <dry.json)"
is 'the load is even' "$(json 'sorted([x["team"] for x in d["grants"]])' <real.json)" '["~bo", "~bo", "~cia", "~cia"]'
is 'one commit' "$(git -C anna rev-list --count "$head"..main)" 1
is 'named by its verb' "$(git -C anna log -1 --format=%s main)" 'akt: generate'
is 'four records' "$(as anna --json list inspection | json 'len(d)') $(json 'len(d["records"])' <real.json)" '4 4'
run anna generate spring --param on=2098-05-01
gives 'a second time there is nothing to do' 0 "nothing to make
covers $(json '"%d of %d" % (d["covered"], d["dossiers"])' <real.json) dossiers"
hive=$(json '[x["record"] for x in d["grants"] if x["team"] == "~bo"][0]' <real.json)
closed=$(json '[x["record"] for x in d["grants"] if x["team"] != "~bo"][0]' <real.json)
as anna sync >/dev/null; as bo sync >/dev/null
run bo show "$hive"
is 'who was drawn reads it' "$rc" 0
run bo show "$closed"
is 'and no other' "$rc" 4
is 'for a time' "$(as anna --json access "$hive" | json '[(x["team"], x["at"]) for x in d["until"]]')" '[["~bo", "2098-05-02T00:00:00Z"]]'
as bo new hive --set name=H9 >/dev/null
run bo generate spring --param on=2099-04-01 --dry-run
has 'who does not read all is told so' "$out" "omits $(as bo --json search zzz >/dev/null; as bo search zzz | sed -n 's/^covers \([0-9]*\) of \([0-9]*\) .*/\1 \2/p' | while read -r n m; do echo "$((m - n)) of $m"; done) dossiers, which you do not read"
as anna store --set inspection_days=1 >/dev/null
is 'the unit sets its own number' "$(as anna --json generate spring --param on=2099-04-01 --param seed=x --dry-run | json 'sorted({x["until"] for x in d["grants"]})')" '["2099-04-02"]'

# --- the day is that of the person, not of Greenwich
cp -r "$TOY/schema" daily
printf '%s\n' '-- sv: En genomgång i dag' '-- en: An inspection this day' '-- type: inspection' \
	'SELECT id AS hive, :today AS "on" FROM hives ORDER BY id LIMIT 1' >daily/generators/daily.sql
as anna schema put daily >/dev/null
for zone in Pacific/Kiritimati Etc/GMT+12; do # a day and two hours apart
	is "this day in $zone" "$(TZ=$zone as anna --json generate daily --dry-run | json 'd["rows"][0]["on"]')" "$(TZ=$zone date +%F)"
done
as anna schema put "$TOY/schema" >/dev/null

# --- wrong ones do not get in
mkdir -p bad/generators
cp "$TOY"/schema/*.yaml bad
wrong() { # name, text, message
	printf '%b' "$2" >bad/generators/g.sql
	run anna schema put bad
	gives "$1" 3 '' "$3"
}
head='-- sv: a\n-- en: b\n'
wrong 'makes nothing' "${head}SELECT 1" 'akt: generators/g.sql: makes nothing: it has neither type nor update'
wrong 'a type that there is not' "$head-- type: bee\nSELECT 1 AS x" 'generators/g.sql:3:10: type: names a record type that there is not'
wrong 'a column that is no field' "$head-- type: hive\nSELECT 1 AS x, 2 AS _y" \
	'akt: generators/g.sql: x: is a column that is no field of the type; begin it with _ if it is not to be one'
wrong 'what nobody gives' "$head-- type: hive\nSELECT :y AS name" 'akt: generators/g.sql: y: is asked for, but no parameter or setting of the generator'
wrong 'a draw from nothing' "$head-- type: hive\n-- param: s = 1\n-- assign: name from _x by s\nSELECT 1 AS site" \
	'generators/g.sql:5:12: assign: names _x, which is no column of the query'
wrong 'a field by which somebody reads' "$head-- type: inspection\n-- param: h\n-- update: h hive\n-- set: keeper = bo\nSELECT :h AS hive, :today AS \"on\"" \
	'generators/g.sql:6:9: set: decides who reads records; set it by hand before the generator is run'
wrong 'a number that a rule has otherwise' "$head-- type: inspection\n-- setting: inspection_days = 31\nSELECT id AS hive, :today AS \"on\", :inspection_days AS _n FROM hives" \
	'generators/g.sql:4:13: setting: inspection_days has another value in rules/t01.sql'
wrong 'several at once' "$head-- type: hive\n-- param: a b\n-- assign: x\n-- grant: a reads b\n-- update: p\n-- append: l (a\n-- set: x\nSELECT 1 AS name" \
	'generators/g.sql:4:11: param: must be NAME or NAME = VALUE
generators/g.sql:7:12: update: must be PARAM TYPE
generators/g.sql:5:12: assign: must be COLUMN from LIST by PARAM
generators/g.sql:6:11: grant: must be COLUMN reads RECORDS until DAY
generators/g.sql:8:12: append: must be LIST (FIELD, FIELD = COLUMN)
generators/g.sql:9:9: set: must be FIELD = VALUE'

# --- a review round of the shipped domain, by the coordinator, who reads no protected case
TOY=$ROOT
rm -rf anna bo cia hub.git
unit led
for t in samordnare ledning; do as led team $t --add led >/dev/null; done
member led sam --role staff --team unit --team samordnare
for m in h1 h2 h3 h4; do machine $m; as led member add $m.card --role staff --team unit >/dev/null; done
mkdir in
"$PYTHON" - in <<'END'
import sys
def put(id, **data):
    t = id.split("-")[0]
    with open(f"{sys.argv[1]}/{id}.yaml", "w") as f:
        f.write(f"akt: 1\ntype: {t}\nv: 1\nid: {id}\ncreated: {{at: 2026-01-10T07:00:00Z, by: import}}\n"
                f"updated: {{at: 2026-01-10T07:00:00Z, by: import}}\ndata:\n")
        for k, v in data.items():
            f.write(f"  {k}: {v}\n")
for i in (1, 2, 3, 4):
    put(f"staff-h{i:03}", title=f"Socialsekreterare {i}", handle=f"h{i}", roles="[handlaggare]", team=f"t{i % 2}", active_from="2020-01-01", state="final")
put("staff-p001", title="Placeringssekreterare 1", roles="[placeringssekreterare]", team="stab", active_from="2020-01-01", state="final")
for n, c in ((1, 10), (2, 2), (3, 3)):
    put(f"provider-syn{n}", name=f"HVB Exempelgården {n}", operator="private", forms="[hvb]", permit="{kind: permit}", active="true", state="final")
    put(f"placement-syn{n}", case=f"case-syn{c:03}", provider=f"provider-syn{n}", form="hvb", legal_basis="sol", framework="inside", purpose="Syfte",
        acute="false", decided_on="2097-01-01", start_on="2097-01-10", status="active", state="final", protected="true" if n == 3 else "false")
put("staff-c001", title="Chef 1", roles="[bitr_enhetschef]", team="stab", active_from="2020-01-01", state="final")
put("staff-s001", title="Samordnare 1", handle="sam", roles="[samordnare]", team="stab", active_from="2020-01-01", state="final")
for i in range(24):
    put(f"case-syn{i:03}", child_ref=f"barn-{i}", birth_year=2012, research_sample="false", handler=f"staff-h{i % 4 + 1:03}",
        co_handler=f"staff-h{(i + 1) % 4 + 1:03}", manager="staff-c001", team=f"t{i % 3}", opened_on="2097-01-01", channel="referral",
        investigation="{opened_on: 2097-02-01}", violence=f"{{suspected: {'ja, kinds: [exposed]' if i % 5 == 0 else 'nej'}}}",
        stage="investigation", state="final", protected="true" if i < 4 else "false", access_list="[staff-h001]" if i < 4 else "[]")
END
run led import in
is 'a unit' "$rc$err" 0
as led sync >/dev/null; as sam sync >/dev/null

# --- the half-year's controls: a draft each, but none that would disclose a protected placement
due() { as led --json todo --today 2098-05-20 | json 'sorted((r["rule"], r["record"]) for r in d if r["rule"] in ("X13", "X14") and r["record"] == "provider-syn1")'; }
is 'a control is due' "$(due)" '[["X13", "provider-syn1"], ["X14", "provider-syn1"]]'
as led --json generate half-year-controls --param period=2098H1 >half.json
is 'made for providers with a placement that all may know of' "$(json '[(r["provider"], r["checked_by"], r["state"]) for r in d["rows"]]' <half.json)" \
	'[["provider-syn1", "staff-p001", "draft"]]'
is 'a draft closes nothing' "$(due)" '[["X13", "provider-syn1"], ["X14", "provider-syn1"]]'
check=$(json 'd["records"][0]["id"]' <half.json)
is 'and is what to go on with' "$(as led --json todo --today 2098-05-20 | json 'sorted({r["next"] for r in d if r["record"] == "provider-syn1"})')" \
	"[\"Make the check: akt edit $check\"]"
run led set "$check" state=final
is 'it must be filled in to be final' "$rc" 3
run led set "$check" checked_on=2098-05-15 decision=approved next_check_on=2098-11-15 state=final \
	'ivo_permit={outcome: ok, source: placeringsstod, target_group_ok: ja, criticism: none}' 'register_routine={outcome: confirmed, how: phone}'
is 'filled in' "$rc$err" 0
is 'both are closed' "$(due)" '[]'
is 'and nothing is made twice' "$(as led --json generate half-year-controls --param period=2098H1 | json 'd["rows"]')" '[]'
as led sync >/dev/null; as sam sync >/dev/null
round=$(as sam new review_round --set kind=self_check --set 'label=Egenkontroll 1' --set year=2098 --set seq=1 --set form=vinr_v1 \
	--set opens_on=2098-01-10 --set closes_on=2098-02-10 --set coordinator=staff-s001 --set sample.method=random \
	--set sample.planned=12 --set status=planned --set state=draft)
run sam generate peer-review --param round=$round --dry-run
is 'the coordinator sees the draw first' "$rc" 0
has 'and how to make it' "$out" "To make exactly this: akt generate peer-review --param round=$round --param sample=0 --param seed="
has 'and what is left out' "$out" 'omits 6 of '
keys() { git -C "$1/akt/keys.git" ls-tree -r refs/akt/keys | wc -l; }
before=$(keys sam) head=$(git -C sam rev-parse main)
as sam --json generate peer-review --param round=$round --param seed=vt98 >round.json
is 'in one commit' "$(git -C sam rev-list --count "$head"..main)" 1
is 'as many as planned' "$(json 'len(d["rows"])' <round.json)" 12
json '[r["case"] + " " + r["reviewer"] for r in d["rows"]]' <round.json >pairs
is 'never a protected one' "$(grep -oE 'case-syn00[0-3]' pairs | wc -l)" 0
"$PYTHON" - <<'END' >judged
import json
d = json.load(open("round.json"))
own, load, strata = 0, {}, {}
for r in d["rows"]:
    i = int(r["case"][8:])
    own += r["reviewer"] in (f"staff-h{i % 4 + 1:03}", f"staff-h{(i + 1) % 4 + 1:03}", "staff-c001")
    load[r["reviewer"]] = load.get(r["reviewer"], 0) + 1
    s = (i % 3, i % 5 == 0)
    strata[s] = strata.get(s, 0) + 1
size = {}
for i in range(4, 24):
    s = (i % 3, i % 5 == 0)
    size[s] = size.get(s, 0) + 1
print(own, len(load), max(load.values()) - min(load.values()), all(abs(strata.get(s, 0) - 12 * n / 20) <= 1 for s, n in size.items()))
END
is 'never their own, all five review, evenly, every stratum its share' "$(cat judged)" '0 5 1 True'
is 'the round says so' "$(as sam --json show $round | json '[len(d["data"]["assignments"]), d["data"]["sample"]["seed"], d["data"]["status"], d["data"]["assignments"][0]["due_on"]]')" \
	'[12, "vt98", "open", "2098-02-10"]'
is 'each has a sheet' "$(as sam --json sql "SELECT count(*) AS n FROM case_reviews WHERE round = '$round' AND state = 'draft'" | json 'd[0]["n"]')" 12
# sam reads every case already; the others are let in
others=$(json 'len([1 for r in d["rows"] if r["reviewer"] != "staff-s001"])' <round.json)
is 'reviewers are let in until the round ends' "$(json '[len(d["grants"]), sorted({x["until"] for x in d["grants"]})]' <round.json)" "[$others, [\"2098-02-10\"]]"
is 'at the price of one key each, and one for each new sheet' "$(($(keys sam) - before))" "$((others + 12))"
run sam generate peer-review --param round=$round
is 'drawn once' "$out" "nothing to make
$(echo "$out" | tail -n 1)"
as sam set $round sample.planned=14 >/dev/null
is 'more can be drawn, none of them again' "$(as sam --json generate peer-review --param round=$round | json '[len(d["rows"])]') $(as sam --json show $round | json '[len({a["case"] for a in d["data"]["assignments"]})]')" '[2] [14]'
case=$(json '[x["record"] for x in d["grants"] if x["team"] == "~h1"][0]' <round.json)
as sam sync >/dev/null
as h1 join "$T/hub.git" "$T/h1" --fingerprint "$FINGERPRINT" >/dev/null
run h1 show "$case"
is 'a reviewer reads the case' "$rc" 0
run h1 generate peer-review --param round=$round --param sample=3 --dry-run
has 'a case handler who would draw is told what is missing' "$out" 'omits '
finish
