/** Results as text for people. */
#ifndef AKT_CLI_PRINT_H
#define AKT_CLI_PRINT_H

struct buf;
struct cli;
struct node;

typedef void print_fn(struct cli *c, struct buf *out, const struct node *r);

print_fn print_saved, print_record, print_list, print_check, print_log, print_diff, print_sync,
    print_conflicts, print_remotes, print_verify, print_checkpoint, print_people, print_members,
    print_team, print_access, print_schema_put, print_id, print_init, print_join, print_hub,
    print_import, print_export, print_erase, print_reads, print_handover, print_exposure,
    print_gc, print_unlock, print_doctor, print_search, print_sql, print_status, print_store, print_todo, print_report,
    print_generate;

/** One line of a check: file, position, path and message. */
void print_finding(const struct cli *c, struct buf *out, const struct node *f);
/** Rows of equal keys as a table. */
void print_rows(struct buf *out, const struct node *r);

/** In a word, and with who and when on a line. */
const char *approval_word(const struct node *approval);
void print_approval(struct buf *out, const struct node *approval);

#endif
