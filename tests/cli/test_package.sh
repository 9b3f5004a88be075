#!/bin/bash
# The auditors' package: verified by its own script with stock tools alone, and refused whatever is altered in it.
. "$(dirname "$0")/lib.sh"
ROOT=$(realpath "$HERE/../..")
machine chef
FINGERPRINT=$(as chef --json init "$T/chef" --name Enhet --schema "$ROOT/schema" | json 'd["fingerprint"]')
for t in ledning placering; do as chef team $t --add chef >/dev/null; done
mkdir records && cp -r "$ROOT"/records/{staff,providers,routines,hvb-audit-2021,case-outside-framework,case-inside-framework,reviews-2026} records/
as chef import records >/dev/null || echo "# import failed"
as chef set placement-syn0088 planned_end_on=2027-04-30 --why 'hemligt skäl' >/dev/null
as chef set staff-b002 handle=chef --why 'börjar' >/dev/null || echo '# set failed'
as chef set measure-hvb01 'progress.+={noted_on: 2026-11-01, by: staff-b002, text: Klart}' --why klart >/dev/null || echo '# set failed'
as chef set routine-syn03 'reviews.+={reviewed_on: 2026-11-01, by: [staff-b002], sample: 3, followed: 3, finding: Bra, updated: nej}' --why klart >/dev/null || echo '# set failed'
protected=$(as chef new case --set child_ref=barn-1Q --set birth_year=2012 --set research_sample=false --set handler=staff-h017 --set manager=staff-b002 \
	--set team=utredning_1 --set opened_on=2026-01-02 --set channel=application --set 'violence={suspected: nej}' --set stage=preassessment \
	--set protected=true --set 'access_list=[staff-b002]' --set state=final)

run chef report RP15
gives 'where to?' 2 '' 'akt: give -o DIR: the folder to make the package in'
mkdir there
run chef report RP15 -o there
gives 'not over something' 2 '' 'akt: there is in the way'
run chef report RP15 -o half --param records=placement-syn0088,case-syn01204
is 'what is not given out is refused by name' "$rc ${err#akt: }" '2 case-syn01204 is not for the package: you have no access, it is protected, or its type is not given out'
run chef report RP15 -o half --param "records=$protected"
has 'a protected case' "$protected" case-
is 'and so is what is protected' "$rc $([ -e half ] && echo half)" '2 '
run chef report RP15 -o package --param records=placement-syn0088,plan-syn0171,follow_up-syn0198,contract-syn0088,contract-syn0092,placement_checklist-syn0088,provider_check-syn0302,case_review-syn0455
gives 'a package' 0 'written to package, in the clear'
has 'with the records asked for' "$(ls package/records)" placement-syn0088.yaml
hasnt 'and no others about people' "$(ls package/records)" follow_up-syn0211
is 'no reason, no case, nobody who works there' "$(grep -rE 'hemligt|case-syn|staff-' package/records)" ''
# what is left of records about individuals: words of the schema, ids, days, numbers; every text is one word in small letters
is 'and no free text' "$(cd package/records && grep -vE '^ *(- )?[a-z_]+:( (\[?[a-z0-9_]+(, [a-z0-9_]+)*\]?|\[?[a-z_]+-[0-9a-z]+(, [a-z_]+-[0-9a-z]+)*\]?|[0-9TZ:.-]+))?$|^akt: 1$' \
	placement*.yaml plan-*.yaml follow_up*.yaml contract*.yaml provider_check*.yaml case_review*.yaml)" ''
is 'which was there to be taken out' "$(for r in contract-syn0092 provider_check-syn0302 routine-syn03 measure-hvb01; do as chef show $r; done | grep -cE '^ *(framework_ref|evidence): .|[ -] (by: )?\[?staff-b002')" 4
is 'a plan of the unit keeps its texts' "$(grep -c '^    what: Importerad som historik' package/records/measure-hvb01.yaml)" 1
is 'it is told what was left out, the same for all of a type' "$(grep ^contract package/RECORDS.tsv | cut -f 5 | sort -u)" \
	updated.why,conflicts,data.extensions,data.framework_ref,data.direct_award.motive,data.direct_award.approved_by
