#!/bin/bash
# What only a terminal gets: colours, a pager, and a line about what takes long.
. "$(dirname "$0")/lib.sh"
unset NO_COLOR PAGER LESS
export TERM=xterm
machine anna
as anna init "$T/anna" --name Apiary --language en --schema "$TOY/schema" >/dev/null
export AKT_STORE=$T/anna AKT_IDENTITY=$T/anna.id
for i in 1 2 3 4 5 6; do "$AKT" new hive --set "name=H$i" >/dev/null; done
h=$("$AKT" new hive --set name=North --set count=1)
"$AKT" set "$h" count=2 >/dev/null
esc=$(printf '\033[')

# --- colours
tty -- "$AKT" diff "$h"
is 'on a terminal the old value is red, the new one green' "${tty_out//$esc/E}" '    count: E31m1E0m → E32m2E0m'
for c in list log 'log @' 'show @' check status; do
	hasnt "akt $c: none in a pipe" "$("$AKT" $c 2>&1)" "$esc"
done
tty -- env NO_COLOR=1 "$AKT" diff "$h"
hasnt 'none with NO_COLOR' "$tty_out" "$esc"
tty -- env NO_COLOR= "$AKT" diff "$h"
has 'an empty NO_COLOR says nothing' "$tty_out" "$esc"
tty -- env TERM=dumb "$AKT" diff "$h"
hasnt 'none on a terminal without' "$tty_out" "$esc"
tty -- "$AKT" --json diff "$h"
hasnt 'none in JSON' "$tty_out" "$esc"

# --- what a terminal would obey, from whoever wrote it
odd=$(printf 'A\033]0;title\007\r\342\200\256z\302\233.yaml') turned=$(printf 'West\342\200\256tsew')
shown=$(printf 'A\357\277\275]0;title\357\277\275\357\277\275\357\277\275z\357\277\275.yaml')
printf 'name: [' >"$odd"
tty -- env NO_COLOR=1 "$AKT" check --schema "$TOY/schema/hive.yaml" "$odd"
is 'a file name moves no cursor' "$rc ${tty_out%%:*}" "3 $shown"
is 'and is what it is elsewhere' "$("$AKT" check --schema "$TOY/schema/hive.yaml" "$odd" | head -n 1 | cut -d: -f1)" "$odd"
"$AKT" set "$h" "name=$turned" >/dev/null
tty -- "$AKT" list
has 'a title turns nothing round' "$tty_out" "$(printf 'West\357\277\275tsew')"
has 'nor in colour' "$(unset NO_COLOR; tty -- "$AKT" list; printf %s "${tty_out//$esc/E}")" "$(printf 'E0m  ')"
PAGER='sed s/^/paged:/' tty -- sh -c 'stty rows 5 cols 100; exec "$@"' sh "$AKT" list
has 'nor in a pager' "$tty_out" "$(printf 'West\357\277\275tsew')"
has 'elsewhere it is what was written' "$("$AKT" list)" "$turned"
"$AKT" set "$h" name=North >/dev/null
unset -v odd turned shown

# --- the pager
export NO_COLOR=1
small() { tty -- sh -c 'stty rows 5 cols 100; exec "$@"' sh "$@"; }
PAGER='sed s/^/paged:/' small "$AKT" list
is 'what is longer than the screen goes through PAGER' "$rc $(grep -c '^paged:hive-' <<<"$tty_out") $(wc -l <<<"$tty_out")" '0 7 7'
PAGER='sed s/^/paged:/' tty -- "$AKT" list
is 'what is not, does not' "$(grep -c paged: <<<"$tty_out")" 0
is 'nothing does in a pipe' "$(PAGER='sed s/^/paged:/' "$AKT" log | grep -c paged:)" 0
PAGER='sed s/^/paged:/' small "$AKT" --json log
hasnt 'nor JSON' "$tty_out" paged:
PAGER='env | grep ^LESS; cat >/dev/null' small "$AKT" list
is 'less keeps no history and starts nothing: it is confidential' "$(sort <<<"$tty_out")" 'LESS=FRX
LESSHISTFILE=-
LESSSECURE=1'
for p in '' cat /nowhere/pager; do
	PAGER=$p small "$AKT" list
	is "PAGER=$p: shown all the same" "$rc $(grep -c '^hive-' <<<"$tty_out")" '0 7'
done
PAGER='head -n 1' small "$AKT" log
is 'who leaves the pager early leaves' "$rc $(grep -c 'hive-' <<<"$tty_out")" '0 1'
PAGER='sed s/^/paged:/' small "$AKT" status
hasnt 'what must be seen at once is not paged' "$tty_out" paged:

# --- what takes over a second
mkfifo slow
late() { (sleep 2; printf 'name: North\n' >"$T/slow") & tty -- "$@"; wait $!; }
late "$AKT" check --schema "$TOY/schema/hive.yaml" slow
has 'what takes over a second says so' "$tty_out" 'working '
is 'and takes it away again' "$(tail -n 1 <<<"$tty_out" | sed "s/.*${esc//[/\\[}K//")" '1 record is valid'
(sleep 2; printf 'name: North\n' >slow) &
"$AKT" check --schema "$TOY/schema/hive.yaml" slow >out 2>err
is 'not where it is no terminal' "$(cat out err)" '1 record is valid'
tty -- "$AKT" check
hasnt 'nor what takes less' "$tty_out" working
printf '#!/bin/sh\nsleep 2\n' >editor && chmod +x editor
VISUAL=$T/editor tty -- "$AKT" edit "$h"
hasnt 'nor while an editor has the terminal' "$tty_out" working
printf 'correct horse\n' >pass
AKT_IDENTITY=$T/locked.id AKT_PASSPHRASE_FILE=$T/pass "$AKT" id new --handle bo --device pc --work-factor 10 >/dev/null
AKT_IDENTITY=$T/locked.id TERMINAL_WAIT=2 tty 'Passphrase: =' -- "$AKT" id show
hasnt 'nor while a question stands there' "$tty_out" working
finish
