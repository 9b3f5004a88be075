#!/bin/bash
# Sync through folders: merging, hubs that move, go back, vanish or lie, and a stick as the second hub.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
member anna cleo --role supervisor --team unit --team apiary
# the team's key is wrapped for those who joined by whoever has it
sync() { for m; do as "$m" sync >/dev/null 2>>sync.err || echo "$m: $?"; done; }
sync anna bo cleo
head_of() { git -C "$1" rev-parse main; }
equal() { # 'name': all three have the same head and the same plaintext
	local m
	for m in anna bo cleo; do rm -rf "plain.$m"; as "$m" export -o "$T/plain.$m" >/dev/null; done
	is "$1: one head" "$(head_of anna) $(head_of bo) $(head_of cleo)" "$(head_of hub.git) $(head_of hub.git) $(head_of hub.git)"
	is "$1: equal plaintext" "$(diff -r plain.anna plain.bo; diff -r plain.anna plain.cleo)" ''
}

# --- different records, different fields
north=$(as anna new hive --set name=North --set count=1 --set 'frames=[{k: a, holds: honey}, {k: b, holds: brood}]' \
	--set 'notes=One line.' --set 'tags=[old]')
sync anna bo cleo
as bo new hive --set name=East >/dev/null
as anna new hive --set name=West >/dev/null
run anna sync
gives 'sync: pushes' 0 'commits fetched: 0, pushed: 1; records merged: 0'
run bo sync
gives 'different records: fetched, merged, pushed' 0 'commits fetched: 1, pushed: 2; records merged: 0'
run anna sync
gives 'and fetched by the other' 0 'commits fetched: 2, pushed: 0; records merged: 0'
run anna sync
gives 'nothing left to do' 0 'commits fetched: 0, pushed: 0; records merged: 0'
as anna set "$north" site=hill 'frames.a.weight=2' 'tags.+=wild' >/dev/null
as bo set "$north" count=2 'frames.b.holds=empty' 'frames.+={k: c, holds: pollen}' 'tags.+=calm' >/dev/null
sync anna
run bo sync
gives 'different fields of one record' 0 'commits fetched: 1, pushed: 2; records merged: 1'
sync anna cleo
is 'all of them stand' "$(as cleo --json show "$north" | json 'd["data"]["site"], d["data"]["count"], d["data"]["frames"], sorted(d["data"]["tags"]), "conflicts" in d')" \
	'["hill", 2, [{"holds": "honey", "k": "a", "weight": 2}, {"holds": "empty", "k": "b"}, {"holds": "pollen", "k": "c"}], ["calm", "old", "wild"], false]'
is 'the log tells who wrote which' "$(as cleo --json log "$north" --path count | json '[(x["by"], x["changes"][0]["to"]) for x in d]')" '[["bo", 2], ["anna", 1]]'

# --- the same field: both are kept, and shown
as anna set "$north" count=10 >/dev/null
as bo set "$north" count=20 --unset site >/dev/null
sync anna
run bo sync
gives 'the same field: exit 1 and where' 1 "commits fetched: 1, pushed: 2; records merged: 1
two versions – choose: hive-ID count   (akt resolve hive-ID count --take N)"
run anna sync
gives 'the other machine is told as well' 1 "commits fetched: 2, pushed: 0; records merged: 0
two versions – choose: hive-ID count   (akt resolve hive-ID count --take N)"
run cleo sync
is 'and the third' "$rc" 1
run cleo conflicts
is 'conflicts: both values, who and when' "$(sed -E 's/TIME/T/' <<<"$out" | sort)" '  1. T  bo  20
  2. T  anna  10
hive-ID  count'
run cleo resolve "$north" count --take 3
is 'a value that is not there' "$rc $err" '2 akt: --take is 1 to 2'
run cleo resolve "$north" count --take 2 --why 'asked anna'
gives 'resolve' 0 hive-ID
sync cleo anna bo
is 'is settled everywhere' "$(as anna --json show "$north" | json 'd["data"]["count"], "conflicts" in d')" '[10, false]'
run bo conflicts
gives 'no conflict left' 0 'no conflicts'
as anna set "$north" name=Nord >/dev/null; as bo set "$north" name=Norr >/dev/null; as cleo set "$north" name=Norte >/dev/null
for m in anna bo cleo anna bo; do as $m sync >/dev/null; done
is 'three values' "$(as anna --json conflicts | json 'sorted(v["value"] for v in d[0]["values"])')" '["Nord", "Norr", "Norte"]'
as bo set "$north" name=North >/dev/null
sync bo anna cleo
is 'writing the field settles it too' "$(as cleo --json conflicts) $(as cleo --json show "$north" | json 'd["data"]["name"]')" '[] North'
equal 'after conflicts'

