#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "index/index.h"
#include "index/names.h"
#include "vault/vault.h"

enum { REMEMBERED_MAX = 4096 };

void
session_start(struct session *s)
{
	s->arena = arena_new();
	s->scratch = arena_new();
	s->id = NULL;
	s->v = NULL;
	s->names = NULL;
	s->index = NULL;
	s->unread = NULL;
	git_disk_forget();
}

int
session_disk(struct session *s, struct err *e)
{
	return s->v && vault_saved(s->v) ? 0 : git_disk_error(e);
}

void
session_close(struct session *s)
{
	names_close(s->names);
	index_close(s->index);
	vault_close(s->v);
	identity_free(s->id);
	arena_free(s->arena);
	arena_free(s->scratch);
	s->names = NULL;
	s->index = NULL;
	s->v = NULL;
	s->id = NULL;
	s->arena = s->scratch = NULL;
}

char *
app_shipped(const char *name)
{
	/* last beside the program itself: in build/VARIANT lie objects of modules whose names are the same */
	static const char *const beside[] = {"../share/akt", "../..", ".", NULL};

	return os_shipped(beside, AKT_DATADIR, name);
}

struct arena *
session_scratch(struct session *s)
{
	arena_reset(s->scratch);
	return s->scratch;
}

int
no_identity(struct err *e)
{
	return err_set(e, ERR_ACCESS, _("there is no identity on this device yet; make one with: akt id new"));
}

int
session_identity(struct session *s, struct err *e)
{
	struct buf pass = {0};
	struct err inner = {0};
	bool locked = false;
	int rc;

	if (s->id)
		return 0;
	rc = identity_locked(&locked, s->identity_path, &inner);
	if (rc == ERR_NOTFOUND)
		return no_identity(e);
	if (rc) {
		err_append(e, &inner);
		return rc;
	}
	if (!locked)
		return identity_load(&s->id, s->identity_path, NULL, e);
	if (keep_get(&s->id, s->identity_path, &inner) == 0)
		return 0;
	rc = s->passphrase ? s->passphrase(s->ctx, &pass, _("Passphrase"), false, e) :
	                     err_set(e, ERR_USAGE, _("the identity needs its passphrase"));
	if (!rc)
		rc = identity_load(&s->id, s->identity_path, buf_str(&pass), e);
	buf_free(&pass);
	return rc;
}

void
session_remember(struct session *s, const char *dir)
{
	struct buf text = {0};
	struct err inner = {0};
	char *full = s->remember ? realpath(dir, NULL) : NULL, *was = NULL;

	if (full && os_read_file(&text, s->remember, REMEMBERED_MAX, &inner) == 0)
		was = xstrndup(buf_str(&text), strcspn(buf_str(&text), "\n"));
	/* one that is there stays: nobody's next command is to land in another store than the last */
	if (full && (!was || !os_is_dir(was))) {
		buf_reset(&text);
		buf_printf(&text, "%s\n", full);
		os_write_file(s->remember, text.p, text.n, 0600, &inner);
	}
	buf_free(&text);
	free(was);
	free(full);
}

int
session_damage(const struct session *s, struct err *e)
{
	const char *what = s->v ? vault_damage(s->v) : NULL;

	if (!what)
		what = s->unread;
	return what ? err_set(e, ERR_DAMAGED, _("not all could be read: %s"), what) : 0;
}

void
session_unread(struct session *s, const struct err *why)
{
	struct buf text = {0};

	if (s->unread || !why->n || err_code(why) == ERR_ACCESS)
		return;
	err_format(&text, &why->item[0]);
	s->unread = arena_strdup(s->arena, buf_str(&text));
	buf_free(&text);
}

const struct identity *
session_quietly(struct session *s)
{
	struct err e = {0};
	bool locked = true;

	if (!s->id && s->identity_path && identity_locked(&locked, s->identity_path, &e) == 0) {
		if (!locked)
			identity_load(&s->id, s->identity_path, NULL, &e);
		else
			keep_get(&s->id, s->identity_path, &e);
	}
	return s->id;
}

/* A store, or an ordinary clone of one, whose .git it is: who belongs can be read there too. */
static char *
folder_of(const char *store)
{
	char *objects = xasprintf("%s/objects", store), *inner = xasprintf("%s/.git", store);
	bool clone = !os_is_dir(objects) && os_is_dir(inner);

	free(objects);
	if (clone)
		return inner;
	free(inner);
	return xstrdup(store);
}

int
session_store(struct session *s, bool keys, struct err *e)
{
	char *dir;
	int rc;

	if (s->v)
		return 0;
	if (!s->store)
		return err_set(e, ERR_USAGE,
		    _("no store: stand in its folder, give -C STORE, or set AKT_STORE; akt alone says how to begin"));
	if (keys && (rc = session_identity(s, e)))
		return rc;
	dir = folder_of(s->store);
	rc = vault_open(&s->v, dir, s->id, e);
	free(dir);
	return rc;
}
