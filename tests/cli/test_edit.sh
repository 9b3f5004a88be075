#!/bin/bash
# `edit` and `new` in the person's own editor, on a terminal: errors at their lines, drafts that survive,
# two edits at once.
. "$(dirname "$0")/lib.sh"
machine anna
as anna init "$T/anna" --name Apiary --schema "$TOY/schema" >/dev/null
hive=$(as anna new hive --set name=North --set settled_on=2025-06-01 --set count=5)
export AKT_STORE=$T/anna AKT_IDENTITY=$T/anna.id
# The editor: the nth call runs steps/n on the file; seen/n is what it was shown. The last step stands for
# all that follow.
mkdir steps seen
cat >editor <<'END'
#!/bin/sh
n=$(($(cat "$T/calls" 2>/dev/null || echo 0) + 1))
echo $n >"$T/calls"
cp "$1" "$T/seen/$n"
stat -c %a "$(dirname "$1")" >"$T/mode"
df --output=fstype "$1" | tail -n 1 >"$T/fstype"
echo "$1" >"$T/path"
[ -e "$T/steps/$n" ] || exit 0
. "$T/steps/$n"
END
chmod +x editor
export EDITOR=$T/editor T
script() { rm -rf steps seen calls; mkdir steps seen; local i=0 s; for s; do i=$((i + 1)); printf '%s\n' "$s" >steps/$i; done; }
calls() { cat calls 2>/dev/null || echo 0; }

# --- what the person sees
script 'sed -i "s/^count: 5/count: 6/" "$1"'
tty -- "$AKT" edit "$hive" --why 'counted again'
is 'edit: exit' $rc 0
is 'edit prints the id alone' "$tty_out" "$hive"
is 'edit: one call' "$(calls)" 1
is 'edit: saved' "$(as anna --json show "$hive" | json 'd["data"]["count"], d["updated"]["why"]')" '[6, "counted again"]'
is 'the template' "$(sed "s/$hive/hive-ID/" seen/1 | head -n 26)" '# hive-ID
# Lines that begin with # are not saved. Save and close when you are done;
# leave without saving, or empty the file, to change nothing.

# Name (required)
name: North

# Site
# Where the hive stands.
#site:

# Keeper
#keeper:

# Helpers
#helpers:

# Secret
#secret:

# Kind
# langstroth = Langstroth; warre = Warré; top_bar = Top bar
#kind:

# Settled on
# a date: YYYY-MM-DD'
is 'it was edited in memory' "$(cat fstype)" tmpfs
is 'in a folder of its own' "$(cat mode)" 700
fails 'of which nothing stays' test -e "$(dirname "$(cat path)")"
AKT_LANG=sv tty -- "$AKT" edit "$hive"
is 'labels are in the reader'"'"'s language' "$(sed -n 5p seen/2 | cut -c1-6)" '# Namn'
before=$(git -C anna rev-parse main)
script :
tty -- "$AKT" edit "$hive"
is 'leaving without a change' "$rc $tty_out" "0 $hive"
is 'saves nothing' "$(git -C anna rev-parse main)" "$before"
script ': >"$1"'
tty -- "$AKT" edit "$hive"
is 'an emptied file changes nothing' "$rc $tty_out $(git -C anna rev-parse main)" "1 akt: nothing saved: the file was left empty $before"

# --- errors at their lines
script 'sed -i -e "s/^settled_on:.*/settled_on: 2025-02-30/" -e "s/^count:.*/count: many/" "$1"' \
	'sed -i "s/^settled_on:.*/settled_on: 2025-02-28/" "$1"' 'sed -i "s/^count:.*/count: 7/" "$1"'
tty -- "$AKT" edit "$hive"
is 'errors: saved at last' "$rc $tty_out" "0 $hive"
is 'errors: three calls' "$(calls)" 3
is 'both errors, each before its line' "$(grep -A1 '^#!' seen/2)" '#! settled_on: is not a date (YYYY-MM-DD)
settled_on: 2025-02-30
--
#! count: must be a whole number
count: many'
is 'then the one that is left' "$(grep -A1 '^#!' seen/3)" '#! count: must be a whole number
count: many'
is 'the error lines are not saved' "$(as anna show "$hive" | grep -c '#!')" 0
is 'fixed' "$(as anna --json show "$hive" | json 'd["data"]["settled_on"], d["data"]["count"]')" '["2025-02-28", 7]'
script 'printf "name: [North\n" >"$1"' 'sed -i "s/\[//" "$1"'
tty -- "$AKT" edit "$hive"
is 'broken YAML is told at its line too' "$rc $(grep -c '^#! ' seen/2)" '0 1'
as anna set "$hive" settled_on=2025-02-28 count=7 >/dev/null
script 'sed -i "s/^count:.*/count: none/" "$1"' :
tty -- "$AKT" edit "$hive"
is 'giving up with an error: exit' $rc 3
has 'says so' "$tty_out" 'akt: not saved; what you wrote is kept as a draft and comes back when you edit again'
is 'saves nothing' "$(as anna --json show "$hive" | json 'd["data"]["count"]')" 7
script 'sed -i "s/^count:.*/count: 8/" "$1"'
tty -- "$AKT" edit "$hive"
has 'what was written comes back' "$(cat seen/1)" 'count: none'
is 'and can be put right' "$rc $(as anna --json show "$hive" | json 'd["data"]["count"]')" '0 8'

