#!/bin/bash
# Completion: what the program offers, and the three shells' own scripts, driven as a person's Tab drives them.
. "$(dirname "$0")/lib.sh"
scripts=$(realpath "$HERE/../../completion")
unit anna
member anna bo --role staff --team unit
as anna team keepers --add anna >/dev/null
export AKT_STORE=$T/anna AKT_IDENTITY=$T/none
words() { "$AKT" complete -- "$@" | cut -f 1 | tr '\n' ' '; }

is 'the commands, each first word once' "$("$AKT" complete -- '' | cut -f 1 | sort | uniq -d; words '' | grep -o 'member')" member
is 'with what they do' "$("$AKT" complete -- unl)" 'unlock	Keep the identity open for a while'
is 'in Swedish' "$(AKT_LANG=sv "$AKT" complete -- member re)" 'remove	Avsluta ett medlemskap'
is 'second words' "$(words member '')" 'add list role remove '
is 'types, without any key' "$(words new '')" "$(ls "$TOY/schema" | sed -n 's/\.yaml$//p' | cat - <(echo approval) | sort | tr '\n' ' ')"
is 'fields of the type' "$(words new hive --set na)" 'name= '
is 'of a record, by its id' "$(words set hive-abc 'kin' )" 'kind= '
is 'values of a field that has a list of them' "$(words new hive --set kind=)" 'kind=langstroth kind=warre kind=top_bar '
is 'teams' "$(words team '')" 'keepers logg unit '
is 'members' "$(words exposure '')" 'anna bo '
is 'both, where access is given' "$(words access x --grant '')" 'keepers logg unit anna bo '
is 'devices' "$(words device revoke '')" 'anna.pc bo.pc '
is 'hubs' "$(words sync '')" 'hub '
is 'grounds for erasure' "$(words erase x --basis '')" 'gdpr sol '
is 'roles' "$(words member add card --role s)" 'supervisor staff '
is 'choices' "$(words init d --name x --language '')" 'sv en '
is 'options, each once' "$(words resolve x y --take 1 --)" '--value --drop --why --json --help '
is 'those that repeat again' "$(words member add c --team unit --t)" '--team '
is 'the record used last' "$(words show '')" '@ '
is 'files' "$(words member add '')" ':files '
is 'folders' "$(words -C '')" ':dirs '
is 'a plain file where a schema was given' "$(words check --schema s '')" ':files '
is 'nothing after the last argument' "$(words show @ '')" ''
is 'nothing for a command that there is not' "$(words frobnicate '')" ''
is 'behind -C the store of that name' "$(words -C "$T/nowhere" new '')" ''
is 'no store: commands all the same' "$(AKT_STORE='' words ver)" 'verify '
is 'records are not listed' "$(words show hive)" ''
AKT_STORE='' "$AKT" complete -- new '' >out 2>err
is 'and no complaint where there is no store' "$? $(cat out err)" '0 '

# bash: its own function, as readline calls it
cat >drive.bash <<'END'
. "$1"
PATH=$2:$PATH
shift 2
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$* COMP_POINT=${#COMP_LINE}
_akt
printf '%s ' "${COMPREPLY[@]}"
END
mkdir bin && ln -s "$AKT" bin/akt
in_bash() { bash --norc drive.bash "$scripts/akt.bash" "$T/bin" "$@"; }
is 'bash: a command' "$(in_bash akt unl)" 'unlock '
is 'bash: a type' "$(in_bash akt new insp)" 'inspection '
is 'bash: a value behind =, which bash cuts off' "$(in_bash akt new hive --set kind = t)" 'top_bar '
is 'bash: the next field' "$(in_bash akt new hive --set kind = round --set na)" 'name= '
is 'bash: files' "$(in_bash akt member add anna.c)" 'anna.card '

# zsh and fish: the same on a terminal of theirs
cat >"$T/drive.py" <<'END'
import os, pty, re, select, sys, time
shell, typed = sys.argv[1].split(), sys.argv[2]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", COLUMNS="200")
    os.execvp(shell[0], shell)
def read_until(text, seconds):
    seen, end = "", time.time() + seconds
    while time.time() < end and text not in seen:
        if select.select([fd], [], [], 0.1)[0]:
            try: seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[^\x20-\x7e]", "", os.read(fd, 65536).decode("utf-8", "replace"))
            except OSError: break
    return seen
read_until("READY", 20)
os.write(fd, typed.encode() + b"\t")
seen = read_until(sys.argv[3], 10)
print("yes" if sys.argv[3] in seen else repr(seen))
os.kill(pid, 9)
END
mkdir zdot && cat >zdot/.zshrc <<END
PATH=$T/bin:\$PATH
autoload -U compinit && compinit -D -u
. $scripts/akt.zsh
PROMPT='READY> '
END
in_zsh() { ZDOTDIR=$T/zdot "$PYTHON" drive.py 'zsh -i' "$@"; }
is 'zsh: a command' "$(in_zsh 'akt unl' 'unlock')" yes
is 'zsh: a type' "$(in_zsh 'akt new insp' 'inspection')" yes
is 'zsh: a field' "$(in_zsh 'akt new hive --set na' 'name=')" yes
is 'fish: a command' "$(PATH=$T/bin:$PATH fish --no-config -c ". $scripts/akt.fish; complete -C 'akt unl'")" 'unlock	Keep the identity open for a while'
is 'fish: a type, with its label' "$(PATH=$T/bin:$PATH fish --no-config -c ". $scripts/akt.fish; complete -C 'akt new insp'")" 'inspection	Inspection'
is 'fish: a file' "$(PATH=$T/bin:$PATH fish --no-config -c ". $scripts/akt.fish; complete -C 'akt member add anna.c'")" 'anna.card'
finish
