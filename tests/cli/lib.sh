# Scenario tests through the real program. Sourced by test_*.sh, which tests/run runs with AKT=path of the
# program. Everything happens in a folder of its own, with machines that share nothing but a hub.
#
#   machine anna               an identity without passphrase, AKT_STORE $T/anna
#   as anna show @             the program as that machine
#   run anna show @            the same, kept in $out, $err, $rc
#   is 'name' GOT WANT         one test
#   run ...; gives 'name' STATUS 'stdout' 'stderr'     exact, after `norm`
#   finish                     the plan; last line of every scenario
# Run one alone with: AKT=build/san/akt tests/cli/test_record.sh
set -u
: "${AKT:?the program to test}"
AKT=$(realpath "$AKT")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOY=$(dirname "$HERE")/toy
# In memory where there is room: waiting for the disk is most of what these tests do on one.
room() { [ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 400000 ]; }
T=$(mktemp -d "$(room && echo /dev/shm || echo "${TMPDIR:-/tmp}")/akt-cli-XXXXXX")
PYTHON=$( [ -x /usr/bin/python3 ] && echo /usr/bin/python3 || command -v python3 )
pids=() cleanups=()
clean_up() {
	local c p
	for p in ${pids[@]+"${pids[@]}"}; do kill "$p" 2>/dev/null; done
	for c in ${cleanups[@]+"${cleanups[@]}"}; do eval "$c"; done
	rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# Nothing of the machine that tests: no configuration, no agent, no colours, one language.
export HOME=$T XDG_CONFIG_HOME=$T/config GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export AKT_LANG=en LC_ALL=C.UTF-8 TZ=Europe/Stockholm NO_COLOR=1 GIT_TERMINAL_PROMPT=0
unset AKT_STORE AKT_IDENTITY AKT_PASSPHRASE_FILE VISUAL EDITOR GIT_DIR SSH_AUTH_SOCK LANGUAGE
cd "$T" || exit 1

n=0 bad=0
ok() { n=$((n + 1)); echo "ok $n - $1"; }
nok() { # name, what differs
	n=$((n + 1)) bad=$((bad + 1))
	echo "not ok $n - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /' | head -n 60
}
is() {
	if [ "$2" = "$3" ]; then ok "$1"; else
		nok "$1" "$(printf 'got:\n%s\nwant:\n%s' "$2" "$3")"
	fi
}
isnt() { if [ "$2" != "$3" ]; then ok "$1"; else nok "$1" "both: $2"; fi; }
has() { case $2 in *"$3"*) ok "$1" ;; *) nok "$1" "$(printf 'got:\n%s\nwants in it:\n%s' "$2" "$3")" ;; esac; }
hasnt() { case $2 in *"$3"*) nok "$1" "$(printf 'got:\n%s\nnot in it:\n%s' "$2" "$3")" ;; *) ok "$1" ;; esac; }
# A condition: succeeds 'name' COMMAND...
succeeds() { local name=$1 o; shift; if o=$("$@" 2>&1); then ok "$name"; else nok "$name" "$* : $? $o"; fi; }
fails() { local name=$1 o; shift; if o=$("$@" 2>&1); then nok "$name" "$* succeeded: $o"; else ok "$name"; fi; }
finish() { echo "1..$n"; [ $bad -eq 0 ]; exit; }

