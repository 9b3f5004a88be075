/* Where things lie when nobody says: texts, this device's identity, the store. */
#include "cli/command.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum { STORE_MAX = 4096 };

static const char *
set(const char *name)
{
	const char *s = getenv(name);

	return s && *s ? s : NULL;
}

/* Of this user's configuration. From a service or cron there may be no HOME. */
static char *
config(const char *name)
{
	const char *xdg = set("XDG_CONFIG_HOME"), *home = set("HOME");
	const struct passwd *pw = home ? NULL : getpwuid(getuid());

	if (xdg)
		return xasprintf("%s/akt/%s", xdg, name);
	if (pw && pw->pw_dir)
		home = pw->pw_dir;
	return xasprintf("%s/.config/akt/%s", home ? home : "", name);
}

void
places_language(void)
{
	static const char *const beside[] = {"../locale", "build/locale", "../share/locale", NULL};
	static const char name[] = "/sv/LC_MESSAGES/akt.mo";
	char *dir = os_shipped(beside, AKT_LOCALEDIR, name + 1);

	dir[strlen(dir) - (sizeof name - 1)] = '\0';
	i18n_init(dir);
	free(dir);
}

/* The store that init or join made first, where neither -C, AKT_STORE nor the folder one stands in says
 * another; in the session's arena. */
static const char *
remembered(const char *file, struct arena *a)
{
	struct buf text = {0};
	struct err inner = {0};
	const char *store = NULL;

	if (file && os_read_file(&text, file, STORE_MAX, &inner) == 0)
		store = arena_strndup(a, buf_str(&text), strcspn(buf_str(&text), "\n"));
	buf_free(&text);
	return store && *store ? store : NULL;
}

void
places_default(struct session *s)
{
	const char *id = set("AKT_IDENTITY"), *store = set("AKT_STORE");
	char *own = id ? xstrdup(id) : config("identity"), *file = id ? NULL : config("store");

	s->identity_path = arena_strdup(s->arena, own);
	/* who names an identity, as scripts do, names a store as well */
	s->remember = file ? arena_strdup(s->arena, file) : NULL;
	if (!store && os_exists("HEAD") && os_is_dir("objects"))
		store = ".";
	s->store = store ? store : remembered(file, s->arena);
	free(own);
	free(file);
}
