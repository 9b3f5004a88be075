#!/bin/bash
# A dossier's lawful end: two people order it, and nothing that could open it stays anywhere that syncs.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role supervisor,staff --team unit --team apiary
member anna carl --role staff --team unit --team apiary
member anna dora --role staff --team unit --team apiary
sync() { for m; do as "$m" sync >/dev/null 2>>sync.err || echo "$m: $?"; done; }
sync anna bo carl dora
MACHINES='anna bo carl dora'

# find_all HUB... : every place where one of the needles still is: any object of any repository, any file.
# Needles: text, the dossier's age identity, and its key files' bytes.
cat >search.py <<'PY'
import os, subprocess, sys, zlib
needles = {n: open(n, 'rb').read().rstrip(b'\n') for n in sys.argv[1].split()}
hits = set()
def look(where, data):
    for n, b in needles.items():
        if b in data: hits.add(f'{where}: {os.path.basename(n)}')
for top in sys.argv[2:]:
    for d, dirs, files in os.walk(top):
        if 'HEAD' in files and 'objects' in dirs:
            out = subprocess.run(['git', '-C', d, 'cat-file', '--batch-all-objects', '--batch'], capture_output=True)
            look(os.path.relpath(d) + ' objects', out.stdout)
        for f in files:
            p = os.path.join(d, f)
            data = open(p, 'rb').read()
            look(os.path.relpath(p), data)
            try: look(os.path.relpath(p), zlib.decompress(data))
            except zlib.error: pass
print('\n'.join(sorted(hits)))
PY
find_all() { "$PYTHON" search.py "$(echo needles/*)" "$@"; }

# --- what is to go, and what stays
h=$(as anna new hive --set name=Vasaborg --set site=Hemlighetsbacken)
sync anna bo
t=$(as bo new treatment --set hive="$h" --set started_on=2026-03-02)
stays=$(as anna new hive --set name=Stannar)
D=$(as anna --json show "$h" | json 'd["dossier"]')
mask "$D" ERASED
sync anna bo carl dora anna
P=$(as bo --json show "$t" | json 'd["dossier"]')
mask "$P" PART
mkdir needles
printf 'Hemlighetsbacken' >needles/text
git -C anna/akt/keys.git ls-tree -r refs/akt/keys | awk -v d="/$D/" '$4 ~ d {print $3}' | sort -u >blobs
while read -r b; do git -C anna/akt/keys.git cat-file blob "$b" >"needles/key.$b"; done <blobs
# the dossier's own identity: a device opens its team's key, that opens a key file
for e in $(git -C anna ls-tree -r --name-only main teams | grep '\.age$'); do
	git -C anna cat-file blob "main:$e" | "$AKT" decrypt -i bo.id >team.key 2>/dev/null || continue
	for k in needles/key.*; do "$AKT" decrypt -i team.key <"$k" >needles/identity 2>/dev/null && break 2; done
done
rm -f team.key
has 'the identity was found to search for' "$(cat needles/identity)" 'AGE-SECRET-KEY-1'
keyfiles=$(find needles -name 'key.*' | wc -l)
is 'before: its keys are at the hub and on every machine' \
	"$(find_all hub.git $MACHINES | grep -c ' objects: key\.')" "$((5 * keyfiles))"
# the hub's keeper packs: keys and records share a pack from then on
git -C hub.git gc -q --prune=now
git -C carl/akt/keys.git gc -q --prune=now
is 'and in packs' "$(find_all hub.git | grep -c 'hub.git objects: key\.')" "$keyfiles"
run bo verify
is 'the trail holds before' "$rc" 0

