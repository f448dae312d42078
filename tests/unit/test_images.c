// SPDX-License-Identifier: MIT
/* Files of a root that is not ours: nothing else is opened, and nothing outside of it. */
#include "os/images.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/images-XXXXXX";
static int root = -1;

static int begin(void **state)
{
	int fd;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(root, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) || mkfifoat(root, "pipe", 0600) ||
	    symlinkat("/file", root, "inside") ||
	    symlinkat("/../../../../etc/passwd", root, "outside") ||
	    symlinkat("/proc/self/exe", root, "magic") ||
	    symlinkat("/dev/null", root, "device") || mkdirat(root, "folder", 0700))
		return -1;
	return 0;
}

static int end(void **state)
{
	static const char *const names[] = { "file",	"pipe",	 "inside",
					     "outside", "magic", "device" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(root, names[i], 0);
	unlinkat(root, "folder", AT_REMOVEDIR);
	close(root);
	return rmdir(folder);
}

static const struct {
	const char *name, *path;
	bool opens;
} cases[] = {
	{ "a file", "file", true },
	{ "an absolute path, from the root", "/file", true },
	{ "a link to an absolute path in the root", "inside", true },
	{ "a link that leads out of the root", "outside", false },
	{ "a link to a file of /proc, which is not in the root", "magic", false },
	{ "a link to a device, which is not in the root", "device", false },
	{ "a pipe", "pipe", false },
	{ "a folder", "folder", false },
	{ "nothing", "absent", false },
};

static void opens_files_of_the_root_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = open_regular(root, cases[i].path,
				      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

		if ((fd >= 0) != cases[i].opens)
			fail_msg("%s", cases[i].name);
		if (fd >= 0) {
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
			close(fd);
		} else {
			assert_int_equal(fd, -ENOENT);
		}
	}
}

static void opens_no_device(void **state)
{
	(void)state;
	assert_int_equal(open_regular(AT_FDCWD, "/dev/null", 0), -ENOENT);
	assert_int_equal(open_regular(AT_FDCWD, "/dev/tty", 0), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_files_of_the_root_alone),
		cmocka_unit_test(opens_no_device),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
