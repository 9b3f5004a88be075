#!/bin/bash
# Protected personal data (the shipped domain): from the save that sets the flag on a case, every dossier that hangs on
# it is open to its short list alone; the others' programs mention it nowhere after their next sync.
. "$(dirname "$0")/lib.sh"
ROOT=$(realpath "$HERE/../..")
TOY=$ROOT
readers() { as "$1" --json access "$2" | json '" ".join(d["access"])'; }
unit imp
for t in samordnare placering administration; do as imp team $t --add imp >/dev/null; done
member imp anna --role staff --team unit
member imp chef --role supervisor --team unit
member imp plac --role staff --team unit --team placering --team administration
as imp sync >/dev/null
for t in placering administration; do as imp team $t --remove imp >/dev/null; done
mkdir in later
cp "$ROOT"/records/staff/*.yaml "$ROOT"/records/providers/*.yaml "$ROOT"/records/case-outside-framework/*.yaml in
sed -i 's/^  title:/  handle: anna\n&/' in/staff-h017.yaml
sed -i 's/^  title:/  handle: chef\n&/' in/staff-b002.yaml
sed -i 's/^  title:/  handle: plac\n&/' in/staff-p001.yaml
mv in/contract-* later
run imp import in
is 'records of a case come in' "$rc" 0
# a condition turned round, which who adds a contract cannot look at
mkdir turned
sed 's/^  - {readers: placement}/&\n  - {team: unit, unless: placement.case.protected}/' "$ROOT/schema/contract.yaml" >turned/contract.yaml
as imp schema put turned/contract.yaml >/dev/null
as imp sync >/dev/null
as plac sync >/dev/null
run plac import later
is 'the administration adds a contract, though it reads no case' "$rc$err" 0
as plac sync >/dev/null; as imp sync >/dev/null
hasnt 'what depends on a case that is not theirs to see opens nothing' "$(readers plac contract-syn0088)" unit
as imp schema put "$ROOT/schema" >/dev/null; as imp sync >/dev/null
as anna sync >/dev/null; as chef sync >/dev/null
case=case-syn01204
review=$(as anna new case_review --set round=review_round-none --set case=$case --set reviewer=staff-p001 \
	--set form=plans_v1 --set reviewed_on=2026-09-30 --set needs_action=nej --set state=draft \
	--set 'answers={care_plan: ja, impl_plan: ja, follow_up_documented: ja, follow_up_6m: ja}' \
	--set 'learning=Granskarens tanke') || nok 'a review sheet is made'
as anna new note --set about=$case --set kind=comment --set 'text=Anteckningen om barnet' --set state=draft >/dev/null
as anna access $case --grant '~plac' --until 2099-01-01 >/dev/null
as anna sync >/dev/null
as imp sync >/dev/null
round=$(as imp new review_round --set kind=self_check --set label=Egenkontroll --set year=2026 --set seq=1 --set form=vinr_v1 \
	--set opens_on=2026-03-01 --set closes_on=2026-03-31 --set coordinator=staff-p001 --set 'sample={method: random, planned: 1}' \
	--set "assignments=[{case: $case, reviewer: staff-h022, due_on: 2026-03-20}]" --set status=open --set state=draft) || nok 'a round is made'
as imp sync >/dev/null; as anna sync >/dev/null
for m in imp plac; do as $m sync >/dev/null; done
has 'the coordinator sees that a sheet is missing' "$(as imp todo --today 2026-06-01)" "--set round=$round --set case=$case"
is 'a contract is read by the readers of its placement' "$(readers plac contract-syn0088)" "$(readers plac placement-syn0088)"
words='barn-7Q4K21 traumafokuserad tillitsperson Granskarens Anteckningen direktupphandling'
for m in imp plac; do
	is "$m finds it" "$(as $m --json search traumafokuserad | json 'len(d) > 0')" true
done
as plac show placement-syn0088 >/dev/null # the last one used
dossiers=$(for r in $case placement-syn0088 plan-syn0171 contract-syn0088 decision_checklist-syn1871 "$review"; do
	as anna --json show "$r" | json 'd["dossier"]'; done)
is 'they are six dossiers' "$(echo "$dossiers" | sort -u | wc -l)" 6

cat >editor <<'END'
#!/bin/sh
sed -i 's/^#state:.*/state: nonsense/; s/^state: .*/state: nonsense/' "$1"
END
chmod +x editor
export AKT_IDENTITY=$T/plac.id AKT_STORE=$T/plac
EDITOR=$T/editor tty -- "$AKT" edit placement-syn0088 --why "for the test"
unset AKT_IDENTITY AKT_STORE
has 'a draft of it waits on another machine' "$(as plac --json status | json 'd["drafts"]')" placement-syn0088

# --- the flag
head=$(git -C anna rev-parse main)
run anna set $case protected=true 'access_list=[staff-h017, staff-h022]' --why 'Skyddade personuppgifter'
is 'the handler sets the flag' "$rc$err" 0
for r in $case placement-syn0088 plan-syn0171 contract-syn0088 decision_checklist-syn1871 "$review"; do
	is "${r%%-*} is read by the short list alone" "$(readers anna "$r")" '~anna'
