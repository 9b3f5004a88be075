/* Which way a program came to a call: its call stack as a number. Two calls by the same way are judged by the same
 * code, so that one of them failing says most of what the other's would (docs/attacks.md). */
#include "shim.h"

#include <dlfcn.h>
#include <string.h>
#include <unwind.h>

enum { DEEPEST = 100 };

struct walk {
	uint64_t hash;
	uintptr_t last;
	int depth;
};

/* The unwinder asks for no memory today. Were it to, the walk would not begin a second time within itself. */
static __thread bool walking;

static void
mix(uint64_t *hash, uint64_t x)
{
	*hash = (*hash ^ x) * 0x9e3779b97f4a7c15u;
	*hash ^= *hash >> 29;
}

static _Unwind_Reason_Code
frame(struct _Unwind_Context *at, void *to)
{
	struct walk *w = to;
	uintptr_t pc = _Unwind_GetIP(at);
	struct dl_find_object module;

	/* what calls itself is one place: how deep it went is a matter of data */
	if (!pc || pc == w->last)
		return _URC_NO_REASON;
	w->last = pc;
	if (_dl_find_object((void *)pc, &module) == 0) {
		const char *start = module.dlfo_map_start, *end = module.dlfo_map_end;

		/* a module's size tells it from the others, wherever it lies */
		mix(&w->hash, (uint64_t)(end - start));
		mix(&w->hash, pc - (uintptr_t)start);
	}
	return ++w->depth < DEEPEST ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

uint64_t
path_of(enum set set, const char *name)
{
	struct walk w = {.hash = (uint64_t)set};

	if (walking)
		return 0;
	walking = true;
	for (; *name; name++)
		mix(&w.hash, (unsigned char)*name);
	_Unwind_Backtrace(frame, &w);
	walking = false;
	/* 0 is none */
	return w.hash ? w.hash : 1;
}
