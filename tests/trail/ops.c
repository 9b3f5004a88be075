#include "ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
del(struct files *f, const char *path)
{
	size_t n = strlen(path);

	if (n > 3 && strcmp(path + n - 3, "{p}") == 0)
		for (size_t i = 0; i < f->n; i++)
			if (strncmp(f->v[i].path, path, n - 3) == 0)
				path = f->v[i].path;
	files_del(f, path);
}

void
ops_apply(
    struct mem *m, struct files *f, const struct op *op, size_t n, const struct files *sides)
{
	for (size_t i = 0; i < n && op[i].kind != END; i++) {
		const struct file *from = NULL;

		switch (op[i].kind) {
		case PUT:
			files_put(f, op[i].path, op[i].a);
			break;
		case SUB:
			files_sub(f, op[i].path, op[i].a, op[i].b);
			break;
		case DEL:
			del(f, op[i].path);
			break;
		case SEAL:
			files_seal(f, op[i].path, op[i].a);
			break;
		case EXE:
			files_put_raw(f, op[i].path, op[i].a, strlen(op[i].a), 0100755);
			break;
		case SIGNERS:
			files_signers(m, f);
			break;
		case COPY_OURS:
		case COPY_THEIRS:
			assert_non_null(sides);
			from = files_get(&sides[op[i].kind == COPY_THEIRS], op[i].path);
			assert_non_null(from);
			files_put_raw(f, op[i].path, from->text, from->n, from->mode);
			break;
		case END:
			break;
		}
	}
}