# --- at the same moment
for m in anna bo cleo; do as $m new hive --set "name=At once $m" >/dev/null; done
for m in anna bo cleo; do (as $m sync >"once.$m" 2>&1; echo $? >>"once.$m") & done
wait
is 'three syncs at once all succeed' "$(tail -qn 1 once.* | tr '\n' ' ')" '0 0 0 '
sync anna bo cleo
equal 'after syncs at once'

# --- a hub that went back, one that was emptied
cp -a hub.git old.git
as bo new hive --set name=Later >/dev/null
sync bo anna
rm -rf hub.git && mv old.git hub.git
run cleo sync
gives 'a machine that had not seen it notices nothing' 0 'commits fetched: 0, pushed: 0; records merged: 0'
run anna sync
gives 'an older copy is given back what it lost' 0 'commits fetched: 0, pushed: 1; records merged: 0
note: the hub had gone back behind what it held before; it is given back what it lost'
sync bo cleo
equal 'after the older copy'
rm -rf hub.git && "$AKT" hub "$T/hub.git" >/dev/null
run bo sync
has 'an empty one is filled again' "$rc $out" "0 commits fetched: 0, pushed: $(git -C bo rev-list --count main);"
sync anna cleo
equal 'after the empty one'

# --- a stick
"$AKT" hub "$T/usb.git" >/dev/null
for m in anna bo; do as $m remote add usb "$T/usb.git" >/dev/null; done
run anna sync
gives 'two remotes: which?' 2 '' 'akt: there are several remotes; name one: akt sync NAME'
as anna set "$north" site=stick >/dev/null
as anna sync usb >/dev/null
mv hub.git away.git
run bo sync usb
is 'over the stick, without the hub' "$rc $(as bo --json show "$north" | json 'd["data"]["site"]')" '0 stick'
run bo sync hub
gives 'a hub out of reach' 6 '' "akt: the hub's folder is not there; connect the stick or drive, or correct the address"
as bo set "$north" site=again >/dev/null
is 'does not hinder work' $? 0
mv away.git hub.git
for m in bo cleo; do as $m sync hub >/dev/null; done
as anna sync hub >/dev/null
equal 'after the stick'
as anna remote add dead http://127.0.0.1:9/hub >/dev/null
run anna sync dead
is 'a server that is not there' $rc 6