is 'nothing that is secret is in it' "$(grep -rlaE 'AGE-SECRET-KEY|OPENSSH PRIVATE' package)" ''
is 'nor any key of a dossier' "$(git -C package/trail.git for-each-ref --format='%(refname)')" refs/heads/main
has 'the log tells who made it' "$(as chef reads --record placement-syn0088)" report

# stock tools and nothing else: no akt, no python
mkdir bin
for p in sh git ssh-keygen sha256sum sed cut sort uniq find awk cat cmp grep mktemp rm wc head tail dirname; do ln -s "$(command -v $p)" bin/; done
check() { env -i HOME="$T" TMPDIR="$T" PATH="$T/bin" sh "$@" 2>&1; }
out=$(check package/verify.sh "$FINGERPRINT")
is 'stock tools verify it' "$? $(tail -n 1 <<<"$out")" '0 The package holds. Compare the fingerprint with the one you were told by another way.'
is 'step by step' "$(grep -c ^ok: <<<"$out")" 5
has 'it tells the fingerprint' "$out" "Fingerprint of the store: $FINGERPRINT"
is 'every commit' "$(check package/verify.sh --all "$FINGERPRINT" >/dev/null; echo $?)" 0
# as VERIFY.txt says, by somebody who has no identity; nothing in the package is touched
stranger() { env -i HOME="$T/nobody" PATH="$PATH" AKT_LANG=en "$AKT" -C "$1/trail.git" verify --fingerprint "$FINGERPRINT" --checkpoint "$1/checkpoint.txt" 2>&1; }
out=$(stranger package)
is 'akt agrees' "$? $(tail -n 1 <<<"$out")" '0 The trail holds.'
has 'and knows the checkpoint' "$out" 'signed by chef.pc, with all the commits that it counts'
is 'the script holds after that' "$(check package/verify.sh >/dev/null; echo $?)" 0
sed -n '/^By hand/,$s/^    //p' package/VERIFY.txt >hand.sh
out=$(mkdir hand && cd hand && env -i HOME="$T" P="$T/package" PATH="$T/bin:$PATH" bash -e ../hand.sh 2>&1)
is 'the lines by hand work as they stand' "$? $(grep -c '^Good "git" signature for chef@' <<<"$out")" "0 $(git -C chef rev-list --count main)"
is 'a packed ref is one too' "$(cp -r package bad && git -C bad/trail.git pack-refs --all && check bad/verify.sh >/dev/null; echo $?)" 0
# what the caller's settings and environment say has no part in it
printf '#!/bin/sh\ntouch "%s/ran"\necho "Good \\"git\\" signature for chef@x with ED25519 key SHA256:x"\n' "$T" >liar && chmod +x liar
printf '[gpg "ssh"]\n\tprogram = %s/liar\n[core]\n\thooksPath = %s\n' "$T" "$T" >.gitconfig
env -i HOME="$T" TMPDIR="$T" PATH="$T/bin" GIT_DIR="$T/chef" GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=gpg.ssh.program GIT_CONFIG_VALUE_0="$T/liar" \
	GIT_CONFIG_GLOBAL="$T/.gitconfig" sh package/verify.sh >out.txt 2>&1