done
is 'in one commit' "$(git -C anna rev-list --count $head..main)" 1
as anna sync >/dev/null
for m in imp plac chef; do
	run $m sync
	is "$m syncs on" "$rc" 0
	is "$m: no list" "$(as $m --json list | json 'sum(1 for r in d if "syn01204" in r["id"] or "syn0088" in r["id"] or "syn0171" in r["id"])')" 0
	for w in $words; do is "$m: search $w" "$(as $m --json search $w)" '[]'; done
	is "$m: sql" "$(as $m --json sql 'SELECT (SELECT count(*) FROM cases) AS c, (SELECT count(*) FROM placements) AS p, (SELECT count(*) FROM contracts) AS k, (SELECT count(*) FROM case_reviews) AS r, (SELECT count(*) FROM notes) AS n')" \
		'[{"c":0,"p":0,"k":0,"r":0,"n":0}]'
	for r in $case placement-syn0088 contract-syn0088 placement_checklist-syn0088; do
		run $m show $r
		gives "$m: show ${r%%-*}" 4 '' 'akt: no such record, or you have no access to it'
	done
	rm -f $m/akt/index.db
	is "$m: list without its index" "$(as $m --json list case)" '[]'
	run $m log
	hasnt "$m: nothing of it in the log" "$out" Granskarens
	is "$m: no review of it counted" "$(as $m --json report rp10 --param round=$round | json 'd["sections"][1]["n"]')" 0
	run $m todo --today 2026-06-01
	hasnt "$m: nothing to do in it" "$out" syn01204
done
run plac show @
gives 'nor as the one used last' 4 '' 'akt: no such record, or you have no access to it'
is 'nor as a draft' "$(as plac --json status | json 'd["drafts"]')" '[]'
run plac access $case --grant '~plac'
is 'nobody lets themselves in' "$rc" 4
run plac export -o out
is 'nor exports it' "$(ls out | grep -c 'syn01204\|syn0088\|case_review')" 0
run plac check
hasnt 'nor does check mention it' "$out$err" syn01204
run plac conflicts
is 'nor conflicts' "$out" 'no conflicts'
is 'the provider itself is everybody'"'"'s' "$(as plac --json show provider-syn014 | json 'd["id"]')" provider-syn014

as imp --json reads >reads.json
is 'the log of reading holds ids and words asked for' "$(json 'sorted({k for r in d for k in r})' <reads.json)" \
	'["at", "by", "device", "hits", "query", "record", "what"]'

# --- keys: what is written from now on is closed to those who had the old ones
as anna set $case sex=not_recorded --why 'Rättat' >/dev/null; as anna sync >/dev/null; as plac sync >/dev/null
git clone -q "$T/hub.git" clone 2>/dev/null
AKT_IDENTITY=$T/plac.id
blob=$(find clone -name "$case.yaml.age")
awk '/AGE-SECRET-KEY/' plac.id >plac.key
fails 'a later version does not open with a key of one who was shut out' "$AKT" decrypt -i plac.key <"$blob"

# --- no way round the list
run anna access $case --grant '~plac'
gives 'nobody is let in by hand' 2 '' "akt: dossier $(as anna --json show $case | json 'd["dossier"]') is read by those its records name and nobody else; change the record instead"
run anna access --from anna --to plac
is 'nor by handing over' "$(readers anna $case)" '~anna'
run anna new placement --set case=$case --set provider=provider-syn014 --set form=hvb --set legal_basis=sol --set framework=inside \
	--set 'purpose=Skydd' --set acute=false --set decided_on=2026-10-01 --set start_on=2026-10-02 --set status=active --set state=draft
is 'a new placement of the case' "$rc$err" 0
is 'has the short list too' "$(readers anna "$out")" '~anna'
run plac new placement --set case=$case --set provider=provider-syn014 --set form=hvb --set legal_basis=sol --set framework=inside \
	--set 'purpose=Skydd' --set acute=false --set decided_on=2026-10-01 --set start_on=2026-10-02 --set status=active --set state=draft
is 'who cannot see whether a case is protected opens nothing under it' "$rc" 3
has 'and is told why' "$err" 'case.protected: says who may read this, and is in a record that you may not open; ask somebody who may'
run anna set $case 'access_list=[staff-e001]' --why 'Ny lista'
is 'a list of people who do not use Akt is refused' "$rc" 3
has 'with the field' "$err" 'access_list: nobody but these may read it, and none of them uses Akt'

# --- a list made wider by other means: a schema that shuts nobody out, and the right one again
sed '/only: true/d' "$ROOT/schema/case.yaml" >case.yaml
as imp sync >/dev/null
as imp schema put case.yaml >/dev/null; as imp sync >/dev/null; as anna sync >/dev/null
as anna access $case --grant '~plac' >/dev/null; as anna sync >/dev/null; as imp sync >/dev/null
as imp schema put "$ROOT/schema" >/dev/null; as imp sync >/dev/null; as plac sync >/dev/null
as anna sync >/dev/null
is 'is closed by the next sync of a reader' "$(readers anna $case)" '~anna'

