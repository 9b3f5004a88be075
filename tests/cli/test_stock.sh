#!/bin/bash
# Everything read and verified with stock tools alone: age, git, ssh-keygen. And identities with a
# passphrase, unlock and lock.
. "$(dirname "$0")/lib.sh"
README=$(dirname "$(dirname "$HERE")")/README.md

# --- an identity with a passphrase
export AKT_IDENTITY=$T/anna.id
tty 'assphrase=correct horse' 'once more=correct horse' -- "$AKT" id new --handle anna --device pc --work-factor 10
is 'id new asks twice' "$rc" 0
hasnt 'and does not show it' "$tty_out" 'correct horse'
is 'the file is for its owner alone' "$(stat -c %a anna.id)" 600
is 'and an age file' "$(head -c 21 anna.id)" age-encryption.org/v1
tty 'passphrase=correct horse' -- bash -c 'age -d -o plain.id anna.id'
is 'age opens it' "$rc" 0
is 'to an OpenSSH key and an age key' "$(grep -cE '^-----BEGIN OPENSSH PRIVATE KEY-----$|^AGE-SECRET-KEY-1' plain.id)" 2
printf 'correct horse\n' >pass
export AKT_PASSPHRASE_FILE=$T/pass
"$AKT" id show >card
is 'the card shows what the key is' "$(sed -n 's/^recipient: //p' card)" "$(age-keygen -y plain.id 2>/dev/null || grep ^AGE plain.id | age-keygen -y)"
sed '/AGE-SECRET/d' plain.id >plain.ssh; chmod 600 plain.ssh
is 'for both keys' "$(sed -n 's/^signer: //p' card)" "$(ssh-keygen -y -f plain.ssh | cut -d' ' -f1,2)"
unset AKT_PASSPHRASE_FILE
AKT_PASSPHRASE_FILE=$T/pass as anna init "$T/anna" --name Apiary --schema "$TOY/schema" >/dev/null
run anna list
gives 'without a terminal nothing asks' 2 '' 'akt: a passphrase is needed and there is no terminal to ask on: run akt unlock first, or set AKT_PASSPHRASE_FILE'
tty 'Passphrase=wrong horse' -- env AKT_STORE="$T/anna" "$AKT" list
is 'a wrong passphrase' "$rc" 4
tty 'Passphrase=correct horse' -- env AKT_STORE="$T/anna" "$AKT" list
is 'the right one' "$rc" 0
AKT_PASSPHRASE_FILE=$T/pass "$AKT" unlock --for 60s >/dev/null 2>unlock.err
is 'unlock' "$? $(cat unlock.err)" '0 '
run anna list
is 'then nothing is asked' "$rc $err" '0 '
"$AKT" lock
run anna list
is 'until lock' "$rc" 2
tty 'assphrase=correct horse' 'assphrase=new passphrase' 'once more=new passphrase' -- "$AKT" id passphrase --work-factor 10
is 'id passphrase' "$rc" 0
AKT_PASSPHRASE_FILE=$T/pass run anna list
is 'the old one does not open it any more' "$rc" 4
printf 'new passphrase\n' >pass
export AKT_PASSPHRASE_FILE=$T/pass
run anna list
is 'the new one does' "$rc" 0
cp anna.id before.id
run anna id passphrase --work-factor 10
gives 'one file for the old and the new changes nothing, and says so' 2 '' 'akt: AKT_PASSPHRASE_FILE would be the old passphrase and the new one: unset it, and type both'
succeeds 'nor is the identity written' cmp anna.id before.id
tty 'assphrase=one two three' 'once more=four five six' -- env -u AKT_PASSPHRASE_FILE AKT_IDENTITY="$T/x.id" "$AKT" id new --handle x --device pc
is 'two that differ make no identity' "$rc $([ -e x.id ] && echo there)" '2 '

# --- a record, by the recipe of the README
as anna team apiary --add anna >/dev/null
hive=$(as anna new hive --set name=North --set 'notes=åäö: ☃')
as anna set "$hive" count=3 >/dev/null
sed -n '/^# read-without-akt/,/^```/p' "$README" | sed '$d' >recipe
is 'the README has the recipe' "$(wc -l <recipe | awk '{print ($1 > 10)}')" 1
bash recipe anna plain.id "$hive" >record 2>recipe.err
is 'git and age read the record' "$(sed '/^$/d' record)" "$(as anna show "$hive" | sed '/^$/d')"
is 'padded to a multiple of 512' "$(($(wc -c <record) % 512))" 0
"$AKT" hub hub.git >/dev/null; as anna remote add hub "$T/hub.git" >/dev/null; as anna sync >/dev/null
is 'and from the hub' "$(bash recipe hub.git plain.id "$hive" 2>/dev/null | cksum)" "$(cksum <record)"
machine bo; printf '' >>bo.id
is 'not with another key' "$(bash recipe anna bo.id "$hive" 2>/dev/null)" ''
recovery=$(as anna --json init "$T/second" --name Two --schema "$TOY/schema" | json 'd["recovery"]')
printf '%s\n' "$recovery" >recovery.id
second=$(AKT_STORE=$T/second "$AKT" new hive --set name=Lost)
is 'the recovery identity opens what is in its store' "$(bash recipe second recovery.id "$second" 2>/dev/null | sed -n 's/^  name: //p')" Lost

