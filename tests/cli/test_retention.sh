#!/bin/bash
# What is kept how long (the shipped domain): rules propose with the class, nothing goes by itself, two people erase on a basis
# that the store knows; final and void records stay as they were until then.
. "$(dirname "$0")/lib.sh"
ROOT=$(realpath "$HERE/../..")
TOY=$ROOT
unit anna
for t in ledning samordnare administration; do as anna team $t --add anna >/dev/null; done
member anna chef --role supervisor --team unit --team ledning
mkdir in
"$PYTHON" - in <<'END'
import sys
def put(id, **data):
    t = id.split("-")[0]
    with open(f"{sys.argv[1]}/{id}.yaml", "w") as f:
        f.write(f"akt: 1\ntype: {t}\nv: 1\nid: {id}\ncreated: {{at: 2018-01-10T07:00:00Z, by: import}}\n"
                f"updated: {{at: 2018-01-10T07:00:00Z, by: import}}\ndata:\n")
        for k, v in data.items():
            f.write(f"  {k}: {v}\n")
put("staff-h001", title="Socialsekreterare 1", handle="anna", roles="[handlaggare]", team="t", active_from="2015-01-01", state="final")
def case(id, **more):
    put(id, **{**dict(child_ref=id[-4:] + "-1", birth_year=2010, research_sample="false", handler="staff-h001", manager="staff-h001", team="t", opened_on="2018-01-10",
        channel="application", violence="{suspected: nej}", stage="closed", closed_on="2018-06-01", closed_reason="no_investigation", state="final"), **more})
case("case-oldx", sex="girl")
case("case-research", research_sample="true")
case("case-placed")
put("placement-old", case="case-placed", provider="provider-old", form="hvb", legal_basis="sol", framework="inside", purpose="Syfte", acute="false",
    decided_on="2014-01-01", start_on="2014-01-10", status="ended", end_on="2015-01-10", end_reason="moved_home", state="final")
put("provider-old", name="HVB Exempelgården", operator="private", forms="[hvb]", permit="{kind: permit}", active="false", state="final")
put("decision_checklist-old", audience="writer", case="case-oldx", document_kind="decision", document_ref="B1", filled_by="staff-h001", filled_on="2018-02-01", state="final",
    answers="{child_heard: ja, info_report: ja, info_investigation: ja, info_intervention: ja, info_decision: ja, communication_boxes: ja, child_communicated: ja, police_decision: ej_aktuellt, placed: nej}")
END
run anna import in
is 'old records' "$rc$err" 0
as anna sync >/dev/null; as chef sync >/dev/null
proposed() { as "$1" --json todo --today 2026-11-01 | json '[(r["rule"], r["record"], r["due"], r["severity"]) for r in d if r["rule"] in ("X72", "G01", "G02", "G03", "G04")]'; }
want='[["G04", "decision_checklist-old", "2020-02-01", "info"], ["X72", "case-oldx", "2023-06-01", "info"]]'
is 'proposed: the case and its checklists; not who was placed, nor the research sample, nor a provider too early' "$(proposed anna)" "$want"
is 'with what to do' "$(as anna --json todo --today 2026-11-01 | json '[r["next"] for r in d if r["rule"] == "X72"]')" '["Erase after a decision: two people: akt erase case-oldx --basis sol"]'
as anna store --set keep_checklist_years=20 >/dev/null
is 'by the unit'"'"'s own years' "$(proposed anna)" '[["X72", "case-oldx", "2023-06-01", "info"]]'
as anna store --set keep_checklist_years= >/dev/null
as anna sync >/dev/null; as anna gc >/dev/null; as anna doctor >/dev/null; as chef sync >/dev/null
is 'nothing goes by itself' "$(as chef --json list case | json 'len(d)')" 3

