#!/bin/bash
# Machines that are not as they should be: clocks that jump, a disk that takes nothing, no home, no room for the editor,
# no terminal; and many programs at once on one store.
# the sanitizers will not be preloaded with anything
AKT=${FAULTS_AKT:-$(dirname "$0")/../../build/release/akt}
. "$(dirname "$0")/../cli/lib.sh"
shim=$(realpath "$HERE/../../build/faults/shim.so")
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
hive=$(as anna new hive --set name=North --set count=0)
as anna sync >/dev/null; as bo sync >/dev/null
field() { as "$1" --json show "$hive" | json "d['data'].get('$2')"; }

# --- clocks: nothing is refused for them, order comes from the history, and what contradicts is told
at() { local by=$1 m=$2; shift 2; AKT_FAULT_CLOCK=$by LD_PRELOAD=$shim as "$m" "$@"; }
year=31557600
for by in -$((56 * year)) -$year -3600 3600 $year $((170 * year)); do
	out=$(at "$by" anna set "$hive" "count=$((${by#-} % 1000))" 2>&1 >/dev/null); rc=$?
	is "a clock $by s off: a save" "$rc $out $(field anna count)" "0  $((${by#-} % 1000))"
done
is 'with a clock that stood still since 1970: a save' "$(at "-$(date +%s)" anna set "$hive" count=1970 2>&1 >/dev/null) $(field anna count)" ' 1970'
run anna sync
is 'and a sync' "$rc $err" '0 '
run bo sync
is 'which others take' "$rc $err" '0 '
is 'the last one stands' "$(field bo count)" 1970
as bo set "$hive" site=bo >/dev/null; at -$((30 * year)) anna set "$hive" site=anna >/dev/null
as bo sync >/dev/null; as anna sync >/dev/null; as bo sync >/dev/null
is 'two edits, one with the clock far back: neither is lost' "$(as bo --json conflicts | json 'sorted(v["value"] for v in d[0]["values"])')" '["anna", "bo"]'
as bo set "$hive" site=both >/dev/null; as bo sync >/dev/null; as anna sync >/dev/null
run anna verify --content --full
is 'verify tells of each change that is dated before the one it follows, and fails for none' "$rc $(grep -c 'dated more than 5 minutes before' <<<"$out" | sed 's/^[1-9][0-9]*$/some/')" '0 some'
is 'the log has them in the order in which they were made' "$(as anna --json log "$hive" --path count | json '[c["to"] for x in reversed(d) for c in x["changes"]]' | sed 's/.*, //')" '1970]'

# --- a hub on another machine's disk, which stamps files by that machine's clock
case $T in /dev/shm/*) other=/tmp ;; *) other=/dev/shm ;; esac
far=$(mktemp -d "$other/akt-cli-XXXXXX"); cleanups+=("rm -rf '$far'")
isnt 'the hub is on another disk' "$(stat -c %d "$far")" "$(stat -c %d anna)"
"$AKT" hub "$far/hub.git" >/dev/null
cp anna/akt/remotes.yaml remotes
as anna remote add far "$far/hub.git" >/dev/null; as anna sync far >/dev/null
flip() { printf x | dd of="$1" bs=1 seek=30 conv=notrunc 2>/dev/null; }
blob=$(git -C anna rev-parse "main:$(git -C anna ls-tree -r --name-only main | grep "$hive")")
for by in -7200 0 7200; do
	# a copy is asked only for something
	as anna list >/dev/null; f=anna/objects/${blob:0:2}/${blob:2}
	chmod u+w "$f"; flip "$f"
	out=$(at "$by" anna doctor --from "$far/hub.git" 2>&1); rc=$?
	is "a clock $by s off: doctor mends, and tells whose clocks differ" "$rc $(grep -c 'and that of far differ by 1[12][0-9] minutes' <<<"$out") $(grep -c 'and that of hub differ' <<<"$out")" "0 $((by != 0)) 0"
done
run anna doctor
hasnt 'clocks that agree are no news' "$out" 'differ by'
mv remotes anna/akt/remotes.yaml

# --- a disk that takes nothing
readonly_() { local m=$1; shift; AKT_FAULT_DIR=$T AKT_FAULT_SET=write AKT_FAULT_HOW=readonly AKT_FAULT_AT=1 LD_PRELOAD=$shim as "$m" "$@"; }
for c in "show $hive" list "search North" check "verify --content" "log $hive" "member list" conflicts checkpoint "sql SELECT(1)"; do
	# shellcheck disable=SC2086
	is "a read-only store: $(norm <<<"$c")" "$(readonly_ anna $c 2>&1 >/dev/null; echo $?)" 0
done
readonly_says() { local name=$1; shift; readonly_ "$@" >.out 2>.err; is "$name" "$? $(norm <.err)" "5 $want"; }
want='akt: cannot open anna/akt/lock: Read-only file system'
readonly_says 'a read-only store: a save' anna set "$hive" count=1
readonly_says 'a read-only store: a new record' anna new hive --set name=No
want='akt: cannot open anna/akt/sync.lock: Read-only file system'
readonly_says 'a read-only store: a sync' anna sync
want="akt: cannot write a pack: failed to create temporary file 'anna/objects/pack/pack_git2_X': Read-only file system"
mask 'pack_git2_[0-9a-f]*' pack_git2_X
readonly_says 'a read-only store: gc' anna gc
is 'and nothing of it moved' "$(field anna count)" 1970

# --- no home
is 'no home, the identity named: it works' "$(env -u HOME -u XDG_CONFIG_HOME AKT_IDENTITY="$T/anna.id" AKT_STORE="$T/anna" "$AKT" show "$hive" >/dev/null 2>.err; echo "$?$(cat .err)")" 0
out=$(env -u XDG_CONFIG_HOME -u AKT_IDENTITY HOME=/nonexistent AKT_STORE="$T/anna" "$AKT" show "$hive" 2>&1)
is 'a home that is not there' "$?: $out" '4: akt: there is no identity on this device yet; make one with: akt id new'
out=$(env -u XDG_CONFIG_HOME -u HOME -u AKT_IDENTITY AKT_STORE="$T/anna" "$AKT" show "$hive" 2>&1)
is 'no home at all' "$?: $out" '4: akt: there is no identity on this device yet; make one with: akt id new'

# --- no room for the text that an editor gets
mkdir -m 700 run.full
edit() { tty -- env XDG_RUNTIME_DIR="$T/run.full" AKT_FAULT_DIR="$T/run.full" AKT_FAULT_SET=write AKT_FAULT_HOW=full AKT_FAULT_AT="$1" LD_PRELOAD="$shim" \
	VISUAL='sed -i s/^count:.*/count:\ 7/' AKT_IDENTITY="$T/anna.id" AKT_STORE="$T/anna" "$AKT" edit "$hive"; }
