# A real sshd and git-http-backend behind lighttpd, for what goes over a net. Sourced after lib.sh.
#
#   serve_ssh              ssh://$SSH_AT$PATH reaches any repository; $ssh_port
#   serve_http [USERS]     so does http://$HTTP_AT$PATH, for who is in the file USERS, else for anybody; $http_port
free_port() { "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
up() { local i; for i in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.05; done; echo "# no server at $1"; }

serve_ssh() {
	ssh_port=$(free_port)
	mkdir -m 700 "$T/ssh" "$T/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$T/ssh/host"
	ssh-keygen -q -t ed25519 -N '' -f "$T/.ssh/id_ed25519"
	cp "$T/.ssh/id_ed25519.pub" "$T/ssh/authorized"
	echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$T/ssh/host.pub")" >"$T/.ssh/known_hosts"
	cat >"$T/ssh/config" <<-END
	Port $ssh_port
	ListenAddress 127.0.0.1
	HostKey $T/ssh/host
	AuthorizedKeysFile $T/ssh/authorized
	PidFile none
	StrictModes no
	UsePAM no
	PermitRootLogin yes
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	MaxStartups 100
	END
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	/usr/sbin/sshd -D -e -f "$T/ssh/config" 2>"$T/sshd.log" & pids+=($!)
	up "$ssh_port"
	SSH_AT=$(id -un)@127.0.0.1:$ssh_port
	export GIT_SSH_COMMAND="ssh -i $T/.ssh/id_ed25519 -o IdentitiesOnly=yes -o UserKnownHostsFile=$T/.ssh/known_hosts"
}

serve_http() {
	local login=${1-}
	http_port=$(free_port)
	{
		cat <<-END
		server.modules = ("mod_alias", "mod_setenv", "mod_auth", "mod_authn_file", "mod_cgi")
		server.port = $http_port
		server.bind = "127.0.0.1"
		server.document-root = "$T"
		server.errorlog = "$T/lighttpd.log"
		alias.url = ("/git" => "$(git --exec-path)/git-http-backend")
		END
		[ -z "$login" ] || printf 'auth.backend = "plain"\nauth.backend.plain.userfile = "%s"\n' "$login"
		echo '$HTTP["url"] =~ "^/git" {'
		echo ' cgi.assign = ("" => "")'
		printf ' setenv.add-environment = ("GIT_PROJECT_ROOT" => "/", "GIT_HTTP_EXPORT_ALL" => "1"%s)\n' \
			"$([ -n "$login" ] || echo ', "REMOTE_USER" => "anybody"')"
		[ -z "$login" ] || echo ' auth.require = ("" => ("method" => "basic", "realm" => "hub", "require" => "valid-user"))'
		echo '}'
	} >"$T/lighttpd.conf"
	/usr/sbin/lighttpd -D -f "$T/lighttpd.conf" 2>"$T/lighttpd.err" & pids+=($!)
	up "$http_port"
	HTTP_AT=127.0.0.1:$http_port/git
}