new=$(as imp new case --set child_ref=barn-9 --set birth_year=2012 --set research_sample=false --set handler=staff-h017 \
	--set manager=staff-b002 --set team=t --set opened_on=2026-10-01 --set channel=referral --set violence.suspected=nej \
	--set stage=preassessment --set protected=true --set 'access_list=[staff-h017]' --set state=draft)
is 'who makes a protected case reads it at first, and check says so' "$(as imp --json check $new | json 'd["warnings"][0]["message"]')" \
	"can be read by ~imp too, whom it shuts out; run: akt access $(as imp --json show $new | json 'd["dossier"]') --revoke ~imp"
as imp sync >/dev/null; as anna sync >/dev/null
is 'until one of the list syncs' "$(readers anna $new)" '~anna'
as anna sync >/dev/null; as chef sync >/dev/null

# --- the list is data: another name, and the end of protection
run anna set $case 'access_list=[staff-h017, staff-b002]' --why 'Chefen behöver läsa'
is 'another is let in' "$(readers anna $case) $(readers anna contract-syn0088)" '~anna ~chef ~anna ~chef'
as anna sync >/dev/null; as chef sync >/dev/null
is 'and reads all of it' "$(as chef --json search traumafokuserad | json '[r["type"] for r in d]')" '["placement", "plan"]'

# --- while something cannot be read: nobody is taken from a list, and what would take them is refused
object() { # store, path: the file of its loose object
	local id
	id=$(git -C "$1" rev-parse "main:$2")
	[ -e "$1/objects/${id:0:2}/${id:2}" ] || { for p in "$1"/objects/pack/*.pack; do
		mv "$p" "$T/p.pack"; rm -f "${p%.pack}.idx"; git -C "$1" unpack-objects -q <"$T/p.pack"; done; rm -f "$T/p.pack"; }
	echo "$1/objects/${id:0:2}/${id:2}"
}
where() { git -C anna ls-tree -r --name-only main | grep "/$1.yaml.age$"; }
hurt() { f=$(object anna "$(where "$1")"); cp -p "$f" kept; chmod u+w "$f"; printf 'no object' >"$f"; }
mend() { rm -f "$f"; mv kept "$f"; }
all="$(readers anna $case) $(readers anna placement-syn0088) $(readers anna contract-syn0088)"
hurt staff-b002
run anna set $case sex=girl --why 'Rättat'
is 'what changes no list is saved while a staff record is damaged' "$rc$err" 0
for set in 'access_list=[staff-h017]' protected=false; do
	run anna set $case "$set" --why 'Ny lista'
	is "$set is refused" "$rc" 5
	has 'and says why' "$err" ': says who may read this, and is in a record that cannot be read; run: akt doctor'
done
run anna new note --set about=$case --set kind=comment --set text=x --set state=draft
is 'a note in its dossier is not in the way' "$rc$err" 0
run anna new placement --set case=$case --set provider=provider-syn014 --set form=hvb --set legal_basis=sol --set framework=inside \
	--set 'purpose=Skydd' --set acute=false --set decided_on=2026-10-01 --set start_on=2026-10-02 --set status=active --set state=draft
is 'a new dossier is not opened without its readers' "$rc" 5
has 'whom it names' "$err" 'case.access_list: says who may read this'
as anna sync >/dev/null
is 'nobody was taken from a list' "$(readers anna $case) $(readers anna placement-syn0088) $(readers anna contract-syn0088)" "$all"
mend
hurt placement-syn0088
run anna set $case 'access_list=[staff-h017]' --why 'Ny lista'
is 'nor is a list changed while one that follows it cannot be read' "$rc" 5
has 'which it names' "$err" 'who reads it may depend on this change, which was not saved; run: akt doctor'
is 'and all are as they were' "$(readers anna $case) $(readers anna contract-syn0088)" '~anna ~chef ~anna ~chef'
run anna access placement-syn0088 --grant '~plac'
is 'nobody is let in where it cannot be told who may' "$rc" 5
hasnt 'nor is' "$(readers anna placement-syn0088)" plac
mend

# --- apart: a round grants somebody while the flag is being set elsewhere
run anna set $case protected=false --unset access_list --why 'Skyddet har upphört'
is 'the flag is taken away' "$rc$err" 0
is 'and the lists are as before' "$(readers anna placement-syn0088)" 'administration placering samordnare ~anna ~chef'
as anna sync >/dev/null; as chef sync >/dev/null
as chef access $case --grant '~plac' --until 2099-01-01 >/dev/null
as anna set $case protected=true 'access_list=[staff-h017, staff-b002]' --why 'Skyddade personuppgifter' >/dev/null
as chef sync >/dev/null
run anna sync
is 'merged, the list is closed by the first of its readers to sync' "$(readers anna $case)" '~anna ~chef'
as plac sync >/dev/null
run plac show $case
is 'and at the hub' "$rc" 4
finish
