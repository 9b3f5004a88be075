#!/bin/bash
# Versions set aside: a colleague who may not read a record merges two histories of it, and loses nothing.
. "$(dirname "$0")/lib.sh"
# bo has two devices; anna, the admin, cannot open bo's own dossier
unit anna
member anna bo --role staff
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
run bo set "$rec" name=Asken
is 'the next writer saves' "$rc" 0
hasnt 'and stores the merge: nothing lies beside it any more' "$(git -C "$T/bo" ls-tree -r --name-only main)" .parked-
shown=$(as bo show "$rec")
has 'with the new value' "$shown" 'name: Asken'
has 'and what the other device wrote' "$shown" 'settled_on: 2026-05-02'
for m in bo bo.two anna bo.two bo; do as $m sync hub >/dev/null; done
is 'both devices have the same' "$(as bo.two show "$rec")" "$(as bo show "$rec")"
run bo verify --content
is 'the trail holds, content too' "$rc" 0
finish