# --- encrypt and decrypt, both ways with age
grep ^AGE-SECRET-KEY plain.id >age.id # age takes a file that begins with an ssh key for that alone
to=$(sed -n 's/^recipient: //p' card)
for size in 0 1 65535 65536 65537 200000; do
	head -c $size /dev/urandom >data
	"$AKT" encrypt -r "$to" <data >ours.age && age -r "$to" -o theirs.age <data
	is "$size bytes: age reads ours" "$(age -d -i age.id ours.age | cksum)" "$(cksum <data)"
	is "$size bytes: ours reads age's" "$("$AKT" decrypt <theirs.age | cksum)" "$(cksum <data)"
done
age-keygen -o other.key 2>/dev/null
"$AKT" encrypt -r "$to" -r "$(age-keygen -y other.key)" <record >two.age
is 'several recipients' "$(age -d -i other.key two.age | cksum) $("$AKT" decrypt -i other.key <two.age | cksum)" "$(cksum <record) $(cksum <record)"
printf 'x' >>two.age
"$AKT" decrypt -i other.key <two.age >out 2>err
is 'a damaged file gives nothing' "$? $(wc -c <out)" '5 0'
"$AKT" decrypt -i other.key <theirs.age >out 2>err
is 'nor does one that is for others' "$? $(wc -c <out)" '4 0'

# --- a checkpoint
as anna checkpoint >note
sed '/^signature:/,$d' note >note.text
sed -n '/^signature:/,$p' note | sed '1d; s/^  //' >note.sig
echo "anna namespaces=\"akt\" $(sed -n 's/^signer: //p' note)" >note.signers
succeeds 'ssh-keygen verifies it' ssh-keygen -Y verify -f note.signers -I anna -n akt -s note.sig <note.text
fails 'not under the namespace of commits' ssh-keygen -Y verify -f note.signers -I anna -n git -s note.sig <note.text
is 'it names HEAD' "$(sed -n 's/^head: //p' note)" "$(git -C anna rev-parse main)"
is 'and the hash of the whole commit' "$(sed -n 's/^sha256: //p' note)" "$(git -C anna cat-file commit main | sha256sum | cut -d' ' -f1)"
run anna verify --checkpoint note
is 'akt proves that the trail contains it' "$rc" 0
sed 's/^count: .*/count: 99/' note >forged
run anna verify --checkpoint forged
isnt 'not a forged one' "$rc" 0

# --- the trail, computed anew with git and sha256 alone
as anna new person --set name=Anna >/dev/null
as anna schema put "$TOY/schema" >/dev/null
cat >trail.py <<'END'
import hashlib, os, re, shutil, subprocess, sys
store = sys.argv[1]
def git(*a, cwd=store, **k): return subprocess.run(["git", *a], cwd=cwd, check=True, capture_output=True, **k).stdout
def tree256(commit):
    shutil.rmtree("w", ignore_errors=True)
    git("init", "-q", "--object-format=sha256", "w", cwd=".")
    subprocess.run(f"git -C {store} archive {commit} | tar -x -C w", shell=True, check=True)
    git("add", "-A", "--force", cwd="w")
    return bytes.fromhex(git("write-tree", cwd="w").decode())
trail, n = {}, 0
for line in git("rev-list", "--topo-order", "--reverse", "--parents", "main").decode().split("\n")[:-1]:
    c, *parents = line.split()
    h = hashlib.sha256(b"akt trail v1\0" + bytes([len(parents)]))
    for p in parents:
        h.update(trail[p] + hashlib.sha256(git("cat-file", "commit", p)).digest())
    h.update(tree256(c))
    trail[c] = h.digest()
    said = re.findall(rb"^Akt-Trail: 1 ([0-9a-f]{64})$", git("cat-file", "commit", c), re.M)
    if said != [trail[c].hex().encode()]:
        print("differs at", c)
    n += 1
print(n, "commits")
END
export GIT_DEFAULT_HASH=sha1
is 'every Akt-Trail, by git write-tree in a SHA-256 repository' "$("$PYTHON" trail.py anna)" "$(git -C anna rev-list --count main) commits"
is 'the fingerprint is the root'"'"'s' "$(as anna --json verify | json 'd["fingerprint"]')" "$(git -C anna cat-file commit "$(git -C anna rev-list --max-parents=0 main)" | sed -n 's/^Akt-Trail: 1 //p')"
finish
