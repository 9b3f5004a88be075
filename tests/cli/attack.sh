# What attacks share. Sourced after lib.sh by test_attack_*.sh; its `apiary` is the unit that is attacked.
#
#   BY=bo forge text README hello      $id: a commit in lie.git, signed by bo (forge.py says what it can do)
#   strike 'name' RULE 'what is said'  $id tried at the four places where policy runs: verify on a bare copy,
#                                      an honest machine's sync, a hub's hook under stock git's push, and the
#                                      push into a folder from a store whose main was set to it
#   FROM=2222... strike                the commit that is named, if it is not the last
#   GIT=hasDotgit, SYNC='...' strike   what git's own check says at the hook; what a fetch says before all policy
#   BEHIND=1 strike                    for one that takes the place of main's last: tried at hubs that lack it
forger=$HERE/forge.py
declare -A meaning=(
	[signature]='Nobody can tell who made this change, or it was altered after it was signed.'
	[signer]='The device that signed this change had no right to sign at that point.'
	[author]='The change names someone other than the one who signed it.'
	[format]='The change is not written in the form that Akt writes, so it may hide something.'
	[trail]='The chain is broken: something before this change was altered, or is missing.'
	[root]='The store does not begin as a store must, so nothing after it can be trusted.'
	[parents]='The change does not follow from the history that it claims to follow from.'
	[path]='There is a file in the store that does not belong there.'
	[control]='A file that says who may do what cannot be read, so nobody could rely on it.'
	[admin]='Somebody changed what only an administrator may change, or left the store without one.'
	[team]='The members or keys of a team were changed in a way that is not allowed.'
	[access]='Somebody changed a dossier that they may not read, or its readers in a way that is not allowed.'
	[role]='Somebody wrote a kind of record that their role does not write.'
	[record]='A record was not stored the way records are stored.'
	[removed]='Something that was saved has disappeared without a lawful erasure.'
	[dossier]="A dossier's own description is missing or does not fit it."
	[keys]='The keys of a dossier were lost, or given to somebody who is not on its list.'
	[erase]='An erasure was not ordered, confirmed or carried out as the rules say.'
	[merge]="Putting two people's work together lost or changed something."
	[merge-control]="Putting two people's work together gave rights that neither side gave, or lost some."
	[admit]="Work of somebody whose rights had been taken away was let in without an administrator's word."
	[allowed-signers]='The list of signing keys that other tools use does not fit the members.'
	[damage]='Part of the history is damaged or missing.'
)

# anna founded it; cia is an admin too, and reads nothing by that; bo and cleo keep the bees, fred does not; dan
# audits; gus was a keeper and his machine is revoked; eve belongs to nobody. Records: $hive, $other, $secret.
apiary() {
	unit anna
	as anna team apiary --add anna >/dev/null
	machine gus && machine cia && machine cleo && machine dan && machine fred && machine eve && machine bo
	as anna member add gus.card --role staff --team apiary >/dev/null
	as anna member add bo.card --role staff --team unit --team apiary >/dev/null
	as anna member add cleo.card --role supervisor --team unit --team apiary >/dev/null
	as anna member add cia.card --role admin >/dev/null
	as anna member add dan.card --role auditor --team unit --team apiary >/dev/null
	as anna member add fred.card --role staff --team unit >/dev/null
	hive=$(as anna new hive --set name=North)
	other=$(as anna new hive --set name=South)
	secret=$(as anna new hive --set name=Hidden --set secret=true)
	as anna set "$hive" count=1 >/dev/null
	as anna device revoke gus.pc >/dev/null
	as anna sync >/dev/null
	for m in bo cleo; do as $m join "$T/hub.git" "$T/$m" --fingerprint "$FINGERPRINT" >/dev/null; done
	as bo set "$hive" count=2 >/dev/null
	as bo set "$hive" count=3 >/dev/null
	for m in bo cleo anna; do as $m sync >/dev/null; done
	git clone -q --mirror hub.git lie.git
	as cleo remote add lie "$T/lie.git" >/dev/null
	honest=$(git -C hub.git rev-parse main)
}
path_of() { git -C lie.git ls-tree -r --name-only "${2:-$honest}" | grep "/$1\.yaml\.age$"; }
dossier_of() { dirname "$(path_of "$1")"; }
forge() { id=$("$PYTHON" "$forger" lie.git "$BY.id" "$@") || echo "# forge $*: failed"; }
# What git does not sign for us: a commit with other bytes in it. spoil SED [REV]
spoil() { id=$(git -C lie.git cat-file commit "${2:-main}" | sed "$1" | git -C lie.git hash-object -t commit -w --stdin --literally); }
sealed() { printf 'akt: 1\n' | "$AKT" encrypt -r "$(sed -n 's/^recipient: //p' eve.card)" >"$1"; } # to nobody's key: policy has none

strike() { # NAME RULE WHAT [FOLDER: what the push into a folder says, where main cannot even be read]
	local name=$1 from=${FROM:-$id} said before
	said="commit ${from:0:12}, rule $2: $3. ${meaning[$2]}"
	git -C lie.git update-ref refs/heads/main "$id"
	AKT_IDENTITY=$T/nobody.id "$AKT" -C lie.git verify >.out 2>.err
	is "$name: verify" "$? $(grep '^commit ' .out)" "5 $said"
	before=$(git -C cleo rev-parse main)
	as cleo sync lie >.out 2>.err
	is "$name: an honest machine's sync" "$? $(cat .err)" "5 akt: the hub is refused, and nothing of it taken: ${SYNC:-$said}"
	# hubs that do not have yet what it takes the place of
	git -C hub.git update-ref refs/heads/main "$honest~${BEHIND:-0}"
	git -C lie.git push -f "$T/hub.git" "$id:refs/heads/main" >.out 2>&1
	is "$name: a hub's hook" "$? $(sed -nE "s/^remote: (akt: .*[^ ]) *$/\1/p; s/^remote: error: object [0-9a-f]*: (${GIT:-none}):.*/\1/p" .out | head -n 1)" "1 ${GIT:-akt: $said}"
	cp -rn lie.git/objects/?? lie.git/objects/pack bo/objects && git -C bo update-ref refs/heads/main "$id"
	as bo sync >.out 2>.err
	is "$name: a folder hub" "$? $(cat .err)" "5 ${4:-akt: the history on this machine was altered, and nothing of it is sent: $said
akt: take out what you still need (akt export), then join the store anew from the hub, into another folder (akt join)}"
	git -C bo update-ref refs/heads/main "$honest"
	is "$name: nobody took it" "$(git -C cleo rev-parse main) $(git -C hub.git rev-parse main)" "$before $(git -C bo rev-parse "main~${BEHIND:-0}")"
	git -C hub.git update-ref refs/heads/main "$honest"
	git -C lie.git update-ref refs/heads/main "$honest"
}
