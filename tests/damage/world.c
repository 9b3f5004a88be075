#include "damage/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/secret.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/draft.h"
#include "vault/vault.h"

static const char schema[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {version: 1, label: {sv: M, en: M}, dossier: own, title: [title]}\n"
    "unevaluatedProperties: false\n"
    "properties:\n"
    "  title: {type: string, x-akt: {label: {sv: t, en: t}}}\n"
    "  text: {type: string, x-akt: {label: {sv: t, en: t}}}\n";

static int
sh(struct buf *out, const char *fmt, ...)
{
	struct buf cmd = {0};
	char chunk[4096];
	va_list ap;
	FILE *f;
	size_t n;
	int rc;

	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	f = popen(buf_str(&cmd), "r");
	while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		if (out)
			buf_add(out, chunk, n);
	rc = f ? pclose(f) : -1;
	buf_free(&cmd);
	return rc;
}

/* --- the store: made by the program's own functions, in a child ------------------------------ */

static void
begin(struct session *s, const char *store, const char *identity)
{
	*s = (struct session){0};
	session_start(s);
	s->store = store;
	s->identity_path = identity;
}

static int
card(const struct world *w, const char *name)
{
	char *identity = xasprintf("%s/%s.id", w->top, name), *path = xasprintf("%s/%s.card", w->top, name);
	struct node *out = NULL;
	struct session s;
	struct err e = {0};
	const char *text;
	int rc;

	begin(&s, NULL, identity);
	rc = app_id_new(&s, &out, name, "pc", true, 0, &e);
	text = rc ? NULL : node_get_str(out, "card");
	if (!rc)
		rc = os_write_file(path, text, strlen(text), 0600, &e);
	for (int i = 0; i < e.n; i++)
		fprintf(stderr, "# %s\n", e.item[i].text);
	session_close(&s);
	free(identity);
	free(path);
	return rc;
}

/* Two members, three records in dossiers of their own, one of them changed, all of it synced. */
static int
make_store(struct world *w)
{
	char *dir = xasprintf("%s/schema", w->top), *file = xasprintf("%s/memo.yaml", dir),
	     *ids = xasprintf("%s/ids", w->top), *bo = xasprintf("%s/bo", w->top),
	     *bo_card = xasprintf("%s/bo.card", w->top), *bo_id = xasprintf("%s/bo.id", w->top);
	static const char *const team = "unit";
	struct assignment a[2] = {{"title", "Minnesanteckning", false}, {"text", "x", false}};
	struct session s, t;
	struct git *hub = NULL; /* a folder hub runs no hooks */
	struct buf list = {0};
	struct node *out = NULL;
	const char *fingerprint, *last = "";
	struct err e = {0};
	int rc = card(w, "anna") || card(w, "bo");

	begin(&s, w->pristine[0], w->identity);
	begin(&t, bo, bo_id);
	if (!rc)
		rc = os_mkdirs(dir, &e);
	if (!rc)
		rc = os_write_file(file, schema, sizeof schema - 1, 0600, &e);
	if (!rc)
		rc = app_init(&s, &out, w->pristine[0], "Unit", dir, "en", &e);
	fingerprint = rc ? "" : node_get_str(out, "fingerprint");
	if (!rc)
		rc = git_init(&hub, w->hub, &e);
	if (!rc)
		rc = app_remote_add(&s, &out, "hub", w->hub, &e);
	if (!rc)
		rc = app_member_add(&s, &out, bo_card, "staff", &team, 1, &e);
	for (int i = 0; !rc && i < WORLD_RECORDS; i++) {
		rc = app_new(&s, &out, "memo", NULL, a, 2, NULL, false, &e);
		if (!rc) {
			last = node_get_str(out, "id");
			buf_printf(&list, "%s\n", last);
		}
	}
	a[1].value = "y";
	if (!rc)
		rc = app_set(&s, &out, last, &a[1], 1, NULL, 0, NULL, &e);
	if (!rc)
		rc = app_sync(&s, &out, NULL, &e);
	if (!rc)
		rc = app_join(&t, &out, w->hub, bo, fingerprint, &e);
	if (!rc)
		rc = app_sync(&t, &out, NULL, &e);
	if (!rc)
		rc = app_sync(&s, &out, NULL, &e);
	/* a draft, the index, the mark of what was verified */
	if (!rc)
		rc = draft_put(s.v, "new-memo", "title: a\n", 9, &e);
	if (!rc)
		rc = app_show(&s, &out, last, NULL, &e);
	if (!rc)
		rc = app_list(&s, &out, NULL, &e);
	if (!rc)
		rc = app_verify(&s, &out, false, false, NULL, NULL, &e);
	if (!rc)
		rc = os_write_file(ids, buf_str(&list), list.n, 0600, &e);
	for (int i = 0; i < e.n; i++)
		fprintf(stderr, "# %s\n", e.item[i].text);
	git_close(hub);
	session_close(&s);
	session_close(&t);
	buf_free(&list);
	free(dir);
	free(file);
	free(ids);
	free(bo);
	free(bo_card);
	free(bo_id);
	return rc != 0;
}

static int
pack_store(struct world *w)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	int rc;

	begin(&s, w->pristine[1], w->identity);
	rc = app_gc(&s, &out, &e);
	session_close(&s);
	return rc != 0;
}

