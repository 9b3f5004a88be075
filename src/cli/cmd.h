/** What the commands do, one function a row of the table: each takes its options apart and makes ONE
 * call into app/. */
#ifndef AKT_CLI_CMD_H
#define AKT_CLI_CMD_H

#include "cli/command.h"

typedef int cmd_fn(struct cli *c, struct node **result, struct err *e);

/* cmd_identity.c */
cmd_fn cmd_id_new, cmd_id_show, cmd_id_passphrase, cmd_unlock, cmd_lock;
/* cmd_store.c */
cmd_fn cmd_init, cmd_hub, cmd_join, cmd_schema_put, cmd_store, cmd_gc, cmd_doctor, cmd_status;
/* cmd_people.c */
cmd_fn cmd_member_add, cmd_member_remove, cmd_member_role, cmd_member_list, cmd_device_add,
    cmd_device_revoke, cmd_admit, cmd_team, cmd_access, cmd_exposure;
/* cmd_record.c */
cmd_fn cmd_new, cmd_set, cmd_edit, cmd_show, cmd_approve, cmd_check, cmd_erase;
/* cmd_find.c */
cmd_fn cmd_list, cmd_todo, cmd_search, cmd_sql, cmd_log, cmd_diff;
/* cmd_report.c */
cmd_fn cmd_report;
/* cmd_generate.c */
cmd_fn cmd_generate;
/* cmd_sync.c */
cmd_fn cmd_remote_add, cmd_remote_list, cmd_sync, cmd_conflicts, cmd_resolve, cmd_hook;
/* cmd_proof.c */
cmd_fn cmd_verify, cmd_checkpoint, cmd_reads;
/* cmd_help.c */
cmd_fn cmd_help, cmd_complete, cmd_manual;
/* cmd_files.c */
cmd_fn cmd_import, cmd_export, cmd_encrypt, cmd_decrypt;

#endif
