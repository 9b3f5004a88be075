/* Schedules with real repositories: as tests/sim/sim.c, but over folders, ssh and http in turn.
 *
 *   real N FIRST      N schedules from seed FIRST; tests/sim/real/run starts the servers
 *
 * AKT: the program; SIM_ROOT: an empty folder; SIM_SSH_URL, SIM_HTTP_URL: what stands before a path; SIM_CLOCK_SO:
 * clock.c; SIM_TELL: tell all that happens. What random keys and the moments of crashes decide differs from run to run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/secret.h"
#include "sim/mem.h"
#include "sim/ops.h"
#include "sim/plan.h"
#include "sim/real/real.h"
#include "sim/rest.h"
#include "sim/world.h"

enum { OPS_MAX = 60 };

static bool
one(uint64_t seed)
{
	struct world w;
	struct plan p;
	bool ok;

	plan_make(&p, seed);
	if (p.n > OPS_MAX)
		p.n = OPS_MAX;
	world_start(&w, &p);
	w.trace = true;
	for (size_t i = 0; i < p.n && !w.failed; i++)
		op_run(&w, &p.v[i]);
	if (!w.failed)
		rest(&w);
	ok = !w.failed;
	if (!ok || getenv("SIM_TELL")) {
		printf("# seed %llu over %s: %s\n", (unsigned long long)seed, way_name[real_way],
		    ok ? "nothing wrong" : w.failed);
		for (const char *s = buf_str(&w.story), *end; *s; s = *end ? end + 1 : end) {
			end = strchrnul(s, '\n');
			printf("#   %.*s\n", (int)(end - s), s);
		}
	}
	world_end(&w);
	plan_free(&p);
	return ok;
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 6, first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	static char root[PATH_LEN / 2];
	size_t bad = 0;

	real_akt = getenv("AKT");
	if (!real_akt || !getenv("SIM_ROOT") || !getenv("SIM_CLOCK_SO"))
		return 2;
	secret_init();
	snprintf(root, sizeof root, "%s/run", getenv("SIM_ROOT"));
	if (mkdir(root, 0700))
		return 2;
	world_root = root;
	world_prepare();
	printf("1..%llu\n", (unsigned long long)n);
	for (uint64_t i = 0; i < n; i++) {
		bool ok;

		real_way = (enum way)((first + i) % WAYS);
		ok = one(first + i);
		bad += !ok;
		printf("%sok %llu - seed %llu over %s\n", ok ? "" : "not ", (unsigned long long)i + 1,
		    (unsigned long long)(first + i), way_name[real_way]);
		fflush(stdout);
	}
	world_done();
	return bad ? 1 : 0;
}
