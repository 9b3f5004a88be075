#!/bin/bash
# What a hostile reader tried: each of these once crashed, lost, leaked or said the wrong thing.
. "$(dirname "$0")/lib.sh"
# envelope TYPE ID DATA [LINE]...
envelope() {
	printf 'akt: 1\ntype: %s\nv: 1\nid: %s\n' "$1" "$2"
	printf 'created: {at: 2020-01-01T00:00:00Z, by: anna}\nupdated: {at: 2020-01-01T00:00:00Z, by: anna}\ndata: %s\n' "$3"
	shift 3
	[ $# -eq 0 ] || printf '%s\n' "$@"
}
dossier_of() { as "$1" --json show "$2" | json 'd["dossier"]'; }
unit anna
member anna bo --role staff --team unit
as anna team apiary --add anna --add bo >/dev/null
as anna sync >/dev/null && as bo sync >/dev/null

# --- a record's open conflicts have a form, which what reads them relies on
for c in '[1]' '[null]' '[{path: 3, values: []}]' '[{path: name}]' '[{path: name, values: 3}]' '[{path: name, values: []}]' \
	'[{path: name, values: [1]}]' '[{path: name, values: [{value: a, at: 3, by: anna}]}]' \
	'[{path: name, values: [{value: a, at: 2020-01-01T00:00:00Z, by: anna}], more: 1}]' \
	'[{path: name, values: [{absent: false, at: 2020-01-01T00:00:00Z, by: anna}]}]'; do
	mkdir -p conflicts && envelope hive hive-conf '{name: X}' "conflicts: $c" >conflicts/a.yaml
	run anna import conflicts
	gives "import refuses conflicts: $c" 3 '' \
		'conflicts/a.yaml:8:13: conflicts: holds something else than a path and the values that stand open there'
done
envelope hive hive-conf '{name: X}' 'conflicts: [{path: name, locked: true, values: [{value: X, at: 2020-01-01T00:00:00Z, by: anna}, {absent: true, at: 2020-01-01T00:00:00Z, by: bo}]}]' >conflicts/a.yaml
run anna import conflicts
is 'import takes open conflicts along' "$rc" 0
is 'conflicts: both values' "$(as anna --json conflicts | json '[(x["record"], x["path"], len(x["values"])) for x in d]')" '[["hive-conf", "name", 2]]'
finish
