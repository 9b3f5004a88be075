# The unit that the texts speak of. Sourced by run.

# Who reads the text, from here on.
i_am() { export HOME=$W/$1; unset AKT_STORE AKT_IDENTITY; cd "$HOME"; }

# eva founds it, bo is supervisor; nobody else is there yet.
unit_begins() {
	set -e
	eva akt id new --handle eva --device kontor >"$W/eva/eva.card"
	eva akt --json init akt --name "Barn och ungdom" --language sv >"$W/eva/init.json"
	sed 's/.*"fingerprint":"\([0-9a-f]*\)".*/\1/' "$W/eva/init.json" >"$W/fingerprint"
	eva akt hub "$W/usb/akt"
	eva akt remote add hub "$W/usb/akt"
	bo akt id new --handle bo --device kontor >"$W/bo/bo.card"
	eva akt member add "$W/bo/bo.card" --role supervisor --team unit
	for team in ledning samordnare bitr_chef; do eva akt team $team --add bo; done
	for team in placering administration; do eva akt team $team --add eva; done
	eva akt import "$RECORDS/staff"
	eva akt import "$RECORDS/providers"
	eva akt set staff-b002 handle=bo --why "börjar"
	eva akt sync
	bo akt join "$W/usb/akt" akt --fingerprint "$(cat "$W/fingerprint")"
}
# The administrator takes anna in, whose card lies in her folder, with her cases.
anna_is_let_in() {
	eva akt sync
	eva akt member add "$W/anna/anna.card" --role staff --team unit
	eva akt set staff-h017 handle=anna --why "börjar"
	eva akt import "$RECORDS/case-outside-framework"
	eva akt sync
}
# anna has a machine and works on it.
anna_works() {
	anna akt id new --handle anna --device laptop >"$W/anna/anna.card"
	anna_is_let_in
	anna akt join "$W/usb/akt" akt --fingerprint "$(cat "$W/fingerprint")"
}

# --- the README's own days: from nothing

readme_begins() {
	rm -rf "$W/usb/akt" "$W"/*/akt "$W"/*/.config
	i_am anna
}
readme_founder() {
	i_am eva
	cp "$W/anna/anna.card" .
	bo akt id new --handle bo --device kontor >bo.card
	cp -r "$RECORDS" records
	# what is shown once is read off the screen
	akt() { if [ "$1" = init ]; then command akt "$@" | tee secret; else command akt "$@"; fi; }
}
readme_members() {
	unset -f akt
	FINGERPRINT=$(grep -xE '[0-9a-f]{64}' secret)
	sed -n '/BEGIN OPENSSH/,$p' secret | sed '/^AGE-SECRET-KEY-/q' >recovery
	bo akt join "$W/usb/akt" akt --fingerprint "$FINGERPRINT"
}
readme_staff() {
	i_am anna
	cp "$DOCS/besok.yaml" .
	printf '#!/bin/sh\nsed -i s/2027-04-30/2027-05-31/ "$1"\n' >editor && chmod +x editor
	export VISUAL=$PWD/editor
	# the editor wants a terminal
	akt() { if [ "$1" = edit ]; then "$PYTHON" "$TERMINAL" -- akt "$@"; else command akt "$@"; fi; }
}
readme_supervisor() {
	unset -f akt
	i_am bo
	akt set placement-syn0088 planned_end_on=2027-06-15 --why "läsåret ut"
}
readme_work() {
	i_am bo
}
readme_auditor() {
	i_am rev
	cp "$W/bo/checkpoint.txt" .
}
readme_recovery() {
	i_am eva
	akt sync
	mkdir -p "$W/anna2" && HOME=$W/anna2 akt id new --handle anna --device padda >anna-new.card
}
