/* Fuzz target: an envelope is refused with one reason, or what is written of it is accepted where it
 * belongs, comes back byte for byte, and is refused in every other place. Replayed over its corpus by
 * test_corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "merge/storepath.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int ok, const char *what, const struct buf *text)
{
	if (ok)
		return;
	fprintf(stderr, "%s:\n%s\n", what, buf_str(text));
	abort();
}

static void
path_of(struct storepath *p, const char *dossier, const char *name)
{
	char *file = xasprintf("%s.yaml.age", name), *path = storepath_in_dossier(dossier, file);
	struct buf none = {0};

	require(storepath_parse(p, path) == PATH_RECORD, "no path for what was accepted", &none);
	free(path);
	free(file);
}

static void
placed(struct arena *a, struct node *rec)
{
	const char *id = node_get_str(rec, "id"), *dossier = node_get_str(rec, "dossier");
	struct storepath p, other;
	struct node *back = NULL;
	struct buf text = {0}, again = {0};
	struct err e = {0}, other_e = {0};

	if (!dossier) {
		/* a plain file whose dossier is still to be said */
		dossier = "0123456789";
		node_set(a, rec, "dossier", node_str(a, dossier));
	}
	path_of(&p, dossier, id);
	path_of(&other, strcmp(dossier, "zzzzzzzzzz") ? "zzzzzzzzzz" : "yyyyyyyyyy", id);
	require(envelope_check(rec, &p, "fuzz", &e) == 0, "refused in its own place", &text);
	require(envelope_check(rec, &other, "fuzz", &other_e) == ERR_INVALID, "accepted elsewhere", &text);
	envelope_format(&text, a, rec);
	require(yaml_parse(&back, a, text.p, text.n, "own", YAML_STORED, &e) == 0, "own text refused",
	    &text);
	require(envelope_check(back, &p, "own", &e) == 0, "own envelope refused", &text);
	envelope_format(&again, a, back);
	require(text.n == again.n && memcmp(text.p, again.p, text.n) == 0, "not canonical", &text);
	buf_free(&text);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct node *rec = NULL;
	struct buf none = {0};
	struct err e = {0};

	if (yaml_parse(&rec, a, (const char *)data, size, "fuzz", YAML_INPUT, &e) == 0) {
		envelope_normalise(a, rec);
		if (envelope_check(rec, NULL, "fuzz", &e))
			require(e.n == 1 && e.item[0].code == ERR_INVALID && *e.item[0].text, "error", &none);
		else
			placed(a, rec);
	}
	arena_free(a);
	return 0;
}
