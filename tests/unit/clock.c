/* A wrong clock: LD_PRELOADed, it moves what time() says by CLOCK_OFF seconds. */
#include <stdlib.h>
#include <time.h>

time_t
time(time_t *out)
{
	struct timespec now;
	const char *off = getenv("CLOCK_OFF");
	time_t t;

	clock_gettime(CLOCK_REALTIME, &now);
	t = now.tv_sec + (off ? atol(off) : 0);
	if (out)
		*out = t;
	return t;
}
