#!/bin/bash
# A record set aside twice by one who may not read it: what its readers then write apart loses nothing. Found by
# simulation. Which version keeps the name is by chance, hence the rounds.
. "$(dirname "$0")/lib.sh"
unit anna
member anna bo --role staff
machine bo.two two
as anna device add "$T/bo.two.card" >/dev/null && as anna sync >/dev/null
as bo sync >/dev/null # wraps bo's team for the new device
as bo.two join "$T/hub.git" "$T/bo.two" --fingerprint "$FINGERPRINT" >/dev/null
"$AKT" hub "$T/stick.git" >/dev/null
for m in anna bo bo.two; do as $m remote add stick "$T/stick.git" >/dev/null; done
put() { # machine, assignments
	local m=$1
	shift
	as "$m" set "$rec" "$@" >/dev/null || echo "# $m could not set $*"
}
via() { local hub=$1 m; shift; for m; do as "$m" sync "$hub" >/dev/null 2>"$m.err" || echo "# $m: $(cat "$m.err")"; done; }
aside() { git -C "$T/$1" ls-tree -r --name-only main | grep -c "$rec.yaml.age.parked-"; }

for round in 1 2 3 4; do
	rec=$(as bo new hive --set name=Eken --set "tags=[old$round]")
	via hub bo bo.two anna
	via stick anna
	put bo site=hill count=3 "tags.+=hill$round"
	via hub bo
	put bo.two kind=warre
	via stick bo.two
	via hub anna
	via stick anna # sets one version aside
	put bo settled_on=2026-04-01
	via hub bo
	via hub anna # and another
	[ "$round" -gt 1 ] || isnt 'a version is set aside' "$(aside anna)" 0
	via hub bo bo.two
	put bo.two notes=moor
	put bo died_on=2026-05-01
	put bo "tags.+=new$round"
	via hub bo bo.two bo
	shown=$(as bo --json show "$rec")
	lost=
	for word in Eken "old$round" hill '"count":3' "hill$round" warre 2026-04-01 moor 2026-05-01 "new$round"; do
		case $shown in *"$word"*) ;; *) lost+=" $word" ;; esac
	done
	is "round $round: nothing is lost" "$lost" ''
	is 'both devices show the same' "$(as bo.two --json show "$rec")" "$shown"
done
run anna verify
is 'the trail verifies' "$rc" 0
run bo verify --content
is 'and its contents' "$rc" 0
finish
