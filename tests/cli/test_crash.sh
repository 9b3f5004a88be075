#!/bin/bash
# kill -9 at random moments of saves, imports and syncs; Ctrl-C; full disks. What was acknowledged (exit 0)
# is there afterwards, nothing is half done, and the next command works.
. "$(dirname "$0")/lib.sh"
RANDOM=7
unit anna
as anna team apiary --add anna >/dev/null
member anna bo --role staff --team unit --team apiary
as anna sync >/dev/null
hive=$(as anna new hive --set name=North --set count=0)
field() { as "$1" show "$hive" | sed -n "s/^  $2: //p"; }
ms() { echo $(($(date +%s%N) / 1000000)); }
# Runs a command and kills it after a random part of 1.2 times $1 milliseconds; its status, 137 killed.
killed() {
	local most=$(($1 * 12 / 10)) pid wait
	shift
	wait=$((RANDOM * most / 32768))
	"$@" >/dev/null 2>&1 </dev/null &
	pid=$!
	sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	return $?
}
prog() { # as, without the shell between, so that the kill hits the program
	local m=$1
	shift
	AKT_IDENTITY=$T/$m.id AKT_STORE=$T/$m exec "$AKT" "$@"
}
whole() { # 'name' MACHINE: the store is sound
	local got
	got=$({ git -C "$2" fsck --strict --no-dangling; git -C "$2/akt/keys.git" fsck --strict --no-dangling; } 2>&1 | grep -v '^notice: HEAD points to an unborn branch'
		as "$2" check 2>&1 | sed -E 's/^[0-9]+ records? (is|are) valid$//'; as "$2" verify --content --full 2>&1 >/dev/null)
	is "$1" "$got" ''
}

# --- saves
t0=$(ms); as anna set "$hive" count=1 >/dev/null; each=$(($(ms) - t0))
acked=1 lost='' kills=0
for i in $(seq 2 26); do
	killed $each prog anna set "$hive" count="$i"
	case $? in 0) acked=$i ;; 137) kills=$((kills + 1)) ;; *) lost+=" [$i: status $?]" ;; esac
	have=$(field anna count 2>&1)
	# what was killed may have been saved or not; nothing older than the last acknowledged stands
	[ "$have" = $acked ] || [ "$have" = "$i" ] || lost+=" [$i: $have, acknowledged $acked]"
	[ "$have" = "$i" ] && acked=$i
done
is "saves: $kills of 25 killed, nothing acknowledged lost" "$lost" ''
run anna set "$hive" count=100
gives 'saves: the next one works' 0 hive-ID
whole 'saves: the store is sound' anna

# --- a lock that a dead program left, of ours or git's
touch anna/refs/heads/main.lock anna/akt/keys.git/refs/akt/keys.lock
run anna new hive --set name=Locked
gives 'a stale lock of a ref is taken over' 0 hive-ID
fails 'and gone' test -e anna/refs/heads/main.lock

# --- imports: all or nothing
bulk() { # FOLDER N: so many plain records
	local i
	mkdir -p "$1"
	for i in $(seq "$2"); do
		printf 'akt: 1\ntype: hive\nv: 1\nid: hive-%s%03d\ndossier: 0000000000\ncreated: {at: 2020-01-01T00:00:00Z, by: anna}\nupdated: {at: 2020-01-01T00:00:00Z, by: anna}\ndata: {name: "%s %d", notes: "%0200d"}\n' \
			"$1" "$i" "$1" "$i" 0 >"$1/$i.yaml"
	done
}
bulk aaa 30
t0=$(ms); as anna import aaa >/dev/null; each=$(($(ms) - t0))
wrong=''
for i in b c d e f g h i; do
	bulk $i$i$i 30
	before=$(git -C anna rev-parse main)
	killed $each prog anna import $i$i$i; rc=$?
	have=$(as anna --json list | json "sum(r['id'].startswith('hive-$i$i$i') for r in d)")
	case $rc:$have in 0:30 | 137:0 | 137:30) ;; *) wrong+=" [$i: status $rc, $have records]" ;; esac
	[ "$have" != 0 ] || [ "$(git -C anna rev-parse main)" = "$before" ] || wrong+=" [$i: main moved]"
done
is 'imports: all or nothing' "$wrong" ''
run anna import iii
is 'imports: again brings the rest' "$rc $(as anna --json list | json "sum(r['id'].startswith('hive-iii') for r in d)")" '0 30'
whole 'imports: the store is sound' anna

# --- syncs, both ends saving
as anna sync >/dev/null; as bo sync >/dev/null
t0=$(ms); as anna set "$hive" site=x >/dev/null; as bo set "$hive" count=1000 >/dev/null; as bo sync >/dev/null
t0=$(ms); as anna sync >/dev/null; each=$(($(ms) - t0))
wrong='' kills=0
for i in $(seq 16); do
	as anna set "$hive" "site=s$i" >/dev/null || wrong+=" [$i: anna cannot save]"
	as bo set "$hive" count=$((1000 + i)) >/dev/null || wrong+=" [$i: bo cannot save]"
	[ $((i % 2)) = 0 ] && as bo sync >/dev/null 2>&1
	killed $each prog anna sync
	[ $? = 137 ] && kills=$((kills + 1))
	[ "$(field anna site)" = "s$i" ] || wrong+=" [$i: anna's save is gone]"
