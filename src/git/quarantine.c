#include "git/hub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"

static int
add_ref(void *ctx, const char *ref, const struct oid *id)
{
	char hex[41];

	oid_format(hex, id);
	buf_printf(ctx, "%s %s\n", hex, ref);
	return 0;
}

/* The refs of `into`, so that the hub is told what is here. */
static int
copy_refs(struct git *q, struct git *into, struct err *e)
{
	char *path = xasprintf("%s/packed-refs", q->path);
	struct buf text = {0};
	int rc;

	buf_puts(&text, "# pack-refs with: sorted \n");
	rc = git_ref_each(into, "", add_ref, &text, e);
	if (!rc)
		rc = os_write_file(path, text.p, text.n, 0600, e);
	buf_free(&text);
	free(path);
	return rc;
}

int
quarantine_open(struct git **out, struct git *into, bool alone, struct err *e)
{
	char rnd[ID_RECORD + 1], *path;
	struct git *q = NULL;
	int rc;

	id_random(rnd, ID_RECORD);
	path = xasprintf("%s/" LIB_INCOMING "%s", into->path, rnd);
	rc = git_init(&q, path, e);
	if (!rc && !alone && lib_odb_add(q->odb, into->objects, true) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the repository"));
	if (!rc && !alone)
		rc = copy_refs(q, into, e);
	if (rc)
		quarantine_close(q);
	else
		*out = q;
	free(path);
	return rc;
}

/* A pack counts from the moment its index is there: that moves last. */
int
quarantine_adopt(struct git *q, struct git *into, struct err *e)
{
	static const char *const kinds[] = {".pack", ".idx"};
	char *from = xasprintf("%s/pack", q->objects), *to = xasprintf("%s/pack", into->objects);
	int rc = 0;

	for (size_t k = 0; !rc && k < sizeof kinds / sizeof *kinds; k++) {
		struct os_names names = {0};

		rc = os_names(&names, from, kinds[k], e);
		for (size_t i = 0; !rc && i < names.n; i++) {
			char *a = xasprintf("%s/%s", from, names.v[i]), *b = xasprintf("%s/%s", to, names.v[i]);

			if (rename(a, b) < 0)
				rc = err_os(e, ERR_IO, errno, _("cannot write into the repository"));
			free(a);
			free(b);
		}
		os_names_free(&names);
		if (!rc)
			rc = os_fsync_dir(to, e);
	}
	if (!rc && git_odb_refresh(into->odb) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the new pack"));
	free(from);
	free(to);
	return rc;
}

void
quarantine_close(struct git *q)
{
	struct err unused = {0};
	char *path;

	if (!q)
		return;
	path = xstrdup(q->path);
	git_close(q);
	/* what cannot be removed now, git_clear_stale removes later */
	os_remove_tree(path, &unused);
	free(path);
}
