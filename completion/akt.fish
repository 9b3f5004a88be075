# fish completion for akt: the program itself knows what may be typed.
function __akt_words
	set -l typed (commandline -opc) (commandline -ct)
	for line in (command $typed[1] complete -- $typed[2..-1] 2>/dev/null)
		switch $line
			case :files
				__fish_complete_path (commandline -ct)
			case :dirs
				__fish_complete_directories (commandline -ct)
			case '*'
				echo $line
		end
	end
end
complete -c akt -f -a '(__akt_words)'