# --- hubs that lie: refused with exit 5 and the reason, and nothing of them is taken
honest=$(head_of hub.git)
as bo set "$north" site=honest >/dev/null
work() { rm -rf lie; git clone -q hub.git lie 2>/dev/null; git -C lie config user.name x; git -C lie config user.email x@x; }
lies() { # 'name' TIP 'message': the hub's main is set there past all hooks
	git -C hub.git update-ref refs/heads/main "$2"
	local was
	was=$(head_of bo)
	run bo sync hub
	is "$1: refused" "$rc" 5
	has "$1: the reason" "$out$err" "$3"
	is "$1: main stays" "$(head_of bo)" "$was"
	as bo --json sync hub >doc 2>/dev/null
	is "$1: --json" "$(json 'd["ok"], d["fetched"], d["pushed"], len(d["failures"])' <doc)" '[false, 0, 0, 1]'
	is "$1: no side ref stays" "$(git -C bo for-each-ref --format='%(refname)' refs/akt/in refs/akt/out)" ''
	is "$1: work goes on" "$(as bo set "$north" count=$((RANDOM % 1000)) 2>&1 >/dev/null)" ''
	git -C hub.git update-ref refs/heads/main "$honest"
}
refused='akt: the hub is refused, and nothing of it taken: '
work; (cd lie && git commit -q --allow-empty -m 'akt: set')
git -C hub.git fetch -q "$T/lie" main
lies 'an unsigned commit' "$(head_of lie)" "$refused"
# the last commit once more, with another byte in its message
git -C hub.git cat-file commit main | sed 's/^akt: set/akt: sat/' >"$T/raw"
lies 'an altered commit' "$(git -C hub.git hash-object -t commit -w "$T/raw")" "$refused"
# a record's ciphertext altered under the same signature
work; f=$(cd lie && git ls-files | grep "$north"); printf 'x' >>"lie/$f"; git -C lie add -A
git -C hub.git fetch -q "$T/lie" main; tree=$(git -C lie write-tree)
git -C lie cat-file commit main | sed "s/^tree .*/tree $tree/" >"$T/raw"
alt=$(git -C lie hash-object -t commit -w "$T/raw"); git -C lie branch -q alt "$alt"; git -C hub.git fetch -q "$T/lie" alt
lies 'an altered record' "$alt" "$refused"
# one commit left out of the middle
git -C hub.git cat-file commit main | sed "s/^parent .*/parent $(git -C hub.git rev-parse main~3)/" >"$T/raw"
lies 'a commit left out' "$(git -C hub.git hash-object -t commit -w "$T/raw")" "$refused"
# another store altogether
machine eve; as eve init "$T/eve" --name Eve --schema "$TOY/schema" >/dev/null
git -C hub.git fetch -q "$T/eve" main
lies 'another store' "$(head_of eve)" 'it is a second beginning of the history'
# signed by nobody who belongs
AKT_IDENTITY=$T/eve.id; sed '/AGE-SECRET/d' eve.id >eve.key; chmod 600 eve.key
work; (cd lie && git -c gpg.format=ssh -c user.signingkey="$T/eve.key" commit -q -S --allow-empty -m 'akt: set')
git -C hub.git fetch -q "$T/lie" main
lies 'a stranger'"'"'s signature' "$(head_of lie)" "$refused"
run bo sync hub
is 'an honest hub again' "$rc" 0
sync_all() { for m in anna cleo bo anna; do as $m sync hub >/dev/null; done; }
sync_all
equal 'after the lies'
for ref in refs/akt/keys; do
	git -C hub.git cat-file commit $ref | sed "s/^tree .*/tree $(git -C hub.git mktree </dev/null)/" >"$T/raw"
	git -C hub.git update-ref $ref "$(git -C hub.git hash-object -t commit -w "$T/raw")"
done
sync_all
is 'keys that the hub lost are put back' "$(git -C hub.git ls-tree -r --name-only refs/akt/keys | sort)" \
	"$(git -C anna/akt/keys.git ls-tree -r --name-only refs/akt/keys | sort)"

# --- three machines, 60 steps in an order that looks random and is always the same
RANDOM=42
names=(anna bo cleo) hives=("$north")
for i in $(seq 60); do
	m=${names[RANDOM % 3]} h=${hives[RANDOM % ${#hives[@]}]}
	case $((RANDOM % 10)) in
	0) h=$(as $m new hive --set "name=H$i") && as $m sync hub >/dev/null; hives+=("$h") ;;
	1 | 2) as $m set "$h" count=$((RANDOM % 5)) ;;
	3) as $m set "$h" site=s$((RANDOM % 4)) ;;
	4) as $m set "$h" "frames.+={holds: honey}" ;;
	5) as $m set "$h" "tags.+=t$((RANDOM % 6))" ;;
	6) as $m set "$h" "weighings.+={on: 2026-01-0$((RANDOM % 9 + 1)), kg: $((RANDOM % 50 + 1))}" ;;
	7) as $m set "$h" --unset count --unset site ;;
	*) as $m sync hub ;;
	esac >/dev/null 2>step.err || { grep -q 'no such record' step.err || [ ! -s step.err ] || sed "s/^/# step $i: /" step.err; }
done
for m in anna bo cleo anna bo cleo; do as $m sync hub >/dev/null 2>&1; done
equal 'after 60 steps'
is 'conflicts are the same everywhere' "$(as anna --json conflicts | cksum)" "$(as cleo --json conflicts | cksum)"
for m in anna bo cleo; do
	run $m verify --content --full
	is "$m: everything verifies" "$rc $(grep -c THE <<<"$out")" '0 0'
done
is 'every record is valid' "$(as anna check | sed -E 's/^[0-9]+/N/')" 'N records are valid'
is 'no sync failed unseen' "$(norm <sync.err)" ''
finish
