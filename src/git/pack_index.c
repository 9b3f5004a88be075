/* Whether a pack's index can be trusted with libgit2: an offset in it that lies behind the pack's end makes
 * libgit2 (1.5) read memory that is not there. */
#include "git/part.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { HEAD = 8 + 1024, SUMS = 40, PACK_HEAD = 12, PACK_SUM = 20 };

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* gitformat-pack(5), version 2: head, fan-out, names, sums, offsets of 31 bits, offsets of 63 bits. */
static bool
offsets_inside(const unsigned char *p, size_t size, uint64_t pack)
{
	static const unsigned char magic[] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	const unsigned char *at, *large;
	uint64_t n, nlarge, off;

	if (size < HEAD + SUMS || memcmp(p, magic, sizeof magic) != 0 || pack < PACK_HEAD + PACK_SUM)
		return false;
	n = be32(p + HEAD - 4);
	if (size - HEAD - SUMS < n * 28)
		return false;
	at = p + HEAD + n * 24;
	large = at + n * 4;
	nlarge = (size - HEAD - SUMS - n * 28) / 8;
	for (uint64_t i = 0; i < n; i++, at += 4) {
		off = be32(at);
		if (off & 0x80000000u) {
			off &= 0x7fffffffu;
			if (off >= nlarge)
				return false;
			off = (uint64_t)be32(large + off * 8) << 32 | be32(large + off * 8 + 4);
		}
		if (off < PACK_HEAD || off >= pack - PACK_SUM)
			return false;
	}
	return true;
}

bool
part_index_sane(const char *idx, const char *pack)
{
	struct stat si, sp;
	int fd = open(idx, O_RDONLY | O_CLOEXEC);
	void *p = MAP_FAILED;
	bool sane = true;

	/* what the disk does not give up is for libgit2 to say */
	if (fd >= 0 && fstat(fd, &si) == 0 && stat(pack, &sp) == 0 && S_ISREG(si.st_mode)) {
		sane = si.st_size > 0;
		p = si.st_size == 0 ? MAP_FAILED : mmap(NULL, (size_t)si.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (p != MAP_FAILED) {
		sane = offsets_inside(p, (size_t)si.st_size, (uint64_t)sp.st_size);
		munmap(p, (size_t)si.st_size);
	}
	if (fd >= 0)
		close(fd);
	return sane;
}

/* Every pack of a folder that has an index. False stops. */
static bool
each_pack(const char *objects, bool (*each)(void *ctx, const char *idx, const char *pack), void *ctx)
{
	char *dir = xasprintf("%s/pack", objects);
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool go = true;

	while (d && go && (ent = readdir(d))) {
		size_t n = strlen(ent->d_name);
		char *idx, *pack;

		if (n <= 4 || strcmp(ent->d_name + n - 4, ".idx") != 0)
			continue;
		idx = xasprintf("%s/%s", dir, ent->d_name);
		pack = xasprintf("%.*s.pack", (int)(strlen(idx) - 4), idx);
		/* without its pack libgit2 takes no notice of it */
		if (access(pack, F_OK) == 0)
			go = each(ctx, idx, pack);
		free(idx);
		free(pack);
	}
	if (d)
		closedir(d);
	free(dir);
	return go;
}

static bool
is_sane(void *ctx, const char *idx, const char *pack)
{
	(void)ctx;
	return part_index_sane(idx, pack);
}

struct one_by_one {
	git_odb *odb;
	bool alternate;
	int rc;
};

static bool
add_sane(void *ctx, const char *idx, const char *pack)
{
	struct one_by_one *o = ctx;
	git_odb_backend *b = NULL;

	if (!part_index_sane(idx, pack) || git_odb_backend_one_pack(&b, idx) < 0)
		return true;
	o->rc = o->alternate ? git_odb_add_alternate(o->odb, b, 2) : git_odb_add_backend(o->odb, b, 2);
	if (o->rc < 0)
		b->free(b);
	return o->rc == 0;
}

int
lib_odb_add_packs(git_odb *odb, const char *objects, bool alternate)
{
	struct one_by_one o = {odb, alternate, 0};
	git_odb_backend *pack = NULL;
	int rc;

	/* what lies in a pack whose index is damaged is missing until doctor mends it; the others serve */
	if (!each_pack(objects, is_sane, NULL)) {
		each_pack(objects, add_sane, &o);
		return o.rc;
	}
	rc = git_odb_backend_pack(&pack, objects);
	if (rc == 0)
		rc = alternate ? git_odb_add_alternate(odb, pack, 2) : git_odb_add_backend(odb, pack, 2);
	if (rc < 0 && pack)
		pack->free(pack);
	return rc;
}