# --- ordering
run carl erase "$h" --basis gdpr
gives 'staff do not erase' 4 '' 'akt: erased/'"${D:0:1}/${D:1:1}"'/ERASED.yaml: only an administrator or supervisor on the dossier'"'"'s list erases it (erase: An erasure was not ordered, confirmed or carried out as the rules say.)'
run anna erase hive-nosuch --basis gdpr
gives 'an unknown record' 4 '' 'akt: no such record, or you have no access to it'
run anna erase 0000000000 --basis gdpr
gives 'an unknown dossier' 4 '' 'akt: no such record, or you have no access to it'
run anna erase "$h"
gives 'a basis is needed' 2 '' 'akt: on what basis? give --basis CODE'
run anna erase "$h" --basis whim
gives 'a code that the store allows' 2 '' 'akt: --basis is one of the codes that the store allows: gdpr, sol'
run anna erase "$h" --basis gdpr --confirm
gives 'one of the two' 2 '' 'akt: say --basis CODE to order, or --confirm, not both'
run anna erase "$h" --confirm
gives 'nothing to confirm' 4 '' 'akt: no erasure of dossier ERASED has been ordered; order it with: akt erase ERASED --basis CODE'
run anna erase "$h" --basis gdpr
gives 'an order, and nothing is gone yet' 0 "the erasure of dossier ERASED is ordered (gdpr); another administrator or supervisor who may open it confirms it with: akt erase ERASED --confirm"
run anna erase "$D" --confirm
gives 'one person is not two' 2 '' 'akt: you have signed the erasure of dossier ERASED; another member with the right confirms it'
run anna erase "$D" --basis sol
is 'nor by ordering again' "$rc" 2
run anna show "$h"
is 'it can still be read' "$rc" 0
run anna set "$h" name=Annat
gives 'but not written' 4 '' 'akt: records/'"${D:0:1}/${D:1:1}"'/ERASED/hive-ID.yaml.age: nothing more is written in a dossier whose erasure has been ordered (erase: An erasure was not ordered, confirmed or carried out as the rules say.)'
sync anna bo
run bo erase "$D" --basis gdpr
gives 'the second one confirms' 2 '' 'akt: the erasure of dossier ERASED has been ordered; confirm it with: akt erase ERASED --confirm'

# --- others go on working meanwhile
as carl set "$h" name=Sent >/dev/null
mkdir -p dora/akt/drafts
printf 'utkast Hemlighetsbacken' | "$AKT" encrypt -r "$(git -C anna show main:members/dora.yaml | sed -n 's/.*recipient: //p')" >"dora/akt/drafts/$h.age"

# --- confirming
run bo erase "$D" --confirm
gives 'final: what it took, and whom it has not reached' 0 "dossier ERASED is erased (gdpr): its records have left the store, and their keys this machine
a part of it stands beside it and is erased by itself: akt erase PART --basis gdpr
not reached yet:
    anna.pc, which last synced at TIME: at its next sync
    carl.pc, which last synced at TIME: at its next sync
    dora.pc, which last synced at TIME: at its next sync
    hub hub: at the next sync with it
out of reach: backups, copies and exports made before, and machines that never sync again; whoever keeps them must delete them"
run bo erase "$D" --confirm
gives 'once' 2 '' 'akt: dossier ERASED has been erased'
run bo show "$h"
gives 'the record is gone' 4 '' 'akt: no such record, or you have no access to it'
is 'this machine has nothing left' "$(find_all bo)" ''
is 'nor do its own packs and reflogs name the keys' "$(while read -r b; do git -C bo/akt/keys.git cat-file -t "$b" 2>&1; done <blobs | grep -c '^blob')" 0
run bo verify --full
is 'the trail holds after' "$rc" 0
run bo sync
gives 'sync carries it on' 0 'commits fetched: 0, pushed: 1; records merged: 0'
is 'a folder hub is pruned by whoever pushes' "$(find_all hub.git)" ''
is 'and nothing else of it is gone' "$(git -C hub.git fsck --full --strict 2>&1 | grep -v ^dangling)" ''
is 'the tombstone stays' "$(git -C hub.git show "main:erased/${D:0:1}/${D:1:1}/$D.yaml" | sed -E 's/20.*Z/T/' | norm)" 'akt: 1
dossier: ERASED
basis: gdpr
by:
- handle: anna
  at: T
- handle: bo
  at: T'