static bool
in_child(int (*what)(struct world *), struct world *w)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		secret_init();
		_exit(what(w));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* --- which files there are, and what hangs on them --------------------------------------------- */

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* "MODE TYPE ID\tPATH" lines of HEAD's tree: which records cannot be opened without that object. */
static unsigned
hidden_by(const struct world *w, const char *tree, const char *hex)
{
	const unsigned all = (1u << WORLD_RECORDS) - 1;
	unsigned hides = 0;

	for (const char *line = tree; *line; line = strchr(line, '\n') + 1) {
		const char *id = strchr(strchr(line, ' ') + 1, ' ') + 1, *path = strchr(line, '\t') + 1;
		size_t n = strcspn(path, "\n");

		if (strncmp(id, hex, 40) != 0)
			continue;
		if (!begins(path, "records/"))
			return all;
		for (int i = 0; i < WORLD_RECORDS; i++) {
			char *name = xasprintf("/%s.yaml.age\n", w->id[i]), *at = strstr(tree, name);
			const char *rec = at;

			while (rec && rec > tree && rec[-1] != '\t')
				rec--;
			/* a folder above it, itself, or its dossier's list of readers */
			if (rec && (strncmp(rec, path, n) == 0 ||
			               (strlen("dossier.yaml") < n && at - rec >= (long)(n - strlen("dossier.yaml") - 1) &&
			                   strncmp(path + n - strlen("dossier.yaml"), "dossier.yaml", 12) == 0 &&
			                   strncmp(rec, path, n - strlen("dossier.yaml")) == 0)))
				hides |= 1u << i;
			free(name);
		}
	}
	return hides;
}

static void
classify(const struct world *w, struct world_file *f, const char *tree, const char *head)
{
	const unsigned all = (1u << WORLD_RECORDS) - 1;
	const char *p = f->path;

	f->hides = all;
	if (begins(p, "akt/keys.git/"))
		return;
	if (begins(p, "akt/")) {
		f->hides = 0;
		f->own = begins(p, "akt/drafts/") || begins(p, "akt/reads/") ||
		    strcmp(p, "akt/remotes.yaml") == 0;
		f->derived = !f->own;
	} else if (begins(p, "objects/") && strlen(p) == 49) {
		char hex[41];

		snprintf(hex, sizeof hex, "%.2s%.38s", p + 8, p + 11);
		f->hides = strstr(head, hex) ? all : hidden_by(w, tree, hex);
	} else if (begins(p, "refs/akt/")) {
		f->hides = 0;
	}
}

static void
add_files(struct world *w, int shape, const char *dir, const char *tree, const char *head)
{
	char *path = xasprintf("%s/%s", w->pristine[shape], dir);
	struct dirent **ents = NULL;
	int n = scandir(path, &ents, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char *sub = xasprintf("%s%s%s", dir, *dir ? "/" : "", ents[i]->d_name),
		     *full = xasprintf("%s/%s", w->pristine[shape], sub);
		struct world_file f = {.path = sub};
		struct stat st;

		if (*ents[i]->d_name == '.' || lstat(full, &st) < 0) {
			free(sub);
		} else if (S_ISDIR(st.st_mode)) {
			add_files(w, shape, sub, tree, head);
			free(sub);
		} else if (st.st_size == 0) {
			free(sub); /* locks */
		} else {
			f.size = (size_t)st.st_size;
			classify(w, &f, tree, head);
			vec_grow(&w->files[shape]);
			w->files[shape].v[w->files[shape].n++] = f;
		}
		free(full);
		free(ents[i]);
	}
	free(ents);
	free(path);
}

