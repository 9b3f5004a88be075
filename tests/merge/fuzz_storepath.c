/** Fuzz target: a path that is accepted can be built again from its parts alone. Build: clang
 * -fsanitize=fuzzer,address; test_corpus replays the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "merge/storepath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
build(const struct storepath *p, const char *path)
{
	static const char *const folders[] = {"rules", "reports", "generators"};
	char *name = NULL, *built = NULL;

	switch (p->kind) {
	case PATH_BAD:
		break;
	case PATH_STORE:
		return xstrdup("store.yaml");
	case PATH_SIGNERS:
		return xstrdup("allowed_signers");
	case PATH_MEMBER:
		return xasprintf("members/%s.yaml", p->name);
	case PATH_EPOCH:
		return xasprintf("teams/%s/%s.yaml", p->name, p->epoch);
	case PATH_EPOCH_KEY:
		return xasprintf("teams/%s/%s.age", p->name, p->epoch);
	case PATH_SCHEMA:
		return xasprintf("schema/%s.yaml", p->name);
	case PATH_SCHEMA_EXTRA:
		for (int i = 0; i < 3; i++) {
			built = xasprintf("schema/%s/%s", folders[i], p->name);
			if (strcmp(built, path) == 0)
				return built;
			xfree(built);
		}
		break;
	case PATH_DOSSIER:
		return storepath_in_dossier(p->dossier, "dossier.yaml");
	case PATH_RECORD:
		name = xasprintf("%s.yaml.age", p->record);
		break;
	case PATH_PARKED:
		name = xasprintf("%s.yaml.age.parked-%s", p->record, p->parked);
		break;
	case PATH_TOMBSTONE:
		return xasprintf("erased/%c/%c/%s.yaml", p->dossier[0], p->dossier[1], p->dossier);
	}
	if (name)
		built = storepath_in_dossier(p->dossier, name);
	free(name);
	return built ? built : xstrdup("");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = xstrndup((const char *)data, size), *again;
	struct storepath p;

	storepath_handle_ok(path);
	storepath_team_ok(path);
	storepath_type_ok(path);
	storepath_device_ok(path);
	if (storepath_parse(&p, path) != PATH_BAD) {
		again = build(&p, path);
		if (strcmp(again, path) != 0) {
			fprintf(stderr, "%s\nread as\n%s\n", path, again);
			abort();
		}
		free(again);
	}
	free(path);
	return 0;
}
