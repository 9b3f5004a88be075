#!/bin/bash
# What a new user mistypes or does too early: said so that they know what to do instead.
. "$(dirname "$0")/lib.sh"
say() { out=$("$AKT" "$@" 2>&1 </dev/null | norm); rc=${PIPESTATUS[0]}; }
told() { is "akt $1" "$out" "akt: $2"; }
for w in 'lsit|no such command: lsit; do you mean akt list?' 'snyc|no such command: snyc; do you mean akt sync?' \
	'frobnicate|no such command: frobnicate; see: akt --help' 'x|no such command: x; see: akt --help' \
	'member|member is the beginning of: akt member add, akt member list, akt member role, akt member remove' \
	'help lsit|no such command: lsit; do you mean akt list?'; do
	say ${w%%|*}
	told "${w%%|*}" "${w#*|}"
done
is 'help of a command is its --help' "$("$AKT" help member add)" "$("$AKT" member add --help)"
is 'help alone is the overview' "$("$AKT" help)" "$("$AKT" --help)"
is 'each heading once' "$("$AKT" help | grep '^[A-Z]' | sort | uniq -d)" ''
hasnt 'what is for programs is not shown' "$("$AKT" help | grep '^  ')" '  complete'
for c in unlock 'id show' 'init s --name S'; do
	say $c
	told "$c" 'there is no identity on this device yet; make one with: akt id new'
done
say list
told list 'no store: stand in its folder, give -C STORE, or set AKT_STORE; akt alone says how to begin'
printf 'correct horse\n' >pass
AKT_PASSPHRASE_FILE=$T/pass tty -- "$AKT" id new --handle eva --device pc --work-factor 10
has 'on a terminal: where the identity is, and what the card is for' "$(norm <<<"$tty_out")" \
	'The identity is in config/akt/identity and stays there. Send the card to an admin: it is public.'
AKT_PASSPHRASE_FILE=$T/pass say unlock --for 90s
cleanups+=("'$AKT' lock")
is 'unlock says for how long' "$out" 'open for 2 minutes; akt lock forgets it'
"$AKT" lock

# a hub's folder that its maker kept for himself
unit anna
chmod 711 "$T" && cp "$AKT" akt && chmod 755 akt
mkdir -m 777 other
# root may look into everything
other_user=()
if [ "$(id -u)" = 0 ]; then other_user=(setpriv --reuid=65534 --regid=65534 --clear-groups); else chmod 0 hub.git; fi
cleanups+=("chmod 700 '$T/hub.git'")
# what a build for coverage counts goes where this user may write
nobody() { ${other_user[@]+"${other_user[@]}"} env HOME="$T/other" XDG_CONFIG_HOME="$T/other" ASAN_OPTIONS=detect_leaks=0 GCOV_PREFIX="$T/other/gcov" "$T/akt" "$@"; }
nobody id new --handle bo --device pc --no-passphrase >bo.card
nobody join "$T/hub.git" "$T/other/store" --fingerprint "$FINGERPRINT" >out 2>&1
is 'a hub that this user may not look into' "$? $(cat out)" \
	"6 akt: the hub's folder is closed to this user: whoever made it must let the others in (a group, or rights on the share)"
finish
