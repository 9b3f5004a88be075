/* What one command uses: use FILE COMMAND...
 * Writes "wall-ns cpu-ns peak-bytes written-bytes" to FILE, of the command and what it waited for, and ends as it did. A program of its
 * own, because the kernel counts the memory of whoever forks as the child's first peak; written is what was dirtied for a disk (a
 * page at least; nothing on tmpfs). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long
ns(struct timeval t)
{
	return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL;
}

int
main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage use;
	int status = 0;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &from);
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
		return 126;
	clock_gettime(CLOCK_MONOTONIC, &to);
	f = fopen(argv[1], "w");
	if (!f)
		return 126;
	fprintf(f, "%lld %lld %lld %lld\n", (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec,
	    ns(use.ru_utime) + ns(use.ru_stime), use.ru_maxrss * 1024LL, use.ru_oublock * 512LL);
	if (fclose(f))
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