machine() { AKT_IDENTITY=$T/$1.id "$AKT" id new --handle "${1%%.*}" --device "${2:-pc}" --no-passphrase >"$T/$1.card"; }
as() { local m=$1; shift; AKT_IDENTITY=$T/$m.id AKT_STORE=$T/$m "$AKT" "$@"; }
run() {
	as "$@" >"$T/.out" 2>"$T/.err" </dev/null
	rc=$?
	out=$(norm <"$T/.out") err=$(norm <"$T/.err")
}
# What is random or tells the time, by its kind; `mask VALUE NAME` adds a name for one value.
masks=()
mask() { masks+=(-e "s/$1/$2/g"); }
norm() {
	sed -E "s,$T/,,g; s,$TOY,TOY,g" | sed ${masks[@]+"${masks[@]}"} -e 's/^$/&/' | sed -E \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/TIME/g' \
		-e 's/\b[0-9a-f]{64}\b/SHA256/g' -e 's/\b[0-9a-f]{40}\b/COMMIT/g' -e 's/^[0-9a-f]{12}  /COMMIT12  /' \
		-e 's/\b(hive|person|inspection|treatment|sighting)-[0-9a-hjkmnp-tv-z]{8}\b/\1-ID/g' \
		-e 's,/[0-9a-f]{8}\.yaml,/EPOCH.yaml,g' \
		-e 's/: (No such file or directory|Filen eller katalogen finns inte)$/: ENOENT/' \
		-e 's/("(dossier|store)":")[0-9a-hjkmnp-tv-z]{10}"/\1DOSSIER"/g' \
		-e 's/^((dossier|store):? )[0-9a-hjkmnp-tv-z]{10}$/\1DOSSIER/' \
		-e 's/^((hive|person|inspection|treatment|sighting)-[^ ]+ +)[0-9]{4}-[0-9]{2}-[0-9]{2}  /\1DAY  /'
}
gives() {
	local want
	want=$(printf 'exit %s\n--- stdout\n%s\n--- stderr\n%s' "$2" "${3-}" "${4-}")
	is "$1" "$(printf 'exit %s\n--- stdout\n%s\n--- stderr\n%s' "$rc" "$out" "$err")" "$want"
}
# One value of a JSON document on standard input: json 'd["id"]'
json() { "$PYTHON" -c 'import json, sys
try: d = json.load(sys.stdin)
except ValueError as x: sys.exit(f"# no JSON: {x}")
v = eval(sys.argv[1])
print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, sort_keys=True))' "$1"; }
# The keys of a mapping in order, of each kind of JSON answer.
keys() { json '" ".join(sorted(d.keys()))'; }

# A store with the toy domain at $T/$1, made by machine $1, with a hub at $T/hub.git.
unit() {
	machine "$1"
	as "$1" --json init "$T/$1" --name Apiary --language en --schema "$TOY/schema" >"$T/init.json" || echo "# init failed"
	FINGERPRINT=$(json 'd["fingerprint"]' <"$T/init.json")
	"$AKT" hub "$T/hub.git" >/dev/null && as "$1" remote add hub "$T/hub.git" >/dev/null && as "$1" sync >/dev/null ||
		echo "# hub failed"
}
# machine $2 becomes a member by machine $1 and joins: member anna bo --role staff --team unit
member() {
	local admin=$1 m=$2
	shift 2
	machine "$m"
	as "$admin" member add "$T/$m.card" "$@" >/dev/null && as "$admin" sync >/dev/null &&
		as "$m" join "$T/hub.git" "$T/$m" --fingerprint "$FINGERPRINT" >/dev/null || echo "# $m did not join"
}

# Golden transcripts: `step anna show @` compares what the program says, word for word, with the next
# block of golden/NAME.LANG. UPDATE=1 writes the file anew: read the difference before you commit it.
golden() {
	golden_file=$HERE/golden/$1.$AKT_LANG golden_n=0
	[ -z "${UPDATE-}" ] || { mkdir -p "$HERE/golden"; : >"$golden_file"; }
	[ -e "$golden_file" ]
}
step() {
	local block want shown=$*
	run "$@"
	golden_n=$((golden_n + 1))
	block=$(printf '$ akt %s\n' "$(printf '%s' "${shown#* }" | norm)"
		[ -z "$out" ] || printf '%s\n' "$out"
		[ -z "$err" ] || printf '%s\n' "$err" | sed 's/^/! /'
		printf '= %s' "$rc")
	[ -z "${UPDATE-}" ] || printf '%s\n' "$block" >>"$golden_file"
	want=$(awk -v k=$golden_n '/^\$ akt / {i++} i == k {print}' "$golden_file")
	is "$AKT_LANG: akt $(printf '%s' "${shown#* }" | norm | head -n 1)" "$block" "$want"
}
golden_done() {
	is "$AKT_LANG: every step of ${golden_file##*/} was taken" "$golden_n" "$(grep -c '^\$ akt ' "$golden_file")"
}

# On a terminal of its own: tty 'PROMPT=answer'... -- COMMAND...; $tty_out is what the terminal showed
# and $rc the status.
tty() { tty_out=$("$PYTHON" "$HERE/terminal.py" "$@"); rc=$?; }