bool
world_make(struct world *w)
{
	char name[] = "/dev/shm/akt-damage-XXXXXX", other[] = "/tmp/akt-damage-XXXXXX";
	char *dir = mkdtemp(name);
	struct buf ids = {0}, tree = {0}, head = {0};
	char *next = NULL;

	*w = (struct world){.top = xstrdup(dir ? dir : mkdtemp(other))};
	w->pristine[0] = xasprintf("%s/loose", w->top);
	w->pristine[1] = xasprintf("%s/packed", w->top);
	w->work = xasprintf("%s/work", w->top);
	w->identity = xasprintf("%s/anna.id", w->top);
	w->hub = xasprintf("%s/hub.git", w->top);
	if (!in_child(make_store, w) || sh(NULL, "cp -a %s %s", w->pristine[0], w->pristine[1]) ||
	    !in_child(pack_store, w) || sh(NULL, "git -C %s pack-refs --all", w->pristine[1]) ||
	    sh(&ids, "cat %s/ids", w->top) ||
	    sh(&tree, "git -C %s ls-tree -r -t main", w->pristine[0]) ||
	    sh(&head, "cd %s && git rev-parse main main^{tree} main:records", w->pristine[0]))
		return false;
	for (int i = 0; i < WORLD_RECORDS; i++)
		w->id[i] = xstrdup(strtok_r(i ? NULL : ids.p, "\n", &next));
	for (int i = 0; i < WORLD_SHAPES; i++)
		add_files(w, i, "", buf_str(&tree), buf_str(&head));
	buf_free(&ids);
	buf_free(&tree);
	buf_free(&head);
	return true;
}

void
world_remove(struct world *w)
{
	os_remove_tree(w->top, NULL);
	for (int i = 0; i < WORLD_SHAPES; i++) {
		for (size_t k = 0; k < w->files[i].n; k++)
			free(w->files[i].v[k].path);
		free(w->files[i].v);
		free(w->pristine[i]);
	}
	for (int i = 0; i < WORLD_RECORDS; i++)
		free(w->id[i]);
	free(w->work);
	free(w->identity);
	free(w->hub);
	free(w->top);
}

/* Keeps the time of change: what has it and the same length was not touched since. */
static bool
copy_file(const char *from, const struct stat *st, const char *to)
{
	const struct timespec times[2] = {st->st_mtim, st->st_mtim};
	struct buf text = {0};
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool done = fd >= 0 && os_read_file(&text, from, SIZE_MAX / 2, NULL) == 0 &&
	    (text.n == 0 || os_write_fd(fd, text.p, text.n, NULL) == 0) && futimens(fd, times) == 0;

	if (fd >= 0)
		close(fd);
	buf_free(&text);
	return done;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(b->st_mode) && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool restore(const char *from, const char *to);

static bool
restore_one(const char *from, const char *to)
{
	struct stat a, b;
	bool there = lstat(to, &b) == 0;

	if (lstat(from, &a) < 0)
		return false;
	if (S_ISDIR(a.st_mode))
		return restore(from, to);
	if (there && same_file(&a, &b))
		return true;
	return (!there || os_remove_tree(to, NULL) == 0) && copy_file(from, &a, to);
}

static bool
remove_new(const char *from, const char *to)
{
	struct stat st;

	return lstat(from, &st) == 0 || os_remove_tree(to, NULL) == 0;
}

static bool
each_name(const char *dir, bool (*what)(const char *from, const char *to), const char *from, const char *to)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool done = d != NULL;

	while (done && (ent = readdir(d))) {
		char *a = xasprintf("%s/%s", from, ent->d_name), *b = xasprintf("%s/%s", to, ent->d_name);

		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			done = what(a, b);
		free(a);
		free(b);
	}
	if (d)
		closedir(d);
	return done;
}

static bool
restore(const char *from, const char *to)
{
	return (mkdir(to, 0700) == 0 || errno == EEXIST) && each_name(to, remove_new, from, to) &&
	    each_name(from, restore_one, from, to);
}

bool
world_reset(const struct world *w, int shape)
{
	return restore(w->pristine[shape], w->work);
}

void
world_session(const struct world *w, struct session *s)
{
	begin(s, w->work, w->identity);
}