done
is "syncs: $kills of 16 killed, nothing saved lost" "$wrong" ''
for m in anna bo anna; do as $m sync >/dev/null 2>$m.err || wrong+=" $m: $(cat $m.err)"; done
is 'syncs: the next ones work' "$wrong" ''
is 'syncs: equal in the end' "$(git -C anna rev-parse main) $(field anna count) $(field bo site)" \
	"$(git -C bo rev-parse main) 1016 s16"
is 'syncs: no side ref stays' "$(git -C anna for-each-ref --format='%(refname)' refs/akt/in refs/akt/out)" ''
whole 'syncs: the store is sound' anna
is 'syncs: so is the hub' "$(git -C hub.git fsck --strict --no-dangling 2>&1)" ''

# --- joins
t0=$(ms); AKT_IDENTITY=$T/bo.id AKT_STORE=$T/bo2 "$AKT" join "$T/hub.git" "$T/bo2" --fingerprint "$FINGERPRINT" >/dev/null; each=$(($(ms) - t0))
rm -rf bo2
(AKT_IDENTITY=$T/bo.id killed $((each / 2)) "$AKT" join "$T/hub.git" "$T/bo2" --fingerprint "$FINGERPRINT")
rm -rf bo2.keep; [ ! -e bo2 ] || mv bo2 bo2.keep
run bo join "$T/hub.git" "$T/bo2" --fingerprint "$FINGERPRINT"
is 'a join that was killed can be made again elsewhere' "$rc" 0

# --- Ctrl-C
bulk zzz 2500
before=$(git -C anna rev-parse main)
AKT_IDENTITY=$T/anna.id AKT_STORE=$T/anna "$AKT" import zzz >int.out 2>int.err & pid=$!
sleep 0.4; kill -INT $pid; wait $pid; rc=$?
is 'Ctrl-C in an import' "$rc $(cat int.out int.err)" '1 akt: stopped; nothing was imported'
is 'leaves nothing' "$(git -C anna rev-parse main)" "$before"
run anna set "$hive" site=after
is 'and the store open' "$rc" 0

# --- a full disk
mkdir small
if mount -t tmpfs -o size=6m tmpfs small 2>/dev/null; then
	cleanups+=("umount -l '$T/small'")
	how='a disk of 6 MB'
	fill() { rm -f small/filler; local free=$(($(df --output=avail -k small | tail -n 1) - $1)); dd if=/dev/zero of=small/filler bs=1k count=$free 2>/dev/null; }
	limit() { AKT_IDENTITY=$T/cleo.id AKT_STORE=$T/small/cleo "$AKT" "$@"; }
else
	# no right to mount: files may not grow beyond a few hundred bytes
	how='files that may not grow'
	fill() { most=$(($1 / 4 + 1)); }
	limit() { (trap '' XFSZ; ulimit -f "$most"; AKT_IDENTITY=$T/cleo.id AKT_STORE=$T/small/cleo "$AKT" "$@"); }
fi
machine cleo
AKT_IDENTITY=$T/cleo.id "$AKT" init "$T/small/cleo" --name Small --schema "$TOY/schema" >/dev/null
first=$(AKT_IDENTITY=$T/cleo.id AKT_STORE=$T/small/cleo "$AKT" new hive --set name=First)
mv small/cleo cleo.keep; cp -a cleo.keep small/cleo
wrong='' refused=0 saved=1
printf '%020000d\n' 0 >long.txt
for kb in 0 8 16 32 48 64 80 96 112 128 192 256; do
	fill $kb
	limit new hive --set "name=N$kb" --set notes=@long.txt >full.out 2>full.err; rc=$?
	case $rc in
	0) saved=$((saved + 1)) ;;
	5) refused=$((refused + 1)); grep -Eq '^akt: .*(No space left on device|File too large)$' full.err || wrong+=" [$kb: $(cat full.err)]" ;;
	*) wrong+=" [$kb: status $rc $(cat full.err)]" ;;
	esac
	limit show "${first:0:9}" >/dev/null 2>full.err || wrong+=" [$kb: cannot read: $(cat full.err)]"
	rm -f small/filler
	have=$(AKT_IDENTITY=$T/cleo.id AKT_STORE=$T/small/cleo "$AKT" --json list | json 'len(d)')
	[ "$have" = $saved ] || wrong+=" [$kb: $have records, $saved acknowledged]"
done
is "$how: $refused of 12 saves refused with the reason, all others there" "$wrong" ''
is 'some were refused and some not' "$((refused > 0)) $((saved > 1))" '1 1'
ln -s small/cleo cleo
run cleo new hive --set name=Room
is 'with room again, saving works' "$rc" 0
whole 'and the store is sound' cleo
as cleo new hive --set name=Last >/dev/null
if mount -o remount,ro small 2>/dev/null; then
	run cleo show hive:last
	is 'a disk that takes nothing can be read' "$rc $err" '0 '
	run cleo set hive:last count=1
	gives 'and not written' 5 '' 'akt: cannot open cleo/akt/lock: Read-only file system'
else
	ok 'no disk to make read-only here: see the one whose files may not grow'
	ok 'the same'
fi
finish
