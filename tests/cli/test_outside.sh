#!/bin/bash
# What others may write: records sealed by age, a dossier and its key made by hand, commits made by git and signed by
# ssh-keygen, sent by git to a hub with hooks. Nothing here is written by the program that is tested.
. "$(dirname "$0")/lib.sh"
unit anna
as anna team apiary --add anna >/dev/null
member anna cleo --role supervisor --team unit --team apiary
hive=$(as anna new hive --set name=North --set count=7)
as anna sync >/dev/null; as cleo sync >/dev/null
git clone -q --mirror hub.git own.git

# write.py HANDLE [PATH FILE]...: the files put into main, one commit by git, pushed to the hub
cat >write.py <<'END_PY'
import hashlib, os, re, subprocess, sys, tempfile, time
handle, put = sys.argv[1], sys.argv[2:]
d = tempfile.mkdtemp(dir=".")
def git(*a, cwd="own.git", env={}, **k):
    return subprocess.run(["git", *a], cwd=cwd, env={**os.environ, **env}, check=True, stdout=subprocess.PIPE, **k).stdout
index = {"GIT_INDEX_FILE": os.path.abspath(d) + "/index"}
git("fetch", "-q", "origin")
git("read-tree", "main", env=index)
for path, file in zip(put[::2], put[1::2]):
    blob = git("hash-object", "-w", os.path.abspath(file)).decode().strip()
    git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
tree = git("write-tree", env=index).decode().strip()
os.mkdir(d + "/w")
git("init", "-q", "--object-format=sha256", cwd=d + "/w")
subprocess.run(f"git -C own.git archive {tree} | tar -x -C {d}/w", shell=True, check=True)
git("add", "-A", "--force", cwd=d + "/w")
parent = git("cat-file", "commit", "main")
said = re.search(rb"\nAkt-Trail: 1 ([0-9a-f]{64})\n$", parent).group(1).decode()
trail = hashlib.sha256(b"akt trail v1\0\1" + bytes.fromhex(said) + hashlib.sha256(parent).digest() +
                       bytes.fromhex(git("write-tree", cwd=d + "/w").decode())).hexdigest()
