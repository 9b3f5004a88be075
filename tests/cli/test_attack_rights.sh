#!/bin/bash
# Attacks by members who may sign, on what is not theirs to change: records and dossiers, readers and keys,
# teams, members, the store's own files; and files that no store has.
. "$(dirname "$0")/lib.sh"
. "$HERE/attack.sh"
apiary
file=$(path_of "$hive") dossier=$(dossier_of "$hive") hidden=$(path_of "$secret")
sealed new.age; sealed newer.age
two() { cat new.age; printf 'x'; }

# --- records
BY=fred forge put "$file" new.age
strike 'writing into a dossier one cannot read' access "$file: the signer is not on the dossier's list of readers"
BY=cia forge put "$file" new.age
strike 'an administrator reads nothing by that' access "$file: the signer is not on the dossier's list of readers"
BY=bo forge put "$hidden" new.age
strike 'writing into a dossier kept from oneself' access "$hidden: the signer is not on the dossier's list of readers"
BY=dan forge put "$file" new.age
strike 'the wrong role: an auditor writes' role "$file: the signer's roles do not write this type of record"
BY=bo forge put "$dossier/approval-aaaaaaaa.yaml.age" new.age
strike 'an approval by one who may not approve' role "$dossier/approval-aaaaaaaa.yaml.age: the signer's roles do not write this type of record"
BY=bo forge rm "$file"
strike 'a record removed' removed "$file: a record is never deleted; it is marked void"
BY=bo forge rm "$dossier"
strike 'a dossier removed without a tombstone' removed "$dossier/dossier.yaml: a dossier disappears without a final erasure, or not as a whole"
BY=anna forge rm "$dossier" text "erased/${dossier#records/}.yaml" "$(printf 'akt: 1\ndossier: %s\nbasis: gdpr\nby:\n- handle: anna\n  at: 2026-01-01T00:00:00Z' "${dossier##*/}")"
strike 'a dossier removed with one of the two words that it takes' removed "$dossier/dossier.yaml: a dossier disappears without a final erasure, or not as a whole"
BY=anna forge rm "$dossier" text "erased/${dossier#records/}.yaml" "$(printf 'akt: 1\ndossier: %s\nbasis: gdpr\nby:\n- handle: anna\n  at: 2026-01-01T00:00:00Z\n- handle: cleo\n  at: 2026-01-01T00:00:00Z' "${dossier##*/}")"
strike 'an erasure that confirms itself' erase "erased/${dossier#records/}.yaml: those who erase sign for themselves alone, and stay named"
printf 'akt: 1\ntype: hive\n' >plain
BY=bo forge put "$file" plain
strike 'a record in the clear' record "$file: this is not a file encrypted to one key"
printf 'age-encryption.org/v1\n-> scrypt aaaaaaaaaaaaaaaaaaaaaa 10\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n--- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' >scrypt.age
BY=bo forge put "$file" scrypt.age
strike 'a record under a passphrase' record "$file: this is not a file encrypted to one key"
"$AKT" encrypt -r "$(sed -n 's/^recipient: //p' eve.card)" -r "$(sed -n 's/^recipient: //p' bo.card)" <plain >two.age
BY=bo forge put "$file" two.age
strike 'a record sealed to a second key' record "$file: this is not a file encrypted to one key"
BY=bo forge put "$file.parked-0123456789abcdef" new.age
strike 'a version set aside without a merge' record "$file.parked-0123456789abcdef: only a merge sets a version aside, and nobody changes it"
BY=bo forge put "records/0/0/0000000000/hive-aaaaaaaa.yaml.age" new.age
strike 'a record without a dossier' dossier 'records/0/0/0000000000/hive-aaaaaaaa.yaml.age: the dossier has no dossier.yaml'

BY=bo forge hollow "$dossier/empty"
strike 'an empty folder' damage "$dossier/empty: the history has an empty folder, which git never makes"

# --- readers and keys
BY=fred forge sub "$dossier/dossier.yaml" 'access: [apiary]' 'access: [apiary, unit]'
strike 'access given by one who may not' access "$dossier/dossier.yaml: the signer is not on the dossier's list of readers"
BY=cia forge sub "$dossier/dossier.yaml" 'access: [apiary]' 'access: [apiary, ~cia]'
strike 'access given by an administrator to herself' access "$dossier/dossier.yaml: the signer is not on the dossier's list of readers"
BY=bo forge sub "$dossier/dossier.yaml" 'access: [apiary]' 'access: [apiary, nobody]'
strike 'access for a team that there is not' access "$dossier/dossier.yaml: the list of readers names a team that does not exist"
BY=dan forge sub "$dossier/dossier.yaml" 'access: [apiary]' 'access: [apiary, ~dan]'
strike 'access given by an auditor' role "$dossier/dossier.yaml: an auditor changes no dossier"
keyid=$(git -C lie.git show "$honest:$dossier/dossier.yaml" | sed -n 's/^- id: //p' | head -n 1)
keyfile=$(git -C lie.git show "$honest:$dossier/dossier.yaml" | sed -n 's/^  file: //p' | head -n 1)
BY=bo forge sub "$dossier/dossier.yaml" "$keyid" "${keyid%?}$([ "${keyid: -1}" = 0 ] && echo 1 || echo 0)"
strike 'a key swapped' keys "$dossier/dossier.yaml: a key of the dossier disappears, or is not the one it was"
BY=bo forge sub "$dossier/dossier.yaml" "$keyfile" "$(printf 'f%063d' 1)"
strike 'a key file swapped' keys "$dossier/dossier.yaml: a key of the dossier disappears, or is not the one it was"
git -C lie.git show "$honest:$dossier/dossier.yaml" | sed "/^- id: $keyid/,+2d" >fewer
BY=bo forge put "$dossier/dossier.yaml" fewer
strike 'a key missing' keys "$dossier/dossier.yaml: a key of the dossier disappears, or is not the one it was"
BY=bo forge sub "$dossier/dossier.yaml" "${dossier##*/}" "$(dossier_of "$other" | sed 's,.*/,,')"
strike "another dossier's list in its place" control "$dossier/dossier.yaml: does not fit its place: what the file says of itself is not what its path says"

# --- teams
team=$(git -C lie.git ls-tree --name-only "$honest" teams/apiary/ | sed -n 's/\.yaml$//p' | tail -n 1)
BY=fred forge sub "$team.yaml" 'dan, ' 'dan, fred, '
strike 'oneself put into a team' team "$team.yaml: only an administrator says who is in a team"
BY=bo forge put "$team.age" plain
strike "a team's key replaced by nothing" team "$team.age: this is not an encrypted file"
BY=fred forge put "$team.age" new.age
strike "another team's key sealed anew" team "$team.age: only an administrator or a member of the team wraps its key"
BY=anna forge rm "$team.yaml"
strike 'an epoch of a team removed' team "$team.yaml: an epoch of a team never disappears"
BY=anna forge sub "$team.yaml" 'bo, ' ''
strike 'a name struck where `until` is due' team "$team.yaml: nobody is struck from an epoch that they had the key of; \`until\` ends a membership"

# --- members and their devices
BY=bo forge sub members/bo.yaml '[staff]' '[admin, staff]'
strike 'oneself made an administrator' admin 'members/bo.yaml: only an administrator changes this'
device=$(printf -- '- id: bo.evil\n  recipient: %s\n  signer: %s\n  added: 2026-01-01T00:00:00Z\n' "$(sed -n 's/^recipient: //p' eve.card)" "$(sed -n 's/^signer: //p' eve.card)")
BY=bo forge sub members/bo.yaml 'devices:\n' "devices:\\n$device\\n"
strike 'a second device for oneself' admin 'members/bo.yaml: only an administrator changes this'
BY=anna forge sub members/bo.yaml 'devices:\n' "devices:\\n$device\\n"
strike 'a device that allowed_signers does not know' allowed-signers "allowed_signers: this is not the list that the members' devices give"
BY=bo forge sub members/gus.yaml "$(git -C lie.git show "$honest:members/gus.yaml" | grep '  revoked')\\n" ''
strike 'a revoked device let in again' admin 'members/gus.yaml: only an administrator changes this'
BY=anna forge sub members/gus.yaml "$(git -C lie.git show "$honest:members/gus.yaml" | grep '  revoked')\\n" ''
strike 'a revoked device let in again by an administrator' admin 'members/gus.yaml: a revoked device stays revoked'
BY=anna forge sub members/bo.yaml "$(sed -n 's/^signer: //p' bo.card)" "$(sed -n 's/^signer: //p' eve.card)"
strike "another key under a device's name" admin "members/bo.yaml: a device's keys never change"
BY=anna forge rm members/bo.yaml
strike 'a member removed from the books' admin 'members/bo.yaml: a member never disappears; their roles are taken away'
BY=anna forge sub members/recovery.yaml "$(git -C lie.git show "$honest:members/recovery.yaml" | sed -n 's/^  recipient: //p')" "$(sed -n 's/^recipient: //p' eve.card)"
strike 'the recovery identity replaced' admin 'members/recovery.yaml: only the recovery identity changes the recovery identity'
BY=anna forge sub members/anna.yaml '[admin, staff]' '[staff]' sub members/cia.yaml '[admin]' '[staff]'
strike 'nobody left who is an administrator' admin 'members: nobody would be left who is an administrator with a working device'

# --- the store's own files
BY=bo forge sub store.yaml 'name: Apiary' 'name: Mine'
strike 'the store renamed by staff' admin 'store.yaml: only an administrator changes this'
BY=anna forge sub store.yaml "$(git -C lie.git show "$honest:store.yaml" | sed -n 's/^id: //p')" 0123456789
strike "the store's id replaced" control 'store.yaml: id: is of the wrong kind' 'store.yaml:2:5: id: is of the wrong kind'
BY=cleo forge text schema/hive.yaml 'type: object'
strike 'a schema by one who is no administrator' admin 'schema/hive.yaml: only an administrator changes this'
BY=anna forge rm store.yaml
strike 'store.yaml removed' control 'store.yaml: is missing' 'akt: store.yaml: is missing'
BY=bo forge text allowed_signers x
strike 'allowed_signers altered' allowed-signers "allowed_signers: this is not the list that the members' devices give"

# --- files that no store has
for path in "Notes about a child.txt" hive-AAAAAAAA.yaml.age "../../../x/y/${dossier##*/}/hive-aaaaaaaa.yaml.age" .gitmodules sub/hive-aaaaaaaa.yaml.age; do
	path=$(realpath -ms --relative-to=. "$dossier/$path")
	BY=bo forge put "$path" new.age
	strike "a path outside the grammar: $(norm <<<"${path#"$dossier/"}" | sed "s/${dossier##*/}/DOSSIER/")" path "$path: no file of a store is named so"
done
BY=bo forge put "$dossier/a"$'\e[2J' new.age
strike 'bytes that a terminal would obey' path "$dossier/a?[2J: no file of a store is named so"
for path in .git/config .GIT 'git~1' '.git ' $'.g\u200cit' '.git::$INDEX_ALLOCATION'; do
	BY=bo forge put "$dossier/$path" new.age
	GIT=hasDotgit SYNC='a tree has a forbidden file name' strike "\`.git\` in any spelling: $(printf %q "$path")" path "$dossier: a folder of the history is malformed"
done
BY=bo forge put "$dossier/../hive-aaaaaaaa.yaml.age" new.age
GIT=hasDotdot SYNC='a tree has a forbidden file name' strike 'a path that climbs' path "$dossier: a folder of the history is malformed"
BY=bo forge put "$dossier/a\\b" new.age
SYNC='a tree has a forbidden file name' strike 'a path for other systems: a\b' path "$dossier: a folder of the history is malformed"
for path in .git .GiT/config; do
	BY=bo forge put "$path" new.age
	GIT=hasDotgit SYNC='a tree has a forbidden file name' strike "\`.git\` at the top: $path" path 'a folder of the history is malformed' 'akt: a tree has a forbidden file name'
done
for path in README .gitmodules .gitattributes; do
	BY=bo forge put "$path" new.age
	strike "a stray file at the top: $path" path "$path: does not belong in a store" "akt: $path: does not belong in a store"
done
BY=bo forge sha "$file" 120000 "$(printf /etc/passwd | git -C lie.git hash-object -w --stdin)"
strike 'a symlink' path "$file: an entry of a folder is neither a plain file nor a folder"
BY=bo forge sha "$dossier/module" 160000 "$honest"
strike 'a submodule' path "$dossier/module: an entry of a folder is neither a plain file nor a folder"
BY=bo forge mode "$file" 100755
strike 'an executable' path "$file: an entry of a folder is neither a plain file nor a folder"
BY=bo forge mode "$file" 100664
strike 'a mode that git no longer writes' path "$file: an entry of a folder is neither a plain file nor a folder"
finish