# --- an editor or a machine that dies
script 'sed -i "s/^count:.*/count: 9/" "$1"; exit 3'
tty -- "$AKT" edit "$hive"
is 'the editor fails' "$rc $tty_out" '1 akt: the editor did not end well; nothing saved, what it had saved is kept as a draft'
script :
tty -- "$AKT" edit "$hive"
has 'its draft comes back' "$(cat seen/1)" 'count: 9'
is 'and counts as a change' "$rc $(as anna --json show "$hive" | json 'd["data"]["count"]')" '0 9'
script 'sed -i "s/^count:.*/count: 10/" "$1"; sleep 1; kill -9 $PPID; sleep 0.2'
tty -- "$AKT" edit "$hive"
isnt 'the program is killed under the editor' $rc 0
killed=$(dirname "$(cat path)")
fails 'the draft on disk is sealed' grep -rlq 'count: 10' anna
script :
tty -- "$AKT" edit "$hive"
has 'what the editor had saved comes back' "$(cat seen/1)" 'count: 10'
is 'and is saved' "$(as anna --json show "$hive" | json 'd["data"]["count"]')" 10
script :
tty -- "$AKT" edit "$hive"
hasnt 'then there is no draft any more' "$(ls -R anna/akt)" "$hive"
rm -rf "$killed"

# --- two at once
cat >other <<'END'
AKT_STORE=$T/anna "$AKT" set "$hive" site=hill >/dev/null </dev/null
END
export hive AKT
script '. "$T/other"; sed -i "s/^count:.*/count: 11/" "$1"'
tty -- "$AKT" edit "$hive"
is 'an edit meets another of another field' "$rc $(as anna --json show "$hive" | json 'd["data"]["count"], d["data"]["site"], "conflicts" in d')" \
	'0 [11, "hill", false]'
script 'AKT_STORE=$T/anna "$AKT" set "$hive" site=moor >/dev/null </dev/null; sleep 1.1; sed -i "s/^site:.*/site: shore/" "$1"'
tty -- "$AKT" edit "$hive"
is 'of the same field: both are kept' "$(as anna --json conflicts | json '[v["value"] for v in d[0]["values"]]')" '["shore", "moor"]'
as anna resolve "$hive" site --value cliff >/dev/null
is 'and settled' "$(as anna --json show "$hive" | json 'd["data"]["site"], "conflicts" in d')" '["cliff", false]'

# --- new
script 'sed -i -e "s/^#name:/name: East/" -e "s/^#count:/count: -1/" "$1"' 'sed -i "s/^count:.*/count: 1/" "$1"'
tty -- "$AKT" new hive
is 'new in the editor' "$rc $(norm <<<"$tty_out")" '0 hive-ID'
is 'with its error told and put right' "$(grep -c '^#! count: must be at least 0$' seen/2) $(as anna --json show "$tty_out" | json 'd["data"]')" '1 {"count": 1, "name": "East"}'
script 'sed -i "s/^#name:/name: Lost/" "$1"; exit 1'
tty -- "$AKT" new hive
script :
tty -- "$AKT" new hive
has 'a new record has its draft too' "$(cat seen/1)" 'name: Lost'
is 'which becomes the record' "$rc $(as anna --json show @ | json 'd["data"]')" '0 {"name": "Lost"}'
script :
tty -- "$AKT" new hive
is 'a template left as it was makes no record' "$rc $tty_out" '1 akt: nothing saved: the file was left empty'
script 'sed -i "s/^#name:.*/name: West/" "$1"'
tty -- "$AKT" new hive --set count=3
is 'some fields given: the editor asks for the rest' "$rc $(calls) $(as anna --json show "$tty_out" | json 'd["data"]')" '0 1 {"count": 3, "name": "West"}'
script :
tty -- "$AKT" new hive --set count=3
is 'left as it was, it makes no record' "$rc $tty_out" '1 akt: nothing saved: the file was left as it was'
is 'and no draft' "$(as anna --json status | json 'd["drafts"]')" '[]'
script 'sed -i "s/^#name:.*/name: Begun/" "$1"; exit 1'
tty -- "$AKT" new hive
script :
tty -- "$AKT" new hive --set count=3
is 'what was begun takes no values meant for another' "$rc $(calls) $tty_out" \
	'2 0 akt: you have begun one of that type and not saved it: finish it with akt new hive (empty the file to drop it), then try again'
