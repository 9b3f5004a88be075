/** What a test does to the unit of mem_unit before policy is asked about it, step by step, and the names of the files it
 * does it to. */
#ifndef AKT_TESTS_TRAIL_OPS_H
#define AKT_TESTS_TRAIL_OPS_H

#include "trail/mem.h"

enum op_kind { END, PUT, SUB, DEL, SEAL, EXE, SIGNERS, COPY_OURS, COPY_THEIRS };

struct op {
	enum op_kind kind;
	const char *path, *a, *b;
};

/** Until END or n steps. COPY_*: the file as that side of a merge has it (`sides`, else NULL). A path that DEL goes by may
 * end in {p}: whatever was set aside there. */
void ops_apply(
    struct mem *m, struct files *f, const struct op *op, size_t n, const struct files *sides);

#define D1 "records/d/1/d111111111/"
#define E2 "records/e/2/e222222222/"
#define F3 "records/f/3/f333333333/"
#define D1_FILE D1 "dossier.yaml"
#define E2_FILE E2 "dossier.yaml"
#define F3_FILE F3 "dossier.yaml"
#define PLACEMENT D1 "placement-aaaaaaaa.yaml.age"
#define PLAN D1 "plan-bbbbbbbb.yaml.age"
#define EVA_FILE E2 "placement-cccccccc.yaml.age"

#define ADDED "  added: 2026-03-02T09:14:00Z\n"
#define REVOKED ADDED "  revoked: 2026-04-01T08:00:00Z\n"
#define PHONE                                                                                      \
	"- id: bo.phone\n  recipient: {r:bo.phone}\n  signer: {k:bo.phone}\n" ADDED

#define STONE "erased/d/1/d111111111.yaml"
#define ORDER(by) "akt: 1\ndossier: d111111111\nbasis: gdpr\nby:\n" by
#define BY(handle) "- handle: " handle "\n  at: 2026-05-01T08:00:00Z\n"
#define ERASED                                                                                     \
	{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL}, {DEL, D1_FILE, NULL, NULL},               \
	    {DEL, PLACEMENT, NULL, NULL},                                                          \
	{                                                                                          \
		DEL, PLAN, NULL, NULL                                                              \
	}
/** Eva's laptop revoked; fia no administrator any more. */
#define EVA_OUT                                                                                    \
	{                                                                                          \
		SUB, "members/eva.yaml", ADDED, REVOKED                                            \
	}
#define FIA_DOWN                                                                                   \
	{                                                                                          \
		SUB, "members/fia.yaml", "- admin\n", "- staff\n"                                  \
	}

#endif