for i in 1 2 3; do
	edit $i
	is "a full tmpfs at its write $i: nothing stays in the clear" "$(find run.full -type f | wc -l)" 0
	is "a full tmpfs at its write $i: said, or the edit is saved" "$([ $rc = 0 ] && field anna count || grep -c 'No space left' <<<"$tty_out")" "$([ $rc = 0 ] && echo 7 || echo 1)"
done

# --- no terminal
for c in "edit $hive" 'new hive' 'id new --handle x --device y' 'id passphrase'; do
	# shellcheck disable=SC2086
	run anna $c
	is "no terminal: $(norm <<<"$c") asks nothing, and says what to give" "$rc $(wc -l <<<"$err")" '2 1'
done

# --- Ctrl-C while a passphrase is asked for: nothing is made, and the terminal shows again what is typed
cat >ask.py <<'END'
import fcntl, os, pty, sys, termios, time
keys, command = int(sys.argv[1]), sys.argv[2:]
fd, kept = pty.openpty()  # the other end stays open: its state ends with its last user
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(kept, termios.TIOCSCTTY, 0)
    for i in range(3):
        os.dup2(kept, i)
    os.execvp(command[0], command)
shown = b""
while b": " not in shown:
    shown += os.read(fd, 4096)
ended = (0, 0)
while termios.tcgetattr(fd)[3] & termios.ECHO and not ended[0]:
    time.sleep(0.01)
    ended = os.waitpid(pid, os.WNOHANG)
if not ended[0]:
    os.write(fd, b"secret" + b"\x03" * keys)
    ended = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(ended[1]), "echo" if termios.tcgetattr(fd)[3] & termios.ECHO else "no echo")
END
asked() { local keys=$1; shift; timeout 60 "$PYTHON" ask.py "$keys" env "$@" AKT_IDENTITY="$T/eva.id" "$AKT" id new --handle eva --device pc | sed 's/^130/1/'; ls eva.id 2>/dev/null; }
is 'Ctrl-C at a passphrase' "$(asked 1)" '1 echo'
is 'Ctrl-C twice' "$(asked 2)" '1 echo'
is 'Ctrl-C just before the question' "$(asked 1 AKT_FAULT_DIR="$T" AKT_FAULT_SET=read AKT_FAULT_HOW=int AKT_FAULT_AT=1 LD_PRELOAD="$shim")" '1 echo'

# --- many at once: everything acknowledged is there
before=$(as anna --json list hive | json 'len(d)')
export AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna
seq "${SAVES:-60}" | xargs -P 8 -I{} sh -c '"$0" new hive --set name=At{} >>"$1/new.{}" 2>>"$1/new.err" || echo "{}: $?" >>"$1/new.failed"' "$AKT" "$T"
is "${SAVES:-60} saves in parallel: none refused" "$(cat new.failed new.err 2>/dev/null)" ''
is 'all of them there, once' "$(as anna --json list hive | json "len(d) - $before")" "${SAVES:-60}"
seq $((${SAVES:-60} / 4)) | xargs -P 8 -I{} sh -c '"$0" set "$2" "tags.+=t{}" >/dev/null 2>>"$1/set.err" || echo "{}: $?" >>"$1/set.failed"' "$AKT" "$T" "$hive"
is 'in one record: each in turn' "$(cat set.failed set.err 2>/dev/null) $(field anna tags | json 'len(d)')" " $((${SAVES:-60} / 4))"
touch once.failed
for i in 1 2 3; do
	for c in "sync" "gc" "set $hive count=$i" "list" "verify" "new hive --set name=Both$i" "sync" "search Both"; do
		# shellcheck disable=SC2086
		("$AKT" $c >/dev/null 2>"once.$i.${c%% *}" || echo "$c: $? $(cat "once.$i.${c%% *}")" >>once.failed) & pids+=($!)
	done
	(as bo set "$hive" "notes=n$i" >/dev/null && as bo sync >/dev/null 2>&1) & pids+=($!)
	wait "${pids[@]}"; pids=()
done
is 'sync, gc, saves and reading at once: none fails' "$(norm <once.failed 2>/dev/null)" ''
for m in anna bo anna; do as $m sync >/dev/null; done
run anna verify --content --full
is 'and the store is sound' "$rc $(git -C anna fsck --strict --no-dangling 2>&1) $(git -C anna rev-parse main)" "0  $(git -C bo rev-parse main)"
is 'with all that was saved' "$(as bo --json list hive | json 'sum(r["title"].startswith("Both") for r in d)')" 3
finish
