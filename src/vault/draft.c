#include "vault/draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/os.h"
#include "vault/vault_private.h"

enum { DRAFT_MAX = 32 * 1024 * 1024 };

static char *
draft_path(const struct vault *v, const char *name)
{
	return xasprintf("%s/akt/drafts/%s.age", v->path, name);
}

int
draft_put(struct vault *v, const char *name, const void *p, size_t n, struct err *e)
{
	char *path = draft_path(v, name), *dir = vault_local(v, "drafts");
	struct buf sealed = {0};
	int rc;

	rc = os_mkdirs(dir, e);
	if (!rc)
		rc = age_encrypt(&sealed, (const uint8_t (*)[32])&v->id->age_pk, 1, p, n, e);
	if (!rc)
		rc = os_write_file(path, sealed.p, sealed.n, 0600, e);
	buf_free(&sealed);
	free(dir);
	free(path);
	return rc;
}

int
draft_get(struct vault *v, struct buf *out, const char *name, struct err *e)
{
	char *path = draft_path(v, name);
	struct buf sealed = {0};
	int rc;

	rc = os_read_file(&sealed, path, DRAFT_MAX, e);
	if (!rc)
		rc = age_decrypt(out, (const uint8_t (*)[32])&v->id->age_sk, 1, 0, buf_str(&sealed),
		    sealed.n, NULL, e);
	buf_free(&sealed);
	free(path);
	return rc;
}

int
draft_about(struct vault *v, bool *about, const char *name,
    bool (*is)(const void *ctx, const char *dossier), const void *ctx, struct err *e)
{
	struct buf text = {0};
	struct err inner = {0};
	int rc = v->id ? draft_get(v, &text, name, &inner) : 0;

	*about = false;
	/* one that is damaged says nothing to anybody; one that the disk keeps back may */
	if (rc == ERR_IO)
		err_append(e, &inner);
	else if (rc == 0 && text.n &&
	    strncmp(buf_str(&text), DRAFT_ABOUT, sizeof DRAFT_ABOUT - 1) == 0) {
		const char *s = buf_str(&text) + sizeof DRAFT_ABOUT - 1;

		for (size_t n; !*about && (n = strcspn(s, " \n")) == ID_DOSSIER; s += n + (s[n] == ' ')) {
			char dossier[ID_DOSSIER + 1] = {0};

			memcpy(dossier, s, n);
			*about = is(ctx, dossier);
		}
	}
	buf_free(&text);
	return rc == ERR_IO ? rc : 0;
}

int
draft_drop(struct vault *v, const char *name, struct err *e)
{
	char *path = draft_path(v, name);
	int rc = os_unlink(path, e);

	free(path);
	return rc;
}

/* without their ending */
static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct draft_name *)a)->s, ((const struct draft_name *)b)->s);
}

int
draft_names(struct vault *v, struct draft_name **out, size_t *n, struct err *e)
{
	struct os_names files = {0};
	struct draft_name *list;
	char *path = vault_local(v, "drafts");
	size_t kept = 0;
	int rc = os_names(&files, path, ".age", e);

	free(path);
	if (rc)
		return rc;
	list = xcalloc(files.n + 1, sizeof *list);
	for (size_t i = 0; i < files.n; i++) {
		size_t len = strlen(files.v[i]) - strlen(".age");

		if (len < sizeof list->s)
			memcpy(list[kept++].s, files.v[i], len);
	}
	os_names_free(&files);
	qsort(list, kept, sizeof *list, by_name);
	*out = list;
	*n = kept;
	return 0;
}