with open(d + "/key", "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
    f.write(re.sub("AGE-SECRET.*", "", open(handle + ".id").read()))
where = re.search(rb"^author \S+ <[^@]+@(\w+)>", parent, re.M).group(1).decode()
who = {w + k: v for w in ("GIT_AUTHOR_", "GIT_COMMITTER_") for k, v in
       (("NAME", handle), ("EMAIL", f"{handle}@{where}"), ("DATE", os.environ["NOW"] + " +0000"))}
commit = git("-c", "gpg.format=ssh", "-c", "user.signingkey=" + os.path.abspath(d) + "/key", "commit-tree", "-S", "-p", "main", tree,
             input=f"akt: set\n\nAkt-Trail: 1 {trail}\n".encode(), env=who).decode().strip()
sys.exit(subprocess.run(["git", "-C", "own.git", "push", "-q", os.path.abspath("hub.git"), commit + ":refs/heads/main"]).returncode)
END_PY
write() { "$PYTHON" write.py "$@"; }
now() { NOW=$(date +%s) AT=$(date -u +%FT%TZ); export NOW; } # a commit's time is its record's
pad() { head -c $(((512 - $1 % 512) % 512)) /dev/zero | tr '\0' '\n'; }
seal() { { cat "$1"; pad "$(wc -c <"$1")"; } | age -r "$2" -o "$3"; }

# --- the keys, opened with age: the device's, the team's, the dossier's
path=$(git -C own.git ls-tree -r --name-only main | grep "/$hive\.yaml\.age$") folder=$(dirname "$path")
grep ^AGE anna.id >device.key
current() { # the epoch of a team that no other names as its earlier one
	git -C own.git ls-tree --name-only main "teams/$1/" | sed -n 's,.*/\(.*\)\.yaml$,\1,p' | sort >all
	for e in $(cat all); do git -C own.git cat-file blob "main:teams/$1/$e.yaml" | sed -n 's/^earlier: //p'; done | sort | comm -23 all -
}
epoch=$(current apiary)
git -C own.git cat-file blob "main:teams/apiary/$epoch.age" | age -d -i device.key | sed '/^#/d' >team.key
for f in $(git -C own.git ls-tree -r --name-only refs/akt/keys "${folder#records/}/"); do
	git -C own.git cat-file blob "refs/akt/keys:$f" | age -d -i team.key
done >dossier.key 2>/dev/null
git -C own.git cat-file blob "main:$path" | age -d -i dossier.key | sed '/^$/d' >was
is 'age opens them one after the other' "$(grep -c "^id: $hive$" was)" 1
# of several only one is the current one; this dossier has one
is 'one key' "$(grep -c AGE dossier.key)" 1

# --- a record in another hand: any order, any style, plain scalars where the schema says string
now
cat >record <<END
# written by hand
dossier: $(basename "$folder")
data: {site: 2021, name: "North",   notes: true, tags: [1.50, 007], count: 7}
id: $hive
type: hive
updated: {by: anna, at: $AT, why: 12}
created: {by: anna, at: $(sed -n '/^created:/{n;s/.* //p}' was)}
akt: 1
v: 1
END
seal record "$(age-keygen -y dossier.key)" record.age
succeeds 'the hub takes it' write anna "$path" record.age
run cleo sync
is 'and so does a machine' "$rc $err" '0 '
as cleo --json show "$hive" >shown
is 'a plain number or true is text where the schema says string' "$(json 'd["data"]' <shown)" \
	'{"count": 7, "name": "North", "notes": "true", "site": "2021", "tags": ["1.50", "007"]}'
is 'the reason too' "$(json 'd["updated"]["why"]' <shown)" 12
run cleo check
gives 'and valid' 0 '1 record is valid'
is 'the index takes it so too' "$(as cleo --json sql 'SELECT typeof(site) AS t, site FROM hives')" '[{"t":"text","site":"2021"}]'
head=$(git -C cleo rev-parse main)
run cleo set "$hive" site=2021
is 'what changes no content makes no commit' "$rc $(git -C cleo rev-parse main)" "0 $head"
run cleo set "$hive" count=8
is 'a change of something else' "$rc $(as cleo --json log "$hive" | json '[c["path"] for c in d[0]["changes"]]')" '0 ["count"]'
as cleo sync >/dev/null
run anna sync
is 'goes everywhere' "$rc $(as anna --json show "$hive" | json 'd["data"]["site"], d["data"]["count"]')" '0 ["2021", 8]'
run anna verify --content
is 'and all of it holds' "$rc" 0

# --- a dossier made by hand, whose id looks like a number
id=0123456789 mine=$(current '~anna')
recipient_of() { git -C own.git cat-file blob "main:teams/$1.yaml" | sed -n 's/^recipient: //p'; }
age-keygen -o new.key 2>/dev/null
grep AGE new.key | age -r "$(recipient_of "apiary/$epoch")" -r "$(recipient_of "~anna/$mine")" -o key.age
file=$(sha256sum <key.age | cut -d' ' -f1)
cat >dossier.yaml <<END
akt: 1
dossier: '$id'
retention: H
access: [apiary, ~anna]
keys:
- id: $(age-keygen -y new.key | "$PYTHON" -c 'import hashlib, sys
abc, n, b = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 0, sys.stdin.read().strip().split("1", 1)[1][:-6]
for c in b: n = n << 5 | abc.index(c)
print(hashlib.sha256((n >> len(b) * 5 % 8).to_bytes(32, "big")).hexdigest())')
  for: [apiary/$epoch, ~anna/$mine]
  file: $file
END
now
cat >record <<END
akt: 1
type: hive
v: 1
id: hive-outside
dossier: $id
created: {at: $AT, by: anna}
updated: {at: $AT, by: anna}
data:
  name: South
END
seal record "$(age-keygen -y new.key)" record.age
made() { write anna "records/0/1/$id/dossier.yaml" dossier.yaml "records/0/1/$id/hive-outside.yaml.age" record.age 2>&1; }
has 'its key comes first' "$(made)" "dossier $id: a key file that it names is missing from the keys"
export GIT_INDEX_FILE=$T/index
git -C own.git read-tree refs/akt/keys
git -C own.git update-index --add --cacheinfo "100644,$(git -C own.git hash-object -w "$T/key.age"),0/1/$id/$file.age"
keys=$(git -C own.git -c user.name=x -c user.email=x commit-tree -m keys "$(git -C own.git write-tree)")
unset GIT_INDEX_FILE
succeeds 'sent by git as one commit without a parent' git -C own.git push -q -f "$T/hub.git" "$keys:refs/akt/keys"
is 'then the dossier' "$(made)" ''
run cleo sync
is 'which a machine takes' "$rc $err" '0 '
is 'opens' "$(as cleo --json show hive-outside | json 'd["dossier"], d["data"]["name"]')" "[\"$id\", \"South\"]"
run cleo set hive-outside count=3
is 'and goes on with' "$rc $(as cleo sync >/dev/null; as anna sync >/dev/null; as anna --json show hive-outside | json 'd["data"]["count"]')" '0 3'
run cleo verify --content
is 'all of it verified' "$rc" 0

# --- what a later schema makes of a stored value is no change of the record
as cleo approve "$hive" --why good >/dev/null
mkdir new
sed 's/count: {type: integer, minimum: 0/count: {type: [string, "null"]/; s/^  version: 1/  version: 2/' "$TOY/schema/hive.yaml" >new/hive.yaml
as cleo sync >/dev/null; as anna sync >/dev/null
run anna schema put new
gives 'a number that becomes text is not invalid' 0 'in force: hive'
run anna check "$hive"
gives 'text, or empty: the number is that text' 0 '1 record is valid'
is 'and the approval stands' "$(as anna --json show "$hive" | json 'd["data"]["count"], d["approval"]["state"]')" '["8", "approved"]'
git -C anna cat-file blob "main:$path" | age -d -i dossier.key >text
is 'for it is bound to what age and sha256sum give' "$(sed '/^updated:/,/^data:/{/^data:/!d}; /^$/d' text | sha256sum | cut -d' ' -f1)" \
	"$(as anna --json show "$(as anna --json list approval | json 'd[0]["id"]')" | json 'd["data"]["content"]')"
# --- a schema that an administrator put there with git: one in JSON, and one that is none
printf '{"type": "object", "properties": {"on": {"type": "string", "format": "date"}}}\n' >plan.json
succeeds 'JSON is YAML' write anna schema/plan.yaml plan.json
as anna sync >/dev/null
run anna new plan --set on=2026-02-30
has 'and holds' "$rc $err" 'data.on: is not a date (YYYY-MM-DD)'
printf 'type: object\nproperties:\n  on: {type: day}\n' >plan.json
write anna schema/plan.yaml plan.json
as anna sync >/dev/null
wrong="schema/plan.yaml:3:14: properties.on.type: must be string, number, integer, boolean, array, object or 'null'"
run anna check
gives 'check finds the other, where it is wrong' 3 "$wrong"
run anna new plan --set on=2026-02-03
gives 'nothing is written under it' 3 '' "$wrong"
mkdir right
printf 'type: object\nproperties:\n  on: {type: string}\n' >right/plan.yaml
cp -r "$TOY/schema/generators" right/ # which are checked against every type there is
run anna schema put right
is 'a right one takes its place' "$rc $err" '0 '
run anna check
is 'and all is well' "$rc" 0
finish
