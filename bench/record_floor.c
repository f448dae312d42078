// SPDX-License-Identifier: MIT
/*
 * What no recorder by tracepoints can be cheaper than: programs that do nothing, at the
 * tracepoints that a recording needs.
 *
 *     record_floor enter|both COMMAND [WORD]...
 */
#include <bpf/libbpf.h>
#include <record_floor.skel.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **words)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execvp(words[0], words);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child ? status != 0 : 1;
}

int main(int argc, char **argv)
{
	struct record_floor_bpf *skeleton =
		argc > 2 ? record_floor_bpf__open_and_load() : NULL;
	int failed = 1;

	if (!skeleton)
		return 2;
	skeleton->links.floor_enter = bpf_program__attach(skeleton->progs.floor_enter);
	if (strcmp(argv[1], "both") == 0)
		skeleton->links.floor_exit =
			bpf_program__attach(skeleton->progs.floor_exit);
	if (skeleton->links.floor_enter &&
	    !skeleton->links.floor_exit == !!strcmp(argv[1], "both"))
		failed = run(argv + 2);
	record_floor_bpf__destroy(skeleton);
	return failed;
}
