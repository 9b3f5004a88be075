#!/bin/bash
# Attacks on the history itself: commits altered, dropped, put in another order, signed by the wrong one, in
# another's name, dated wrongly, or hiding something from git's own check.
. "$(dirname "$0")/lib.sh"
. "$HERE/attack.sh"
apiary
file=$(path_of "$hive")
sealed new.age
form="${meaning[format]}"

# --- rewritten, dropped, reordered
spoil 's/^akt: set/akt: new/'
BEHIND=1 strike 'history rewritten: another message under the same signature' signature 'the signature does not fit what was signed'
spoil "s/^parent .*/parent $(git -C lie.git rev-parse main~2)/"
BEHIND=2 strike 'history dropped: one commit left out' signature 'the signature does not fit what was signed'
BY=bo forge --parent main~1 --trail "$(git -C lie.git log -1 --format=%B main | sed -n 's/^Akt-Trail: 1 //p')" put "$file" new.age
BEHIND=1 strike 'history rewritten by one who signs it: the trail value of what was there' trail 'the trail value it states is not the one that its parents and files give'
BY=bo forge --parent main~2 --tree main
first=$id
BY=bo forge --parent "$first" --tree main~1 --trail "$(git -C lie.git log -1 --format=%B main | sed -n 's/^Akt-Trail: 1 //p')"
BEHIND=2 strike 'history reordered: two commits change places' trail 'the trail value it states is not the one that its parents and files give'
BY=bo forge --parent main --parent main~2 --merge --tree main
strike 'a merge with what it already follows' parents 'one of its parents is an ancestor of the other'

# --- who signs
BY=eve forge put "$file" new.age
strike "a stranger's signature" signer 'the key that signed belongs to no device of the store'
BY=eve forge --as bo put "$file" new.age
strike "a stranger's signature under a member's name" signer 'the key that signed belongs to no device of the store'
BY=gus forge put "$file" new.age
strike "a revoked device's signature" signer 'the device that signed was revoked'
BY=bo forge --as anna put "$file" new.age
strike "another person's name" author 'the author is not the member whose device signed'
BY=bo forge --committer anna put "$file" new.age
strike 'author and committer differ' format 'the committer is not the author, or at another time'
BY=bo forge --store 0123456789 put "$file" new.age
strike 'a commit for another store' author 'its author names another store'
BY=bo forge --unsigned put "$file" new.age
strike 'no signature' format 'the commit has no signature after its committer'
BY=bo forge --empty-sig put "$file" new.age
strike 'a signature without content' signature 'the signature is malformed'
BY=bo forge --namespace akt put "$file" new.age
strike "a signature made for another purpose (a checkpoint's)" signature 'the signature was made for another purpose'
BY=bo forge --namespace file put "$file" new.age
strike "a signature made by other tools for files" signature 'the signature was made for another purpose'

# --- what git itself leaves out of what is signed, or never shows
BY=bo forge --tail 'gpgsig-sha256 hidden' put "$file" new.age
strike 'a gpgsig-sha256 header besides' format 'the commit has a second kind of signature header (gpgsig-...), which git would leave out of what is signed'
BY=bo forge --tail 'gpgsigx hidden' put "$file" new.age
strike 'a header that only begins with gpgsig' format 'the commit has a header that Akt never writes'
BY=bo forge put "$file" new.age
sig=$(git -C lie.git cat-file commit "$id" | sed -n '/^gpgsig /,/END SSH/p')
BY=bo forge --tail "$sig" put "$file" new.age
strike 'a second signature' format 'the commit has more than one signature'
BY=bo forge --head 'encoding latin-1' put "$file" new.age
strike 'an encoding header' format 'the commit has an encoding header, which Akt never writes'
BY=bo forge --head 'mergetag hidden' put "$file" new.age
strike 'a mergetag header' format 'the commit has a mergetag header, which Akt never writes'
BY=bo forge --head 'note hidden' put "$file" new.age
strike 'an unknown header' format 'the commit has no signature after its committer'
BY=bo forge --message $'akt: set\n\nHidden: text' put "$file" new.age
strike 'a trailer that is none of ours' format 'the message has a line where only its trail value may stand'
BY=bo forge --message $'free text about somebody' put "$file" new.age
strike 'free text in a message' format 'the message does not begin with `akt: `'
BY=bo forge --trail none put "$file" new.age
strike 'no trail value' format 'the message has a line where only its trail value may stand'
BY=bo forge --message $'akt: set\n\nAkt-Trail: 1 '"$(printf '%064d' 0)" put "$file" new.age
strike 'two trail values' format 'the message goes on after its trail value'
BY=bo forge --parent main --parent main~1 --parent main~2 --merge put "$file" new.age
strike 'three parents' format 'the commit has more than two parents'
BY=bo forge --parent main --parent main --merge put "$file" new.age
strike 'the same parent twice' format 'the commit names the same parent twice'
BY=bo forge --merge put "$file" new.age
strike 'one parent, and says that it is a merge' format 'the commit claims to be a merge but has not two parents'
BY=bo forge
strike 'a change of nothing' record 'this changes nothing'

# --- dates
BY=bo forge --time -1 put "$file" new.age
GIT=badDateOverflow strike 'dated before 1970' format 'the commit is dated before 1970'
BY=bo forge --zone +0200 put "$file" new.age
strike 'dated in a zone of its own' format "the commit's time zone is not +0000 (UTC)"
BY=bo forge --time 99999999999999 put "$file" new.age
strike 'dated after the year 9999' format 'the commit is dated after the year 9999'
finish
