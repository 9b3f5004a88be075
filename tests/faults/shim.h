/* What stands between a program and the system has of its own: inject.c says which call fails, path.c by which way it was
 * come to, record.c writes down what changes; shim.c has the calls. Nothing of it is seen by the program. */
#ifndef FAULTS_SHIM_H
#define FAULTS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

enum set { NONE, WRITE, READ, OPEN, ALLOC };
enum how { ERROR, FULL, READONLY, KILL, INT, EACH };
enum { FDS = 1024 };

extern struct fault {
	bool ready, child;
	enum how how;
	enum set set;
	int number;    /* the error's */
	long failures; /* so far */
	long clock;
} fault;

/* Files below the folder, by descriptor: how they were opened. */
extern struct open_file {
	bool on, changes;
	uint64_t id;
} files[FDS];

/** True when this call is to fail: errno is set. */
bool inject_fails(enum set set, const char *name);

/** True of what lies in the folder that is watched. What inject_fails() is asked next is about that file. */
bool inject_below(const char *path);
bool inject_on(int fd);
void inject_opened(int fd, const char *path, bool changes);

/** The ways by which a program comes to a call, as a number that is the same wherever its modules lie. Asks for no memory. */
uint64_t path_of(enum set set, const char *name);

void record_start(const char *file);

/** A change and its line in the log are one: between enter and leave. */
void record_enter(void);
void record_leave(void);
__attribute__((format(printf, 1, 2))) void record_note(const char *fmt, ...);
void record_data(const void *p, size_t n);
void record_write(int fd, const void *p, size_t n, off_t at);

#pragma GCC visibility pop

#endif
