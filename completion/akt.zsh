#compdef akt
# zsh completion for akt: the program itself knows what may be typed.
_akt() {
	local line word
	local -a plain fields
	while IFS= read -r line; do
		case $line in
		:files) _files; return ;;
		:dirs) _files -/; return ;;
		esac
		word=${line%%$'\t'*}
		# _describe takes WORD:DESCRIPTION
		[[ $line == *$'\t'* ]] && line=${word//:/\\:}:${line#*$'\t'} || line=${word//:/\\:}
		if [[ $word == *= ]]; then fields+=("$line"); else plain+=("$line"); fi
	done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
	(( ${#plain} )) && _describe akt plain
	(( ${#fields} )) && _describe akt fields -S ''
}
if [[ $funcstack[1] == _akt ]]; then _akt "$@"; else compdef _akt akt; fi
