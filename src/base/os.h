/** Files, locks and processes. Everything durable goes through here, so that tests can
 * fail each call in turn (os_fault_at). Paths are bytes; messages show them only
 * where they hold no secret (the caller decides by what it passes). */
#ifndef AKT_BASE_OS_H
#define AKT_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;

/** Reads a whole file, at most `max` bytes. ERR_NOTFOUND, ERR_IO, ERR_INVALID (too large). */
int os_read_file(struct buf *out, const char *path, size_t max, struct err *e);
/** Reads a descriptor to its end, at most `max` bytes. */
int os_read_fd(struct buf *out, int fd, size_t max, struct err *e);
/** Writes beside, fsyncs, renames over, fsyncs the folder: the old or the new file stands. */
int os_write_file(const char *path, const void *p, size_t n, mode_t mode, struct err *e);
/** As os_write_file without waiting for the disk: for what may be lost, never for what was acknowledged. */
int os_write_hint(const char *path, const void *p, size_t n, mode_t mode, struct err *e);
/** As os_write_file, but ERR_EXISTS when the file is there (link, not rename). */
int os_create_file(const char *path, const void *p, size_t n, mode_t mode, struct err *e);
/** Writes all of it to a descriptor. */
int os_write_fd(int fd, const void *p, size_t n, struct err *e);
/** mkdir -p, mode 0700. */
int os_mkdirs(const char *path, struct err *e);
/** Removes a file; absent is no error. */
int os_unlink(const char *path, struct err *e);
/** rm -r of a folder; symlinks are removed, not followed; absent is no error. */
int os_remove_tree(const char *path, struct err *e);
/** The names in a folder, sorted, without those that begin with a dot; with `ending` ("" = any) only those
 * that are longer than it and end so. Absent is empty; what cannot be listed whole is ERR_IO. os_names_free. */
struct os_names {
	size_t n, cap;
	char **v;
};
int os_names(struct os_names *out, const char *path, const char *ending, struct err *e);
void os_names_free(struct os_names *names);
int os_fsync_dir(const char *path, struct err *e);
bool os_exists(const char *path);
/** Only where the system says that nothing is there: neither this nor os_exists is true of what it does not tell of. Where
 * absence decides that something goes or is not looked for, this is the one to ask. */
bool os_absent(const char *path);
bool os_is_dir(const char *path);
/** malloc'd: this program's own file; NULL where the system does not tell. */
char *os_program(void);
/** malloc'd: what came with the program. The first of the NULL-terminated places `beside`, seen from the folder it lies
 * in, that exists with NAME below it, so that a checkout, an installed and an unpacked tree all work; else FALLBACK/NAME. */
char *os_shipped(const char *const *beside, const char *fallback, const char *name);

/** Exclusive advisory lock (flock) on `path`, made if absent. Waits up to
 * wait_ms, then ERR_BUSY. The lock dies with the process. */
struct os_lock;
int os_lock(struct os_lock **out, const char *path, int wait_ms, struct err *e);
void os_unlock(struct os_lock *l);

/** Fault injection for tests: the nth system call from now through this module fails with
 * `errnum`; 0 switches off. os_calls() counts them. */
void os_fault_at(long n, int errnum);
long os_calls(void);

#endif
