#include "git/servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "git/fixture.h"

static struct sockaddr_in
loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int
free_port(void)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

void
server_start(struct server *s, int port, char *const argv[])
{
	s->port = port;
	s->pid = fork();
	if (s->pid == 0) {
		char *log = in_scratch("server.log");
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	for (int i = 0; i < 200; i++) {
		struct sockaddr_in a = loopback(port);
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool up = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;

		close(fd);
		if (up)
			return;
		assert_int_equal(waitpid(s->pid, NULL, WNOHANG), 0); /* it died: see server.log */
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	fail_msg("a server did not start");
}

void
server_stop(struct server *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGTERM);
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}

void
sshd_again(struct server *s)
{
	char *conf = in_scratch("ssh/sshd_config");
	char *argv[] = {"/usr/sbin/sshd", "-D", "-e", "-f", conf, NULL};

	server_start(s, s->port, argv);
	free(conf);
}

void
sshd_start(struct server *s)
{
	const char *d = scratch();

	if (getuid() == 0)
		must("mkdir -p /run/sshd");
	s->port = free_port();
	must(
	    "cd %s && mkdir -m 700 ssh .ssh && ssh-keygen -q -t ed25519 -N '' -f ssh/host && "
	    "ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519 && cp .ssh/id_ed25519.pub "
	    "ssh/authorized && "
	    "printf '[127.0.0.1]:%d %%s\\n' \"$(cut -d' ' -f1,2 ssh/host.pub)\" > .ssh/known_hosts",
	    d, s->port);
	must("cat > %s/ssh/sshd_config <<EOF\nPort %d\nListenAddress 127.0.0.1\nHostKey "
	     "%s/ssh/host\n"
	     "AuthorizedKeysFile %s/ssh/authorized\nPidFile none\nStrictModes no\nUsePAM no\n"
	     "PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication "
	     "no\nEOF\n",
	    d, s->port, d, d);
	sshd_again(s);
}

void
httpd_start(struct server *s, bool tls)
{
	const char *d = scratch();
	char *conf = in_scratch(tls ? "lighttpd-tls.conf" : "lighttpd.conf");
	char *argv[] = {"/usr/sbin/lighttpd", "-D", "-f", conf, NULL};
	struct buf exec = {0};

	s->port = free_port();
	assert_int_equal(sh(&exec, "git --exec-path"), 0);
	exec.p[strcspn(exec.p, "\n")] = '\0';
	must("printf 'anna:s3cret\\n' > %s/users", d);
	if (tls)
		must("cd %s && openssl req -x509 -newkey rsa:2048 -nodes -keyout t.key -out t.crt "
		     "-days 1 -subj "
		     "/CN=127.0.0.1 && cat t.key t.crt > t.pem",
		    d);
	must("cat > %s <<'EOF'\nserver.modules = (\"mod_alias\", \"mod_setenv\", \"mod_auth\", "
	     "\"mod_authn_file\", \"mod_cgi\"%s)\nserver.port = %d\nserver.bind = \"127.0.0.1\"\n"
	     "server.document-root = \"%s\"\nauth.backend = \"plain\"\n"
	     "auth.backend.plain.userfile = \"%s/users\"\n%s%s%s"
	     "alias.url = (\"/git\" => \"%s/git-http-backend\")\n"
	     "$HTTP[\"url\"] =~ \"^/git\" {\n cgi.assign = (\"\" => \"\")\n"
	     " setenv.add-environment = (\"GIT_PROJECT_ROOT\" => \"%s\", \"GIT_HTTP_EXPORT_ALL\" "
	     "=> \"1\")\n"
	     " auth.require = (\"\" => (\"method\" => \"basic\", \"realm\" => \"hub\", "
	     "\"require\" => \"valid-user\"))\n}\nEOF\n",
	    conf, tls ? ", \"mod_openssl\"" : "", s->port, d, d,
	    tls ? "ssl.engine = \"enable\"\nssl.pemfile = \"" : "", tls ? d : "",
	    tls ? "/t.pem\"\n" : "", buf_str(&exec), d);
	server_start(s, s->port, argv);
	buf_free(&exec);
	free(conf);
}
