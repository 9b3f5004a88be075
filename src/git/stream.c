#include "git/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"

/* libgit2 1.5 waits for ever, for a connection and for every byte. Its ssh transport takes the
 * socket out of the stream and hands it to libssh2, so a read of ours with a limit would not do:
 * a watcher shuts down sockets on which nothing has moved, and then every wait ends. */

enum { CONNECT_S = 20, ADDRESS_S = 10, WATCH_MS = 250 };

/* libgit2's ssh transport casts what we give it to its own git_socket_stream: these first four
 * fields are that struct (streams/socket.h, unchanged from 0.24 to 1.9). */
struct stream {
	git_stream parent;
	char *host, *port;
	int fd;
	struct stream *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stream *open_streams;
static bool watching;
static int limit_ms = 30000;
static const char *failure; /* translated when told */

static void
set_failure(const char *text)
{
	pthread_mutex_lock(&lock);
	failure = text;
	pthread_mutex_unlock(&lock);
	git_error_set_str(GIT_ERROR_NET, text);
}

void
stream_limit(int silence_s)
{
	pthread_mutex_lock(&lock);
	limit_ms = silence_s * 1000;
	pthread_mutex_unlock(&lock);
}

const char *
stream_failure(void)
{
	const char *text;

	pthread_mutex_lock(&lock);
	text = failure;
	failure = NULL;
	pthread_mutex_unlock(&lock);
	return text ? _(text) : NULL;
}

/* Milliseconds since the last byte went either way. */
static long
silence(int fd)
{
	struct tcp_info info;
	socklen_t n = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0)
		return 0;
	return info.tcpi_last_data_recv < info.tcpi_last_data_sent ? (long)info.tcpi_last_data_recv
								   : (long)info.tcpi_last_data_sent;
}

static void *
watch(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	while (open_streams) {
		for (struct stream *s = open_streams; s; s = s->next)
			if (silence(s->fd) > limit_ms) {
				failure = N_("the hub does not answer any more; try again later");
				shutdown(s->fd, SHUT_RDWR);
			}
		pthread_mutex_unlock(&lock);
		nanosleep(&(struct timespec){.tv_nsec = WATCH_MS * 1000000L}, NULL);
		pthread_mutex_lock(&lock);
	}
	watching = false;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void
watch_begin(struct stream *s)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_mutex_lock(&lock);
	s->next = open_streams;
	open_streams = s;
	if (!watching && pthread_attr_init(&attr) == 0) {
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		watching = pthread_create(&thread, &attr, watch, NULL) == 0;
		pthread_attr_destroy(&attr);
	}
	pthread_mutex_unlock(&lock);
}

static int
stream_close(git_stream *stream)
{
	struct stream *s = (struct stream *)stream;

	if (s->fd < 0)
		return 0;
	pthread_mutex_lock(&lock);
	for (struct stream **p = &open_streams; *p; p = &(*p)->next)
		if (*p == s) {
			*p = s->next;
			break;
		}
	/* under the lock: the watcher must not meet another's socket under this number */
	close(s->fd);
	s->fd = -1;
	pthread_mutex_unlock(&lock);
	return 0;
}

static void
stream_free(git_stream *stream)
{
	struct stream *s = (struct stream *)stream;

	stream_close(stream);
	free(s->host);
	free(s->port);
	free(s);
}

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

/* A connected, blocking socket or -1. */
static int
try_address(const struct addrinfo *ai, long wait_ms)
{
	int fd =
	    socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
	int one = 1, err = 0, rc;
	socklen_t n = sizeof err;
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	if (fd < 0)
		return -1;
	rc = connect(fd, ai->ai_addr, ai->ai_addrlen);
	if (rc < 0 && errno == EINPROGRESS) {
		do
			rc = poll(&p, 1, (int)wait_ms);
		while (rc < 0 && errno == EINTR);
		if (rc == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) == 0 && err == 0)
			rc = 0;
		else
			rc = -1;
	}
	if (rc < 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) < 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static int
stream_connect(git_stream *stream)
{
	struct stream *s = (struct stream *)stream;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC}, *list = NULL;
	int limit_s = limit_ms / 1000 < CONNECT_S ? limit_ms / 1000 : CONNECT_S;
	long end = now_ms() + limit_s * 1000L;
	int fd = -1;

	if (getaddrinfo(s->host, s->port, &hints, &list) != 0) {
		set_failure(
		    N_("the hub's name cannot be found; check the address and the network"));
		return -1;
	}
	for (struct addrinfo *ai = list; fd < 0 && ai && now_ms() < end; ai = ai->ai_next) {
		long left = end - now_ms();

		fd = try_address(ai, left < ADDRESS_S * 1000L ? left : ADDRESS_S * 1000L);
	}
	freeaddrinfo(list);
	if (fd < 0) {
		set_failure(N_("the hub cannot be reached; check the address and the network"));
		return -1;
	}
	s->fd = fd;
	watch_begin(s);
	return 0;
}

static ssize_t
stream_read(git_stream *stream, void *p, size_t n)
{
	ssize_t got;

	do
		got = recv(((struct stream *)stream)->fd, p, n, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		git_error_set_str(GIT_ERROR_NET, strerror(errno));
	return got;
}

static ssize_t
stream_write(git_stream *stream, const char *p, size_t n, int flags)
{
	ssize_t put;

	do
		put = send(((struct stream *)stream)->fd, p, n, flags | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put < 0)
		git_error_set_str(GIT_ERROR_NET, strerror(errno));
	return put;
}

static int
stream_new(git_stream **out, const char *host, const char *port)
{
	struct stream *s = xcalloc(1, sizeof *s);

	s->parent.version = GIT_STREAM_VERSION;
	s->parent.connect = stream_connect;
	s->parent.read = stream_read;
	s->parent.write = stream_write;
	s->parent.close = stream_close;
	s->parent.free = stream_free;
	s->host = xstrdup(host);
	s->port = xstrdup(port);
	s->fd = -1;
	*out = &s->parent;
	return 0;
}

void
stream_install(void)
{
	git_stream_registration reg = {.version = GIT_STREAM_VERSION, .init = stream_new};

	if (git_stream_register(GIT_STREAM_STANDARD, &reg) < 0)
		abort();
}