# --- a machine that had work of its own there: shown first
run carl sync
gives 'unsynced edits are shown, and nothing is taken over' 1 "commits fetched: 0, pushed: 0; records merged: 0
erased by the unit, with changes that only this machine has: $(norm <<<"$h")   (akt export $(norm <<<"$h") -o DIR keeps a copy)
nothing was taken over yet; the next akt sync goes on, and these are gone"
run carl show "$h"
is 'it can still be read' "$rc" 0
run carl export "$h" -o "$T/kept"
is 'and kept' "$(grep -c 'name: Sent' "kept/$h.yaml")" 1
rm -r kept
as carl set "$h" name=Senare >/dev/null
run carl --json sync
is 'what was added since is shown as well' "$rc $(json 'd["ok"], len(d["erasing"]), d["erasing"][0]["draft"], d["fetched"]' <"$T/.out")" '1 [true, 1, false, 0]'
run carl sync
is 'the next one goes on' "$rc" 0
run carl show "$h"
is 'and it is gone' "$rc" 4
is 'all of it' "$(find_all carl)" ''
run carl verify
is 'the trail holds there' "$rc" 0
run dora sync
gives 'a draft is shown' 1 "commits fetched: 0, pushed: 0; records merged: 0
erased by the unit, with an unsaved draft on this machine: $(norm <<<"$h")   (akt edit $(norm <<<"$h") shows it)
nothing was taken over yet; the next akt sync goes on, and these are gone"
mv dora/akt/drafts dora/akt/kept; ln -s drafts dora/akt/drafts
run dora sync --erase
is 'a folder that cannot be looked through may hold one' "$rc $err" '5 akt: cannot list folder dora/akt/drafts: Too many levels of symbolic links'
rm dora/akt/drafts; mv dora/akt/kept dora/akt/drafts
run dora sync --erase
is 'and let go by whoever says so' "$rc $(ls dora/akt/drafts)" '0 '
is 'all of it there too' "$(find_all dora)" ''
sync anna
is 'nothing anywhere' "$(find_all hub.git $MACHINES)" ''
as dora sync >/dev/null
sync bo
run bo erase "$D"
gives 'every device has told that it is done' 0 "dossier ERASED is erased (gdpr): its records have left the store, and their keys this machine
a part of it stands beside it and is erased by itself: akt erase PART --basis gdpr
out of reach: backups, copies and exports made before, and machines that never sync again; whoever keeps them must delete them"
run bo show "$t"
is 'the part stands until it is erased itself' "$rc" 0
run anna show "$stays"
is 'and so does everything else' "$rc" 0
run anna check
is 'and is valid' "$rc" 0

# --- a second hub that slept meanwhile: its old keys come along and go again
e=$(as anna new hive --set name=Andra --set site=Hemlighetsbacken)
E=$(as anna --json show "$e" | json 'd["dossier"]')
"$AKT" hub "$T/stick.git" >/dev/null
for m in anna bo; do as $m remote add stick "$T/stick.git" >/dev/null; done
as anna sync hub >/dev/null; as anna sync stick >/dev/null; as bo sync hub >/dev/null; sync carl dora
rm needles/key.* needles/identity
git -C anna/akt/keys.git ls-tree -r refs/akt/keys | awk -v d="/$E/" '$4 ~ d {print $3}' | sort -u |
	while read -r b; do git -C anna/akt/keys.git cat-file blob "$b" >"needles/key.$b"; done
as bo erase "$e" --basis sol >/dev/null; as bo sync hub >/dev/null; as anna sync hub >/dev/null
as anna erase "$E" --confirm >/dev/null
is 'the order may come from either' "$(as anna --json erase "$E" | json 'd["final"], d["basis"], d["by"], [x["name"] for x in d["hubs"]]')" '[true, "sol", ["anna", "bo"], ["hub", "stick"]]'
as anna sync hub >/dev/null
isnt 'the stick still has the keys' "$(find_all stick.git)" ''
as bo sync hub >/dev/null; as bo sync stick >/dev/null
is 'until somebody syncs with it' "$(find_all stick.git bo hub.git anna)" ''
is 'nothing of it is broken' "$(git -C stick.git fsck --full --strict 2>&1 | grep -v ^dangling)" ''
as anna sync stick >/dev/null
run anna erase "$E"
hasnt 'both hubs are clean' "$out" 'hub '

# --- drafts of new records, which belong to no dossier yet: those that name what goes go with it
d=$(as anna new hive --set name=Utkast)
d2=$(as anna new hive --set name=Annat)
DR=$(as anna --json show "$d" | json 'd["dossier"]')
mask "$DR" DRAFTED
for m in anna bo dora; do as $m sync hub >/dev/null; done
cat >typist <<'END'
#!/bin/sh
sed -i "s/^#on:.*/on: 2026-03-02/" "$1"
exit 1
END
chmod +x typist
as_dora() { AKT_IDENTITY=$T/dora.id AKT_STORE=$T/dora EDITOR=$T/typist tty -- "$AKT" "$@"; }
as_dora new inspection --set hive="$d"
as_dora new treatment --set hive="$d2"
as_dora new hive --dossier "$DR"
is 'three begun' "$(ls dora/akt/drafts)" $'new-hive.age\nnew-inspection.age\nnew-treatment.age'
as anna erase "$d" --basis sol >/dev/null; as anna sync hub >/dev/null; as bo sync hub >/dev/null
as bo erase "$d" --confirm >/dev/null; as bo sync hub >/dev/null
run dora sync hub
gives 'they are shown' 1 "commits fetched: 0, pushed: 0; records merged: 0
erased by the unit, and named in an unsaved draft of a new record on this machine: DRAFTED   (akt new hive shows it)
erased by the unit, and named in an unsaved draft of a new record on this machine: DRAFTED   (akt new inspection shows it)
nothing was taken over yet; the next akt sync goes on, and these are gone"
run dora sync hub
is 'and go; what is about another stays' "$rc $(ls dora/akt/drafts)" '0 new-treatment.age'

