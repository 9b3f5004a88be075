#!/bin/bash
# Versions set aside: a colleague who may not read a record merges two histories of it, and loses nothing.
. "$(dirname "$0")/lib.sh"
# bo has two devices; anna, the admin, cannot open bo's own dossier
unit anna
member anna bo --role supervisor,staff
machine bo.two two
as anna device add "$T/bo.two.card" >/dev/null && as anna sync >/dev/null
as bo sync >/dev/null # wraps bo's team for the new device
as bo.two join "$T/hub.git" "$T/bo.two" --fingerprint "$FINGERPRINT" >/dev/null
"$AKT" hub "$T/stick.git" >/dev/null
for m in anna bo bo.two; do as $m remote add stick "$T/stick.git" >/dev/null; done
rec=$(as bo new hive --set name=Eken --set settled_on=2026-04-01)
as bo sync hub >/dev/null; as bo.two sync hub >/dev/null; as anna sync hub >/dev/null
as anna sync stick >/dev/null
# apart: one device through the hub, the other through the stick; anna carries both
as bo set "$rec" name=Linden >/dev/null; as bo sync hub >/dev/null
as bo.two set "$rec" settled_on=2026-05-02 >/dev/null; as bo.two sync stick >/dev/null
as anna sync hub >/dev/null
run anna sync stick
is 'a merge by one who cannot read goes through' "$rc" 0
fails 'who merged still cannot read it' as anna show "$rec"
as anna sync hub >/dev/null
has 'the other version lies beside the record' "$(git -C "$T/hub.git" ls-tree -r --name-only main)" .parked-
as bo sync hub >/dev/null
shown=$(as bo show "$rec")
has 'a reader sees one side' "$shown" 'name: Linden'
has 'and the other' "$shown" 'settled_on: 2026-05-02'
as bo export "$rec" -o out >/dev/null
is 'an export says what show does' "$(cat "out/$rec.yaml")" "$shown"
has 'and is told that there is something to do' "$(as bo --json todo)" '"rule":"akt.parked"'
as bo approve "$rec" --why 'both are right' >/dev/null
is 'what was approved is what readers see: show' "$(as bo --json show "$rec" | json 'd["approval"]["state"]')" approved
is 'list' "$(as bo --json list hive | json 'd[0]["approval"]["state"]')" approved
is 'check' "$(as bo --json check | json '[x["message"] for x in d.get("warnings", []) if "approv" in x["message"]]')" '[]'
hasnt 'todo' "$(as bo --json todo)" akt.lapsed
run bo set "$rec" name=Asken
is 'the next writer saves' "$rc" 0
hasnt 'and stores the merge: nothing lies beside it any more' "$(git -C "$T/bo" ls-tree -r --name-only main)" .parked-
hasnt 'nor in the list' "$(as bo --json todo)" akt.parked
shown=$(as bo show "$rec")
has 'with the new value' "$shown" 'name: Asken'
has 'and what the other device wrote' "$shown" 'settled_on: 2026-05-02'
for m in bo bo.two anna bo.two bo; do as $m sync hub >/dev/null; done
as anna sync stick >/dev/null
# the same again while an editor stands open, and once more while a draft waits
cat >editor.sh <<'END'
touch "$OPEN"
while [ ! -e "$OPEN.go" ]; do sleep 0.05; done
rm "$OPEN.go"
sed "$EDIT" "$1" >"$1.new" && mv "$1.new" "$1"
[ -z "${DIE-}" ] || exit 1
END
apart() { # what this device wrote at the hub, and what the other writes at the stick
	as bo.two set "$rec" site="$1" >/dev/null; as bo.two sync stick >/dev/null
	as anna sync hub >/dev/null; as anna sync stick >/dev/null; as anna sync hub >/dev/null; as bo sync hub >/dev/null
}
open_editor() { # SED [die]
	rm -f open && (export OPEN=$T/open EDIT=$1 DIE=${2-} VISUAL="sh $T/editor.sh" AKT_IDENTITY=$T/bo.id AKT_STORE=$T/bo
		exec "$PYTHON" "$HERE/terminal.py" -- "$AKT" edit "$rec" >edit.out 2>&1) &
	editing=$!
	for _ in $(seq 100); do [ -e open ] && break; sleep 0.05; done
}
close_editor() { touch open.go; wait "$editing"; }
blob() { git -C "$T/bo" ls-tree -r main | grep "$rec.yaml.age$" | cut -c13-52; }
number=4
for way in 'an open editor' 'a draft'; do
	# which of two versions is set aside is by chance: until it is not the one in the editor
	for _ in $(seq 16); do
		for m in bo bo.two bo; do as $m sync hub >/dev/null; done; as bo.two sync stick >/dev/null
		number=$((number + 1))
		as bo set "$rec" count=$number >/dev/null; as bo sync hub >/dev/null
		was=$(blob)
		open_editor "s/^name: .*/name: Name$number/" "$([ "$way" = 'an open editor' ] || echo die)"
		[ "$way" = 'an open editor' ] || close_editor
		apart $number
		[ "$(blob)" != "$was" ] || break
		[ "$way" = 'an open editor' ] || open_editor ''
		close_editor
	done
	is "$way: another version is set aside meanwhile" "$(blob) $(git -C "$T/bo" ls-tree -r --name-only main | grep -c .parked-)" "$was 1"
	[ "$way" = 'an open editor' ] || open_editor ''
	close_editor
	is "$way: is saved" $? 0
	hasnt "$way: and nothing is set aside any more" "$(git -C "$T/bo" ls-tree -r --name-only main)" .parked-
	is "$way: nothing is lost" "$(as bo --json show "$rec" | json '[d["data"].get(k) for k in ("name", "count", "site")], d.get("conflicts")')" \
		"[[\"Name$number\", $number, \"$number\"], null]"
done
for m in bo bo.two anna bo.two bo; do as $m sync hub >/dev/null; done
is 'both devices have the same' "$(as bo.two show "$rec")" "$(as bo show "$rec")"
run bo verify --content
is 'the trail holds, content too' "$rc" 0
finish