# --- until then a final record is closed
run anna set case-oldx birth_year=2011 --why 'Fel år'
gives 'a final record does not change' 3 '' 'akt: case-oldx.yaml: birth_year: cannot change any more: the record is final; write a correction or a new version'
cp in/case-oldx.yaml again.yaml && mkdir again && sed 's/birth_year: 2010/birth_year: 2011/' again.yaml >again/case-oldx.yaml
run anna import again
is 'nor by an import' "$rc $(as anna --json show case-oldx | json 'd["data"]["birth_year"]')" '1 2010'
run anna set case-oldx state=void --why 'Dubblett'
is 'it may be voided' "$rc" 0
run anna set case-oldx birth_year=2011 --why 'Fel år'
gives 'a void one is closed too' 3 '' 'akt: case-oldx.yaml: birth_year: cannot change any more: the record is void; bring it back first, or write a new one'
run anna set case-oldx state=final sex=boy --why 'Fel'
is 'and comes back as it was, or not at all' "$rc" 3
run anna set case-oldx state=draft --why 'Fel'
is 'never as a draft' "$rc" 3
run anna set case-oldx state=final
gives 'with a reason' 2 '' 'akt: the record is void: say why it changes (--why TEXT)'
run anna set case-oldx state=final --why 'Ingen dubblett'
is 'then it stands again' "$rc" 0
note=$(as anna new note --set about=case-oldx --set kind=correction --set 'text=Födelseåret ska vara 2011.' --set state=final)
is 'what was wrong is corrected by a note beside it' "$(as anna --json show "$note" | json 'd["dossier"]')" "$(as anna --json show case-oldx | json 'd["dossier"]')"
as anna new plan --set kind=care_plan --set case=case-placed --set placement=placement-old --set version=1 --set drawn_up_on=2014-01-10 --set child_took_part=ja \
	--set next_follow_up_on=2014-07-01 --set 'sections={interventions: a, contact: b, care_goal: c, views: d}' --set state=final >plan.id
run anna set "$(cat plan.id)" sections.contact=x --why 'Ändrat'
is 'a final plan does not change' "$rc" 3
run anna new plan --set kind=care_plan --set case=case-placed --set placement=placement-old --set version=2 --set "supersedes=$(cat plan.id)" --set drawn_up_on=2014-06-10 \
	--set child_took_part=ja --set next_follow_up_on=2014-12-01 --set 'sections={interventions: a, contact: x, care_goal: c, views: d}' --set state=final
is 'a new version supersedes it' "$rc" 0

# --- a merge keeps what one side had made final
draft=$(as anna new note --set about=case-placed --set kind=comment --set 'text=Utkast' --set state=draft)
as anna sync >/dev/null; as chef sync >/dev/null
as chef set "$draft" text='Ändrat på annat håll' >/dev/null
as anna set "$draft" state=final >/dev/null; as anna sync >/dev/null; as chef sync >/dev/null
is 'the final side stands, the other is shown' "$(as chef --json show "$draft" | json '[d["data"]["text"], d["conflicts"][0]["path"]]')" '["Utkast", "text"]'
as chef sync >/dev/null; as anna sync >/dev/null

# --- a person decides, another confirms
run anna erase case-oldx --basis gallring
is 'on a basis that the store knows' "$rc" 2
as anna --json erase case-oldx --basis sol >order.json
is 'ordered by one' "$(json '[d["basis"], d["final"], len(d["parts"])]' <order.json)" '["sol", false, 1]'
is 'it is still there' "$(as anna --json show case-oldx | json 'd["id"]')" case-oldx
as anna sync >/dev/null; as chef sync >/dev/null
as anna member role chef admin,supervisor >/dev/null; as anna sync >/dev/null; as chef sync >/dev/null
run chef erase case-oldx --confirm
is 'confirmed by another' "$rc" 0
as chef sync >/dev/null; as anna sync >/dev/null
for m in anna chef; do is "$m: gone" "$(as $m --json list case | json 'sorted(r["id"] for r in d)')" '["case-placed", "case-research"]'; done
is 'the part beside it is proposed for itself' "$(proposed anna)" '[["G04", "decision_checklist-old", "2020-02-01", "info"]]'
run anna verify
is 'the trail is whole' "$rc" 0
finish
