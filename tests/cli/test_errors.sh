#!/bin/bash
# Every class of failure, word for word, with its exit status: golden/errors.LANG. Swedish runs as
# soon as its transcript is there.
. "$(dirname "$0")/lib.sh"
unit anna
member anna bo --role staff --team unit
as anna team keepers --add anna >/dev/null
as anna sync >/dev/null
as bo sync >/dev/null
open=$(as anna new hive --set name=Open --set keeper=person-none)
d=$(as anna --json show "$open" | json 'd["dossier"]')
closed=$(as anna new hive --set name=Closed --set secret=true)
mask "$d" ODOSSIER
mkdir empty plain bad && cat >bad.yaml <<'END'
name: ""
site: 7
settled_on: 2026-02-30
count: -1
kind: round
size: [1, 2, 3, 4]
frames: [{holds: wax}]
END
printf 'name: A\nname: B\n' >twice.yaml
printf 'name: [A\n' >broken.yaml
printf -- '- a\n' >list.yaml
printf 'name: &a A\n' >anchor.yaml
printf 'name: A\xff\n' >latin.yaml
printf 'akt: 1\nid: hive-abc\ntype: hive\n' >envelope.yaml
head -c 200 /dev/urandom >noise
printf 'short\n' >pass
printf 'type: object\nproperties: {a: {typ: string}}\n' >bad/hive.yaml

errors() {
	# wrong use
	step anna frobnicate
	step anna --frobnicate
	step anna show
	step anna show a b
	step anna list --all
	step anna new hive --set
	step anna check --schema "$TOY/schema"
	step anna set "$open"
	step anna set "$open" name
	step anna set "$open" =x
	step anna set "$open" name=@nowhere
	step anna set "$open" frames.zz.holds=honey
	step anna set "$open" --unset nothing
	step anna set "$open" --unset site
	step anna set "$open" 'size=[1'
	step anna new hive
	step anna edit "$open"
	step anna new cow --set name=x
	step anna list cow
	step anna verify --fingerprint 12
	step anna log "$open" --path
	step anna show "$open" --at 123
	step anna show "$open" --at abcdef0
	step anna resolve "$open" name
	step anna resolve "$open" name --take 0
	step anna resolve "$open" name --take 1
	step anna sync nowhere
	step anna remote add hub "$T/hub.git"
	step anna remote add Hub "$T/hub.git"
	step anna team Keepers --add bo
	step anna team nobody
	step anna team keepers --add carl
	step anna team keepers --remove carl
	step anna team new --remove bo
	step anna member add "$T/bo.card" --role staff
	step anna member add "$T/bo.card"
	step anna member add "$T/bo.card" --role boss
	step anna member add noise --role staff
	step anna member add nowhere --role staff
	step anna member role carl staff
	step anna member role bo king
	step anna member remove carl
	step anna device add "$T/bo.card"
	step anna device revoke bo.phone
	step anna access "$open" --until tomorrow
	step anna access "$open" --grant nobody
	step anna access "$open" --revoke vets
	step anna unlock --for ever
	step anna init
	step anna init "$T/anna" --name Again
	step anna init "$T/new" --name New --schema empty
	step anna init "$T/new" --name New --schema bad
	step anna init "$T/new" --name New --schema nowhere
	step anna init "$T/new" --name New --language de
	step anna id new --handle anna --device pc --no-passphrase
	step anna id new --handle Anna --device pc --no-passphrase
	step anna id new --handle anna
	step anna join "$T/hub.git" "$T/new" --fingerprint 12
	step anna join "$T/hub.git" "$T/new"
	step anna hook no-such-hook
	step anna export
	step anna encrypt
	step anna encrypt -r nobody
	step anna decrypt
	# invalid data: everything at once, where it stands
	step anna new hive --from bad.yaml
	step anna new hive --from twice.yaml
	step anna new hive --from broken.yaml
	step anna new hive --from list.yaml
	step anna new hive --from anchor.yaml
	step anna new hive --from latin.yaml
	step anna new hive --from envelope.yaml
	step anna new hive --from nowhere.yaml
	step anna new hive --set site=x
	step anna new inspection --set hive=hive-zzzzzzzz --set on=2026-01-01
	step anna set "$open" settled_on=2026-13-01 count=many
	step anna check --schema "$TOY/schema/hive.yaml" bad.yaml
	step anna check --schema bad "$TOY/schema/hive.yaml"
	step anna schema put bad
	step anna import nowhere
	step anna check
	# no access: what is not there and what may not be opened are told apart by nobody
	step bo show hive-zzzzzzzz
	step bo show "$open"
	step bo set "$closed" name=x
	step bo log "$closed"
	step bo access "$d"
	step bo access 0000000000
	step bo export "$closed" -o plain
	step bo edit "$closed"
	step bo diff "$closed"
	step bo resolve "$closed" name --take 1
	step bo check "$closed"
	step bo new hive --dossier "$d" --set name=x
	step bo new hive --dossier 0000000000 --set name=x
	step bo new inspection --set "hive=$open" --set on=2026-01-01
	step bo schema put "$TOY/schema"
	step bo member remove anna
	step bo team keepers --add bo
	step carl list
	# out of reach
	step anna sync far
}

