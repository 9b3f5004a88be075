/* The clock of a simulated machine: time() tells what SIM_CLOCK says. Preloaded. */
#include <stdlib.h>
#include <time.h>

time_t
time(time_t *out)
{
	const char *set = getenv("SIM_CLOCK");
	struct timespec now;
	time_t t;

	clock_gettime(CLOCK_REALTIME, &now);
	t = set ? (time_t)strtoll(set, NULL, 10) : now.tv_sec;
	if (out)
		*out = t;
	return t;
}
