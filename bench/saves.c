/* Makes a store's history for measuring: saves STORE IDENTITY RECORDS SAVES [FIRST]
 * The store is made where there is none, with RECORDS records in dossiers of their own, and then SAVES single
 * changes go through them in turn, each through the program's own app_set: what people's work leaves
 * behind, without starting a program for each. FIRST: the number that the first change writes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"
#include "tree/node.h"

static const char schema[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {label: {sv: Post, en: Item}, dossier: own, title: [name], access: [{team: unit}]}\n"
    "required: [name]\n"
    "unevaluatedProperties: false\n"
    "properties:\n"
    "  name: {type: string}\n"
    "  other: {type: string}\n"
    "  text: {type: string, maxLength: 20000}\n";

static int
fail(const struct err *e)
{
	for (int i = 0; i < e->n; i++)
		fprintf(stderr, "%s\n", e->item[i].text);
	return 1;
}

static int
make(struct session *s, const char *store, struct err *e)
{
	char dir[4096], file[4200];
	struct node *out = NULL;
	int rc;

	snprintf(dir, sizeof dir, "%s.schema", store);
	snprintf(file, sizeof file, "%s/item.yaml", dir);
	rc = os_mkdirs(dir, e);
	if (!rc)
		rc = os_write_file(file, schema, sizeof schema - 1, 0600, e);
	if (!rc && !os_exists(s->identity_path))
		rc = app_id_new(s, &out, "anna", "bench", true, 0, e);
	return rc ? rc : app_init(s, &out, store, "Bench", dir, "en", e);
}

int
main(int argc, char **argv)
{
	static char text[1000];
	struct session s = {0};
	struct node *out = NULL;
	struct err e = {0};
	struct buf ids = {0};
	char list[4096], **id = NULL, *next = NULL;
	long records = argc > 3 ? strtol(argv[3], NULL, 10) : 0,
	     saves = argc > 4 ? strtol(argv[4], NULL, 10) : 0, from = argc > 5 ? strtol(argv[5], NULL, 10) : 0;
	/* where FIRST is given it is another machine that writes, and another field */
	const char *field = argc > 5 ? "other" : "name";
	int rc = 0;

	if (records < 1) {
		fputs("usage: saves STORE IDENTITY RECORDS SAVES [FIRST]\n", stderr);
		return 2;
	}
	secret_init();
	session_start(&s);
	s.store = argv[1];
	s.identity_path = argv[2];
	snprintf(list, sizeof list, "%s.ids", argv[1]);
	memset(text, 'x', sizeof text - 1);
	if (!os_exists(argv[1])) {
		rc = make(&s, argv[1], &e);
		for (long i = 0; !rc && i < records; i++) {
			struct assignment a[] = {{"name", "n", false}, {"text", text, false}};

			snprintf(text, sizeof text, "%ld %0890ld", i, i * 7919 % 1000000007);
			rc = app_new(&s, &out, "item", NULL, a, 2, NULL, false, &e);
			if (!rc)
				buf_printf(&ids, "%s\n", node_get_str(out, "id"));
			arena_reset(s.arena);
		}
		if (!rc)
			rc = os_write_file(list, buf_str(&ids), ids.n, 0600, &e);
	} else {
		rc = os_read_file(&ids, list, SIZE_MAX / 2, &e);
	}
	if (rc)
		return fail(&e);
	id = calloc((size_t)records, sizeof *id);
	for (long i = 0; i < records; i++)
		id[i] = strtok_r(i ? NULL : ids.p, "\n", &next);
	for (long i = 0; !rc && i < saves; i++) {
		char value[32];
		struct assignment a = {field, value, false};

		snprintf(value, sizeof value, "n%ld", from + i);
		rc = app_set(&s, &out, id[i % records], &a, 1, NULL, 0, NULL, &e);
		arena_reset(s.arena);
	}
	if (rc)
		fail(&e);
	session_close(&s);
	free(id);
	buf_free(&ids);
	return rc != 0;
}