script ': >"$1"'
tty -- "$AKT" new hive
script :
tty -- "$AKT" new hive --set name=Full
is 'with all that is asked for there is no editor' "$rc $(calls) $(as anna --json show "$tty_out" | json 'd["data"]["name"]')" '0 0 Full'
run anna new hive --set count=3
gives 'nor without a terminal' 3 '' 'hive-ID.yaml:13:3: data.name: is required but missing'
# --- a final record changes with a reason, which is asked for before anything is typed
final=$(as anna new hive --set name=Done --set state=final)
script 'sed -i "s/^name:.*/name: Never/" "$1"'
tty -- "$AKT" edit "$final"
is 'a final record: the reason is asked for before the editor opens' "$rc $(calls) $tty_out" '2 0 akt: the record is final: say why it changes (--why TEXT)'
# --- where it was asked to go
secret=$(as anna new hive --set name=Mine)
d=$(as anna --json show "$secret" | json 'd["dossier"]')
script 'sed -i "s/^#name:.*/name: Beside/" "$1"; exit 1' 'grep -q "#akt-" "$1" && touch "$T/marks"; true'
tty -- "$AKT" new hive --dossier "$d"
tty -- "$AKT" new hive --dossier 0000000000
is 'a draft begun for one dossier goes to no other' "$rc $(calls)" '2 1'
tty -- "$AKT" new hive
is 'a draft goes where it was begun for, without being told again' "$rc $(as anna --json show "$tty_out" | json 'd["dossier"]')" "0 $d"
fails 'and nothing of that stands in the text' test -e marks
# --- a draft that does not open
script 'sed -i "s/^#name:.*/name: Kept/" "$1"; exit 1'
tty -- "$AKT" new hive
draft=anna/akt/drafts/new-hive.age
cp "$draft" whole; printf XXXX | dd of="$draft" bs=1 seek=$(($(stat -c %s whole) - 8)) conv=notrunc 2>/dev/null; cp "$draft" damaged
script 'sed -i "s/^#name:.*/name: Over/" "$1"'
tty -- "$AKT" new hive
is 'a damaged draft is not written over' "$rc $(calls) $(cmp "$draft" damaged && echo same)" '5 0 same'
has 'and says so' "$tty_out" 'so the draft of what you wrote last cannot be shown, nor another be begun; akt doctor puts it aside'
cp whole "$draft"
script :
tty -- "$AKT" new hive
has 'the draft' "$(cat seen/1)" 'name: Kept'
cp damaged "anna/akt/drafts/$hive.age"
script :
tty -- "$AKT" edit "$hive"
is 'nor one of a record' "$rc $(calls)" '5 0'
as anna doctor >/dev/null
tty -- "$AKT" edit "$hive"
is 'put aside it is in nobody'"'"'s way' "$rc $(calls)" '0 1'
# --- a draft that cannot be kept
script 'rm -rf "$T/anna/akt/drafts"; : >"$T/anna/akt/drafts"; sed -i "s/^count:.*/count: none/" "$1"' :
tty -- "$AKT" edit "$hive"
has 'while the text is there, it says that no draft is kept' "$(head -n 1 seen/2)" '#! no draft of this can be kept; do not leave before it is saved'
is 'and at the end' "$rc $(grep -c 'not saved, and no draft of what you wrote could be kept' <<<"$tty_out") $(grep -c 'comes back' <<<"$tty_out")" '3 1 0'
rm anna/akt/drafts
script 'rm -rf "$T/anna/akt/drafts"; : >"$T/anna/akt/drafts"; sed -i "s/^count:.*/count: 77/" "$1"' :
tty -- "$AKT" edit "$hive"
has 'a text that is right is shown once more before it is saved without a draft' "$(head -n 1 seen/2)" \
	'#! no draft of this can be kept, and saving it may fail too: copy it elsewhere, then save and close once more'
is 'and saved then' "$rc $(calls) $(as anna --json show "$hive" | json 'd["data"]["count"]')" '0 2 77'
rm anna/akt/drafts

# --- a type that is put in force while the person types
mkdir wider
sed 's/{team: apiary, unless: secret}/{team: unit}/' "$TOY/schema/hive.yaml" >wider/hive.yaml
script 'sed -i "s/^#name:.*/name: Late/" "$1"; "$AKT" schema put "$T/wider" >/dev/null'
tty -- "$AKT" new hive
is 'says who reads what is made' "$rc $(calls) $(as anna --json access @ | json 'd["access"]')" '0 1 ["unit"]'
as anna schema put "$TOY/schema" >/dev/null
is 'all of it verifies' "$(as anna verify >/dev/null; echo $?) $(as anna check)" '0 10 records are valid'
finish
