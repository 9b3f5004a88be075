/* The one thing that is libgit2's here too: merging texts. */
#include "git/lib.h"

#include "base/buf.h"

int
git_merge_text(struct buf *out, bool *clean, const char *base, size_t base_n, const char *ours,
    size_t ours_n, const char *theirs, size_t theirs_n, struct err *e)
{
	git_merge_file_input in[3];
	git_merge_file_result result = {0};
	const char *p[3] = {base_n ? base : "", ours_n ? ours : "", theirs_n ? theirs : ""};
	size_t n[3] = {base_n, ours_n, theirs_n};
	static bool started;

	if (!started)
		git_libgit2_init();
	started = true;
	for (size_t i = 0; i < 3; i++) {
		git_merge_file_input_init(&in[i], GIT_MERGE_FILE_INPUT_VERSION);
		in[i].ptr = p[i];
		in[i].size = n[i];
	}
	if (git_merge_file(&result, &in[0], &in[1], &in[2], NULL) < 0)
		return err_set(e, ERR_INVALID, "cannot merge two texts");
	*clean = result.automergeable != 0;
	if (*clean)
		buf_add(out, result.ptr, result.len);
	git_merge_file_result_free(&result);
	return 0;
}