as anna remote add far "$T/gone.git" >/dev/null
for AKT_LANG in en sv; do
	golden errors || continue
	errors
	golden_done
	rm -rf new
done
AKT_LANG=en

# --- the same with --json: one document, the code that is also the status
for c in "2 show" "2 frobnicate" "4 show hive-zzzzzzzz" "3 set $open count=many settled_on=never" "6 sync far" "2 new hive"; do
	as anna --json ${c#* } >doc 2>err; rc=$?
	is "--json ${c#* }: status, code and nothing else" "$rc $(json 'str(d["error"]["code"]) + " " + " ".join(d) + " " + " ".join(sorted(d["error"]))' <doc) $(cat err)" "${c%% *} ${c%% *} error code messages "
done
is '--json: all messages' "$(as anna --json set "$open" count=many settled_on=never | json '"\n".join(d["error"]["messages"])' | norm)" \
	"$(as anna set "$open" count=many settled_on=never 2>&1 | norm)"

# --- an option that is misspelt says nothing of its value
for c in "list --titel=Hemlig" "list -Hemlig=Hemlig" "--titel=Hemlig list"; do
	# shellcheck disable=SC2086
	run anna $c
	hasnt "$c: the value is not told" "$rc $err" '=Hemlig'
done
# --- what would be obeyed by nobody is no use
run anna verify --fingerprint ''
gives 'an empty fingerprint is not no fingerprint' 2 '' 'akt: the fingerprint is 64 hex digits, as akt init showed it'
run anna access "$open" --until 2099-12-31
gives '--until without a grant' 2 '' 'akt: --until says when a grant ends: give --grant too'
run anna access "$open" --revoke unit --until 2099-12-31
gives 'a revocation has no end' 2 '' 'akt: --until says when a grant ends: give --grant too'
d=$(as anna --json show "$open" | json 'd["dossier"]')
other=$(as anna --json new hive --set name=Other)
other=$(json 'd["dossier"]' <<<"$other")
mask "$other" OTHER
run anna new inspection --dossier "$other" --set "hive=$open" --set on=2026-01-01
gives 'a record goes where its fields say, whatever was asked for' 2 '' 'akt: --dossier: this inspection goes to dossier ODOSSIER, as its type and fields say; leave the option out'
run anna new person --dossier "$other" --set name=P
has 'or its type' "$rc $err" '2 akt: --dossier: this person goes to dossier '
run anna new inspection --dossier "$d" --set "hive=$open" --set on=2026-01-01
gives 'there it may be asked to go' 0 inspection-ID
# nothing lies in the clear of an export that failed
run anna export "$open" hive-zzzzzzzz -o some
is 'one of several is not there: nothing is written' "$rc $err $(find . -name some)" '4 akt: no such record, or you have no access to it '
mkdir some && echo mine >"some/$open.yaml"
run anna export -o some
is 'a file in the way of one: nothing is written' "$rc $err $(ls some | wc -l)" '2 akt: cannot write some/hive-ID.yaml: File exists 1'
# what a folder of YAML files holds is taken in, whichever of the two usual endings it has
mkdir yml && printf 'akt: 1\ntype: hive\nid: hive-short\ndata: {}\n' >yml/a.yml
run anna import yml
is 'a file that ends in .yml is not passed over' "$rc $(grep -c '^yml/a.yml:' <<<"$err")" '3 1'
AKT_PASSPHRASE_FILE=$T/no-such AKT_IDENTITY=$T/dora.id "$AKT" id new --handle dora --device pc >out 2>err; rc=$?
is 'the file of the passphrase is not there: wrong use' "$rc $(norm <err)" '2 akt: cannot open no-such: ENOENT'
run anna reads --by nobody
gives 'a name that is mistyped is not one who opened nothing' 4 '' 'akt: no such member: nobody'
run anna new hive --dossier "${d}x" --set name=x
gives 'a longer id is no dossier of its beginning' 4 '' 'akt: there is no such dossier'
# --- what cannot be shown is said
as anna list >/dev/full 2>err; rc=$?
is 'a full disk behind standard output' "$rc $(cat err)" '5 akt: standard output did not take all of it; what was saved stays saved'
(trap '' PIPE; as anna list; echo $? >rc) 2>err | true
is 'a closed pipe is nobody'"'"'s loss' "$(cat err)" ''
finish
