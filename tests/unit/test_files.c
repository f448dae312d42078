// SPDX-License-Identifier: MIT
/*
 * Reading and writing files in a scratch directory: what must be refused is, at once, and
 * a failed write leaves nothing behind.
 */
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#define HANG_SECONDS 20

/* --- the scratch directory --------------------------------------------------------- */

static int enter_scratch(void **state)
{
	char *path = strdup("/tmp/callgate-files-XXXXXX");

	*state = path;
	return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	struct dirent *entry;
	DIR *directory = opendir(".");

	while (directory && (entry = readdir(directory)))
		if (unlink(entry->d_name))
			rmdir(entry->d_name);
	if (directory)
		closedir(directory);
	if (chdir("/") == 0)
		rmdir(*state);
	free(*state);
	return 0;
}

static size_t count_entries(void)
{
	DIR *directory = opendir(".");
	size_t count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 2; /* . and .. */
}

static void make_file(const char *name, const char *text, off_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	if (size)
		assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void assert_reads(const char *name, const char *from, const char *text,
			 const char *path)
{
	char *got = NULL, *got_name = NULL;
	size_t length;

	assert_int_equal(callgate_read_file(NULL, name, from, &got, &length, &got_name),
			 0);
	assert_int_equal(length, strlen(text));
	assert_string_equal(got, text);
	assert_string_equal(got_name, path);
	free(got);
	free(got_name);
}

static int read_error(const char *name)
{
	char *text = NULL;
	size_t length = 0;
	int error = callgate_read_file(NULL, name, NULL, &text, &length, NULL);

	if (error)
		assert_null(text);
	free(text);
	return error;
}

/* --- reading ----------------------------------------------------------------------- */

static void reads_files_and_includes_beside_them(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0777), 0);
	make_file("d/one.gate", "allow read\n", 0);
	make_file("empty", "", 0);
	assert_reads("d/one.gate", NULL, "allow read\n", "d/one.gate");
	assert_reads("one.gate", "d/main.gate", "allow read\n", "d/one.gate");
	assert_reads("d/one.gate", "main.gate", "allow read\n", "d/one.gate");
	assert_reads("d/one.gate", "-", "allow read\n", "d/one.gate");
	assert_reads("/dev/../proc/self/comm", "d/x", "test_files\n",
		     "/dev/../proc/self/comm");
	assert_reads("empty", NULL, "", "empty");
	unlink("d/one.gate");
}

static void reads_a_nul_as_it_is(void **state)
{
	char *text;
	size_t length;

	(void)state;
	make_file("nul", "a", 3);
	assert_int_equal(callgate_read_file(NULL, "nul", NULL, &text, &length, NULL),
			 0);
	assert_int_equal(length, 3);
	assert_memory_equal(text, "a\0\0", 4);
	free(text);
}

static void reads_standard_input_of_any_kind(void **state)
{
	int ends[2], saved = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "deny read", 9), 9);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	assert_reads("-", NULL, "deny read", "-");
	assert_int_equal(read_error("-"), 0);
	/* Included, it is the name of a file. */
	make_file("-", "file", 0);
	assert_reads("-", "main.gate", "file", "-");
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void keeps_the_limit(void **state)
{
	(void)state;
	make_file("most", "x", (off_t)CALLGATE_FILE_MAX);
	make_file("more", "x", (off_t)CALLGATE_FILE_MAX + 1);
	make_file("huge", "x", (off_t)2 << 30);
	assert_int_equal(read_error("most"), 0);
	assert_int_equal(read_error("more"), -EFBIG);
	assert_int_equal(read_error("huge"), -EFBIG);
}

static void ends_endless_standard_input(void **state)
{
	int saved = dup(STDIN_FILENO), zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)state;
	dup2(zero, STDIN_FILENO);
	assert_int_equal(read_error("-"), -EFBIG);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(zero);
}