is 'the environment of who runs it has no say' "$? $(tail -n 1 out.txt | cut -c 1-18)$(ls ran 2>/dev/null)" '0 The package holds.'
rm .gitconfig
is 'another fingerprint' "$(check package/verify.sh "${FINGERPRINT//[0-7]/8}" | tail -n 1)" 'THIS PACKAGE DOES NOT HOLD: it is another store than the fingerprint says'

# altered CHANGE WHAT: a copy, changed by CHANGE (a command run in it), fails with WHAT
altered() {
	rm -rf bad && cp -r package bad && (cd bad && eval "$1") >/dev/null 2>&1
	local got rc
	got=$(check bad/verify.sh); rc=$?
	is "altered: $3" "$rc $(tail -n 1 <<<"$got" | sed -E 's/ (refs.replace.)?[0-9a-f]{40}$//')" "1 THIS PACKAGE DOES NOT HOLD: $2"
}
resum() { (cut -c 67- MANIFEST | while read -r f; do sha256sum "$f"; done) >m && mv m MANIFEST; }
ssh-keygen -q -t ed25519 -N '' -f thief -C ''
steal() { # all that a thief can do: sign again with a key of their own
	resum
	echo "chef.pc namespaces=\"akt\" $(cut -d ' ' -f 1,2 "$T/thief.pub")" >signer
	resum
	ssh-keygen -q -Y sign -f "$T/thief" -n akt <MANIFEST >MANIFEST.sig
}
altered 'sed -i s/inside/outside/ records/placement-syn0088.yaml; sed -i s/outside/inside/ records/placement-syn0088.yaml' 'a file is missing, added or altered' 'a record'
altered 'rm reports/rp1.html' 'a file is missing, added or altered' 'a report gone'
altered 'echo x >records/plan-x.yaml' 'a file is missing, added or altered' 'a record more'
altered 'ln -s /etc/passwd x' 'a file is missing, added or altered' 'a link'
altered 'echo "status: x" >>records/placement-syn0088.yaml; resum' 'the list of files is not signed by who it says' 'a record and its sum'
altered 'echo "status: x" >>records/placement-syn0088.yaml; steal' 'a signer is not one that the trail admitted' 'all of it, signed by another'
altered 'cat "$T/thief.pub" >>allowed_signers; steal' 'a signer is not one that the trail admitted' 'who may sign'
altered 'git -C trail.git update-ref refs/heads/main main~1' 'the checkpoint is not of this trail' 'the last commit cut off'
altered 'git -C trail.git update-ref refs/heads/main $(git -C trail.git -c user.name=chef -c user.email=x@y commit-tree -p main -m x main^{tree})' \
	'a commit is not signed by its author:' 'a commit without a signature'
altered 'p=$(find trail.git/objects -type f ! -name "*.idx" -size +400c | sort | head -n 1); chmod u+w "$p"; printf XXXX | dd of="$p" bs=1 seek=200 conv=notrunc' 'the trail is damaged' 'a byte of the history'
stray='trail.git holds what is no part of a trail:'
altered 'git -C trail.git replace main main~1' "$stray" 'a replacement'
altered 'git -C trail.git config gpg.ssh.program "$T/liar"' "$stray config" 'a setting that runs a program'
altered 'mkdir trail.git/hooks && cp "$T/liar" trail.git/hooks/post-checkout' "$stray hooks/post-checkout" 'a hook'
altered 'mkdir -p trail.git/objects/info && echo "$T/chef/objects" >trail.git/objects/info/alternates' "$stray objects/info/alternates" 'objects from elsewhere'
altered 'mkdir trail.git/info && git -C trail.git rev-parse main >trail.git/info/grafts' "$stray info/grafts" 'a graft'
altered 'git -C trail.git rev-parse main >trail.git/shallow' "$stray shallow" 'a shallow history'
altered 'git -C trail.git branch more main' "$stray refs/heads/more" 'another branch'
altered 'git -C trail.git tag old main~1 && git -C trail.git pack-refs --all' "$stray packed-refs" 'another ref, packed'
altered 'echo "ref: refs/heads/more" >trail.git/HEAD' "$stray HEAD" 'another HEAD'
is 'no program of the package ever ran' "$(ls ran 2>/dev/null)" ''
# a member who signs with a program of their own: the value is computed, not believed
sed '/AGE-SECRET/d' chef.id >chef.ssh && chmod 600 chef.ssh
name=$(git -C chef log -1 --format=%ae main)
forge() { # MESSAGE: a signed commit on top, by chef, that takes a record out
	local tree
	export GIT_AUTHOR_NAME="${name%@*}" GIT_AUTHOR_EMAIL=$name GIT_COMMITTER_NAME="${name%@*}" GIT_COMMITTER_EMAIL=$name GIT_INDEX_FILE=$T/index
	rm -f "$T/index" && git -C trail.git read-tree main
	git -C trail.git ls-files -s | grep -v measure-hvb01 | git -C trail.git update-index --index-info
	git -C trail.git rm -q --cached "$(git -C trail.git ls-tree -r --name-only main | grep measure-hvb01)"
	tree=$(git -C trail.git write-tree)
	git -C trail.git update-ref refs/heads/main "$(git -C trail.git -c gpg.format=ssh -c user.signingkey="$T/chef.ssh" commit-tree -S -p main -m "$1" "$tree")"
}
altered 'forge "akt: set

Akt-Trail: 1 $(printf %064d 0)"' 'the trail does not give the value it says:' 'a commit of a member, with another value'
altered 'sed -i "s/^count: .*/count: 1/" checkpoint.txt; resum; ssh-keygen -q -Y sign -f "$T/chef.ssh" -n akt <MANIFEST >MANIFEST.sig' 'the checkpoint is not of this trail' 'a checkpoint, by who made the package'
altered 'sed -i "s/^\(measure-hvb01\t[^\t]*\t\)../\100/" RECORDS.tsv; resum; ssh-keygen -q -Y sign -f "$T/chef.ssh" -n akt <MANIFEST >MANIFEST.sig' \
	'a record is not the one in the trail: measure-hvb01' 'which sealed file a record came from, by who made the package'
by_chef() { resum; ssh-keygen -q -Y sign -f "$T/chef.ssh" -n akt <MANIFEST >MANIFEST.sig; }
no_signer='a signer is not one that the trail admitted'
altered 'sed -i s/chef.pc/revisor.pc/ signer; by_chef' "$no_signer" 'a name of their own choice, by who made the package'
altered 'sed -i s/chef.pc/stadsrevisionen/ signer; by_chef' "$no_signer" 'any words for a name'
altered 'echo "stadsrevisionen namespaces=\"akt\" $(cut -d " " -f 1,2 "$T/thief.pub")" >>signer; by_chef' "$no_signer" 'a second signer'
altered 'sed -n 2p RECORDS.tsv >>RECORDS.tsv; cp records/measure-hvb01.yaml records/measure-more.yaml; printf "%064d  records/measure-more.yaml\n" 0 >>MANIFEST; by_chef' \
	'a record is not the one in the trail:' 'a record that comes from nowhere, another told twice'

# who may sign is what the history said before, not what it says at its end
machine thief
sed '/AGE-SECRET/d' thief.id >thief.ssh && chmod 600 thief.ssh
sed "s/chef/thief/; s,age1.*,$(sed -n 's/^ *recipient: //p' thief.card),; s,ssh-ed25519 .*,$(ssh-keygen -y -f thief.ssh | cut -d ' ' -f 1,2)," \
	<(git -C package/trail.git show main:members/chef.yaml | sed 's/id: chef/id: thief/') >thief.yaml
(cat package/allowed_signers; echo "thief@${name#*@} namespaces=\"git\" $(ssh-keygen -y -f thief.ssh | cut -d ' ' -f 1,2)") | LC_ALL=C sort >thieves
let_in=(put members/thief.yaml "$T/thief.yaml" put allowed_signers "$T/thieves")
lie() { "$PYTHON" "$HERE/forge.py" trail.git "$T/$1.id" "${@:2}"; }
all_by() { # MEMBER COMMIT: that is the head, and all else fits it: list of signers, checkpoint, signature
	local k
	k=$(ssh-keygen -y -f "$T/$1.ssh" | cut -d ' ' -f 1,2)
	git -C trail.git update-ref refs/heads/main "$2" && git -C trail.git show main:allowed_signers >allowed_signers
	{
		printf 'akt: 1\nstore: %s\nhead: %s\nsha256: %s\n' "${name#*@}" "$2" "$(git -C trail.git cat-file commit main | sha256sum | cut -c 1-64)"
		printf 'trail: %s\ncount: %s\n' "$(git -C trail.git log -1 --format=%b main | sed -n 's/^Akt-Trail: 1 //p')" "$(git -C trail.git rev-list --count main)"
		printf 'time: 2026-11-22T10:00:00Z\ndevice: %s\nsigner: %s\n' "${3:-$1.pc}" "$k"
	} >note
	(cat note; echo 'signature: |'; ssh-keygen -q -Y sign -f "$T/$1.ssh" -n akt <note | sed 's/^/  /') >checkpoint.txt
	rm note
	echo "$1.pc namespaces=\"akt\" $k" >signer
	resum
	ssh-keygen -q -Y sign -f "$T/$1.ssh" -n akt <MANIFEST >MANIFEST.sig
}
altered 'all_by thief $(lie thief "${let_in[@]}")' 'a commit is not signed by its author:' 'a commit that lets its own signer in'
out=$(stranger bad)
is 'akt refuses that' $? 5
altered 'all_by thief $(lie thief --merge --parent main --parent $(lie chef --parent main~1 "${let_in[@]}") "${let_in[@]}")' \
	'a commit is not signed by its author:' 'a merge by one whom a single side let in'
altered 'all_by thief $(lie thief --merge --parent main --parent $(lie thief --root --store ${name#*@} --tree main "${let_in[@]}") "${let_in[@]}")' \
	'the trail does not give the value it says:' 'a merge with a beginning of their own'
altered 'all_by thief $(lie chef put allowed_signers <(sed "s/^thief@[^ ]*/*/" "$T/thieves"))' "$no_signer" 'a list of signers that lets anybody in'
altered 'all_by chef $(lie chef sub members/chef.yaml "  added:" "  revoked: 2026-01-01T00:00:00Z\\n  added:")' "$no_signer" 'a device that was shut out'
altered 'all_by chef $(git -C trail.git rev-parse main) stad.revisionen' 'the checkpoint is not of this trail' 'a checkpoint by a device of their own choice'
is 'the same by who may sign holds' "$(rm -rf bad && cp -r package bad && cd bad && all_by chef "$(git -C trail.git rev-parse main)" && check ./verify.sh "$FINGERPRINT" | tail -n 1 | cut -c 1-18)" \
	'The package holds.'
whole() { # COMMAND: a copy with what that commits on top, by chef, holds
	rm -rf bad && cp -r package bad && (cd bad && eval "$1") >/dev/null 2>&1
	check bad/verify.sh "$FINGERPRINT" | tail -n 1 | cut -c 1-18
}
is 'so does a merge of two sides with one list of signers' \
	"$(whole 'all_by chef $(lie chef --merge --parent main --parent $(lie chef --parent main~1 text side x) text side x)')" 'The package holds.'
is 'and one of two sides with two lists' \
	"$(whole 'all_by chef $(lie chef --merge --parent main --parent $(lie chef --parent main~1 "${let_in[@]}") "${let_in[@]}")')" 'The package holds.'
like_a_number() {
	local name=chef@5e12345678
	git -C trail.git show main:store.yaml | sed 's/^id: .*/id: "5e12345678"/' >"$T/store.yaml"
	git -C trail.git show main:allowed_signers | sed 's/@[^ ]*/@5e12345678/' >"$T/signers"
	all_by chef "$(lie chef --root --store 5e12345678 --tree main put store.yaml "$T/store.yaml" put allowed_signers "$T/signers")"
}
is 'and a store whose id looks like a number' \
	"$(rm -rf bad && cp -r package bad && (cd bad && like_a_number) >/dev/null 2>&1; check bad/verify.sh | tail -n 1 | cut -c 1-18)" 'The package holds.'
# what is allowed by roles is for akt to say: the script tells that it does not
out=$(rm -rf bad && cp -r package bad && cd bad && all_by chef "$(lie chef rm members/recovery.yaml)" && check ./verify.sh)
has 'the script says what it does not look at' "$out" "Not looked at: the signers' roles"
out=$(stranger bad)
is 'and akt, which looks, refuses' $? 5
# in Swedish
AKT_LANG=sv as chef report rp15 -o paket >/dev/null
is 'in Swedish' "$(check paket/verify.sh | tail -n 1)" 'Paketet håller. Jämför fingeravtrycket med det som du fått på annat sätt.'
finish
