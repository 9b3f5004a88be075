/* The baseline of a save: what libgit2 alone needs to put one blob of the same size at the same path
 * of the same tree, commit and move the branch, every file fsynced. No encryption, no signature, no
 * validation, no reading back. Usage: bare_commit REPO PATH BYTES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <git2.h>

static void
must(int rc, const char *what)
{
	if (rc < 0) {
		const git_error *e = git_error_last();

		fprintf(stderr, "%s: %s\n", what, e ? e->message : "?");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	git_repository *repo;
	git_oid head, blob, tree_id, commit_id;
	git_commit *parent;
	git_tree *base;
	git_signature *sig;
	git_reference *ref, *moved;
	git_tree_update update = {.action = GIT_TREE_UPDATE_UPSERT, .filemode = GIT_FILEMODE_BLOB};
	const git_commit *parents[1];
	git_tree *tree;
	size_t n;
	char *data;
	FILE *rnd;

	if (argc != 4)
		return 2;
	n = (size_t)atol(argv[3]);
	data = malloc(n);
	rnd = fopen("/dev/urandom", "rb");
	if (!data || !rnd || fread(data, 1, n, rnd) != n)
		return 1;
	must(git_libgit2_init(), "init");
	must(git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1), "fsync");
	must(git_repository_open_bare(&repo, argv[1]), "open");
	must(git_reference_lookup(&ref, repo, "refs/heads/main"), "ref");
	head = *git_reference_target(ref);
	must(git_commit_lookup(&parent, repo, &head), "commit");
	must(git_commit_tree(&base, parent), "tree");
	must(git_blob_create_from_buffer(&blob, repo, data, n), "blob");
	update.id = blob;
	update.path = argv[2];
	must(git_tree_create_updated(&tree_id, repo, base, 1, &update), "update");
	must(git_tree_lookup(&tree, repo, &tree_id), "tree");
	must(git_signature_now(&sig, "bare", "bare"), "signature");
	parents[0] = parent;
	must(git_commit_create(&commit_id, repo, NULL, sig, sig, NULL, "bare\n", tree, 1, parents),
	    "commit");
	must(git_reference_set_target(&moved, ref, &commit_id, NULL), "move");
	return 0;
}