static void refuses_what_is_no_file(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(mkfifo("fifo", 0666), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(read_error("."), -EISDIR);
	assert_int_equal(read_error("fifo"), -ENOTSUP);
	assert_int_equal(read_error("socket"), -ENOTSUP);
	assert_int_equal(read_error("/dev/zero"), -ENOTSUP);
	assert_int_equal(read_error("loop"), -ELOOP);
	assert_int_equal(read_error("none"), -ENOENT);
	assert_int_equal(read_error(""), -ENOENT);
	close(fd);
}

static void explains_every_error(void **state)
{
	static const struct {
		int error;
		const char *message;
	} cases[] = {
		{ -ENOENT, "x.gate: there is no such file" },
		{ -EISDIR, "x.gate: it is a directory, not a file" },
		{ -EFBIG, "x.gate: it is larger than 16 MiB" },
		{ -ENOTSUP, "x.gate: it is a pipe, a device or a socket, not a file" },
		{ -EIO, "x.gate: Input/output error" },
		{ -4000, "x.gate: unknown error" },
	};
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		callgate_file_explain("x.gate", cases[i].error, diagnostics);
		assert_string_equal(callgate_diagnostics_at(diagnostics, i)->message,
				    cases[i].message);
	}
	callgate_diagnostics_free(diagnostics);
}

/* --- writing ----------------------------------------------------------------------- */

static mode_t mode_of(const char *name)
{
	struct stat status;

	assert_int_equal(lstat(name, &status), 0);
	return status.st_mode;
}

static void writes_and_replaces(void **state)
{
	mode_t before = umask(027);

	(void)state;
	assert_int_equal(callgate_write_file("out", "first", 5), 0);
	assert_reads("out", NULL, "first", "out");
	assert_int_equal(mode_of("out") & 0777, 0640);
	umask(before);
	assert_int_equal(callgate_write_file("out", "2", 1), 0);
	assert_reads("out", NULL, "2", "out");
	assert_int_equal(callgate_write_file("out", "", 0), 0);
	assert_reads("out", NULL, "", "out");
	assert_int_equal(count_entries(), 1);
}

static void writes_through_links_and_devices(void **state)
{
	(void)state;
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(callgate_write_file("link", "text", 4), 0);
	assert_true(S_ISLNK(mode_of("link")));
	assert_reads("target", NULL, "text", "target");
	assert_int_equal(callgate_write_file("/dev/null", "text", 4), 0);
	assert_true(S_ISCHR(mode_of("/dev/null")));
}

static void leaves_nothing_after_a_failure(void **state)
{
	const struct rlimit full = { 4096, RLIM_INFINITY };
	struct rlimit before;
	char *text = calloc(1, 8192);

	(void)state;
	make_file("out", "old", 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &full);
	assert_int_equal(callgate_write_file("out", text, 8192), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_reads("out", NULL, "old", "out");
	assert_int_equal(count_entries(), 1);
	free(text);
}

static void refuses_places_without_room(void **state)
{
	char name[300];

	(void)state;
	assert_int_equal(callgate_write_file(".", "x", 1), -EISDIR);
	assert_int_equal(callgate_write_file("no/such", "x", 1), -ENOENT);
	assert_int_equal(callgate_write_file("", "x", 1), -ENOENT);
	memset(name, 'n', 299);
	name[299] = '\0';
	assert_int_equal(callgate_write_file(name, "x", 1), -ENAMETOOLONG);
	name[255] = '\0';
	assert_int_equal(callgate_write_file(name, "x", 1), 0);
	assert_int_equal(count_entries(), 1);
}

#define IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, enter_scratch, leave_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(reads_files_and_includes_beside_them),
		IN_SCRATCH(reads_a_nul_as_it_is),
		IN_SCRATCH(reads_standard_input_of_any_kind),
		IN_SCRATCH(keeps_the_limit),
		IN_SCRATCH(ends_endless_standard_input),
		IN_SCRATCH(refuses_what_is_no_file),
		cmocka_unit_test(explains_every_error),
		IN_SCRATCH(writes_and_replaces),
		IN_SCRATCH(writes_through_links_and_devices),
		IN_SCRATCH(leaves_nothing_after_a_failure),
		IN_SCRATCH(refuses_places_without_room),
	};

	alarm(HANG_SECONDS); /* a read that hangs must not pass for a slow one */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