# --- a pruning that was cut short is finished by the next who comes
f=$(as anna new hive --set name=Tredje)
F=$(as anna --json show "$f" | json 'd["dossier"]')
as anna sync hub >/dev/null; as bo sync hub >/dev/null
rm -f needles/*
git -C anna/akt/keys.git ls-tree -r refs/akt/keys | awk -v d="/$F/" '$4 ~ d {print $3}' | sort -u |
	while read -r b; do git -C anna/akt/keys.git cat-file blob "$b" >"needles/key.$b"; done
cp -a hub.git full.git
as bo erase "$F" --basis sol >/dev/null; as bo sync hub >/dev/null; as anna sync hub >/dev/null
as anna erase "$F" --confirm >/dev/null; as anna sync hub >/dev/null
# as it is when the machine dies after the ref has moved and before the objects go
cp -an full.git/objects/. hub.git/objects/
: >hub.git/akt.prune
isnt 'keys lie there that no ref reaches' "$(find_all hub.git)" ''
as bo sync hub >/dev/null
is 'the mark makes the next one finish it' "$(find_all hub.git)$(ls hub.git/akt.prune 2>&1 | grep -c 'No such')" 1
# or dies among the objects: some are gone already, and some that lead to them stand
cp -an full.git/objects/. hub.git/objects/
tree=$(git -C full.git rev-parse "refs/akt/keys:${F:0:1}/${F:1:1}/$F")
git -C full.git ls-tree -r "$tree" | awk '{print $3}' >hub.git/akt.prune
rm -f "hub.git/objects/${tree:0:2}/${tree:2}"
is 'where a folder of keys is gone' "$(git -C hub.git cat-file -e "$tree" 2>/dev/null; echo $?)" 1
run bo sync hub
is 'the next one goes on from there' "$rc $err$(find_all hub.git)$(ls hub.git/akt.prune 2>&1 | grep -c 'No such')" '0 1'
rm -rf full.git

# --- a rebuilding of this machine's keys that was cut short
as bo sync stick >/dev/null
cp -a bo/akt/keys.git bo/akt/keys.new; mv bo/akt/keys.git bo/akt/keys.old
run bo show "$stays"
is 'is finished at the next start' "$rc $(ls bo/akt | grep '^keys\.' | tr '\n' ' ')" '0 keys.git keys.lock '

run bo verify --content
is 'content too' "$rc" 0

# --- two orders that meet in a merge
g=$(as anna new hive --set name=Fjarde)
G=$(as anna --json show "$g" | json 'd["dossier"]')
as anna sync hub >/dev/null; as bo sync hub >/dev/null
as anna erase "$g" --basis sol >/dev/null
as bo erase "$g" --basis sol >/dev/null
as anna sync hub >/dev/null
run bo sync hub
is 'are carried out by the one who merges' "$rc $(git -C hub.git log -1 --format=%s main) $(git -C hub.git ls-tree -r --name-only main | grep -c "$G")" '0 akt: erase 1'
as anna sync hub >/dev/null; sync carl dora
run anna verify --full
is 'and the trail holds' "$rc" 0
is 'machines have no key of it' "$(for m in $MACHINES; do git -C "$m/akt/keys.git" ls-tree -r --name-only refs/akt/keys; done | grep -c "$G")" 0

# --- hubs over the network: with Akt's hooks they forget at once, by themselves
port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >lighttpd.conf <<CONF
server.modules = ("mod_alias", "mod_setenv", "mod_cgi")
server.port = $port
server.bind = "127.0.0.1"
server.document-root = "$T"
alias.url = ("/git" => "$(git --exec-path)/git-http-backend")
\$HTTP["url"] =~ "^/git" {
 cgi.assign = ("" => "")
 setenv.add-environment = ("GIT_PROJECT_ROOT" => "$T", "GIT_HTTP_EXPORT_ALL" => "1")
}
CONF
/usr/sbin/lighttpd -D -f lighttpd.conf 2>lighttpd.log & pids+=($!)
for i in 1 2 3 4 5 6 7 8 9 10; do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
for hub in web bare; do
	"$AKT" hub "$T/$hub.git" >/dev/null
	git -C $hub.git config http.receivepack true
	for m in anna bo; do as $m remote add $hub "http://127.0.0.1:$port/git/$hub.git" >/dev/null; done
done
rm bare.git/hooks/post-receive # a host of another kind
i=$(as anna new hive --set name=Femte --set site=Hemlighetsbacken)
I=$(as anna --json show "$i" | json 'd["dossier"]')
as anna sync hub >/dev/null; as anna sync bare >/dev/null
run anna sync web
is 'sync over http' "$rc $err" '0 '
as bo sync web >/dev/null
rm -f needles/*
git -C anna/akt/keys.git ls-tree -r refs/akt/keys | awk -v d="/$I/" '$4 ~ d {print $3}' | sort -u |
	while read -r b; do git -C anna/akt/keys.git cat-file blob "$b" >"needles/key.$b"; done
git -C web.git gc -q --prune=now
as bo erase "$i" --basis sol >/dev/null; as bo sync web >/dev/null; as anna sync web >/dev/null
run anna erase "$I" --confirm
has 'a hub over the network is named with its condition' "$out" "    hub web: at the next sync with it, if Akt's hooks are installed there; otherwise its keeper must see to it"
isnt 'before the sync they are there' "$(find_all web.git)" ''
run anna sync web
gives 'the hook prunes, and nobody need be told' 0 'commits fetched: 0, pushed: 1; records merged: 0'
is 'no object of the hub holds the keys' "$(find_all web.git anna)" ''
is 'and the hub is whole' "$(git -C web.git fsck --full --strict 2>&1 | grep -v ^dangling)" ''
run anna sync bare
gives 'a hub without the hook is named' 0 'commits fetched: 0, pushed: 2; records merged: 0
note: the hub bare does not forget erased keys by itself: its keeper must delete what no ref reaches any more (git gc --prune=now), and old backups'
is 'its ref has let them go' "$(git -C bare.git ls-tree -r --name-only refs/akt/keys | grep -c "$I")" 0
isnt 'its objects have not' "$(find_all bare.git)" ''
git -C bare.git gc -q --prune=now
is 'until its keeper acts' "$(find_all bare.git)" ''

# what stock git pushes is judged and pruned alike
git init -q --bare stale.git
for b in needles/key.*; do
	blob=$(git -C stale.git hash-object -w "$T/$b"); name=$(sha256sum "$b" | cut -d' ' -f1)
	git -C stale.git fetch -q "$T/web.git" '+refs/akt/keys:refs/akt/keys'
	GIT_INDEX_FILE=$T/idx git -C stale.git read-tree refs/akt/keys
	GIT_INDEX_FILE=$T/idx git -C stale.git update-index --add --cacheinfo "100644,$blob,${I:0:1}/${I:1:1}/$I/$name.age"
	tree=$(GIT_INDEX_FILE=$T/idx git -C stale.git write-tree)
	break
done
commit=$(printf 'tree %s\nauthor akt <akt> 0 +0000\ncommitter akt <akt> 0 +0000\n\nakt: keys\n' "$tree" | git -C stale.git hash-object -t commit -w --stdin)
mask "$I" ERASED
said=$(git -C stale.git push "$T/web.git" "+$commit:refs/akt/keys" 2>&1 | grep 'akt:' | sed 's/ *$//' | norm)
is 'an erased key does not come back' "$said" 'remote: akt: dossier ERASED: a key that was erased comes back'
is 'and leaves nothing behind' "$(find_all web.git)" ''
# nor to a hub that cannot read its tombstone
stone=$(git -C web.git rev-parse "main:erased/${I:0:1}/${I:1:1}/$I.yaml")
git -C web.git repack -q -a -d && mkdir packs && mv web.git/objects/pack/* packs/ && for p in packs/*.pack; do git -C web.git unpack-objects -q <"$p"; done
rm -f "web.git/objects/${stone:0:2}/${stone:2}"
said=$(git -C stale.git push "$T/web.git" "+$commit:refs/akt/keys" 2>&1 | grep 'akt:' | sed 's/ *$//' | norm)
has 'an erased key does not come back where its tombstone is lost' "$said" "erased/${I:0:1}/${I:1:1}/ERASED.yaml"
isnt 'the ref stands' "$(git -C web.git rev-parse refs/akt/keys)" "$commit"
finish
