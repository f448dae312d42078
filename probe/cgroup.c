// SPDX-License-Identifier: MIT
/*
 * Where cgroups are, and what the kernel calls them.
 */
#include "cgroup.h"
#include "os/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define DEPTH_MAX 16 /* of folders that are searched for a unit */

static int find_root(char **ret_path)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	int error = -ENODEV;

	while (mounts && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2") != 0)
			continue;
		*ret_path = strdup(mount->mnt_dir);
		error = *ret_path ? 0 : -ENOMEM;
		break;
	}
	if (mounts)
		endmntent(mounts);
	return error;
}

static bool is_folder(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static char *join(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

int cgroup_find(const char *name, char **ret_path)
{
	char *root;
	int error;

	if (is_folder(name)) {
		*ret_path = strdup(name);
		return *ret_path ? 0 : -ENOMEM;
	}
	error = find_root(&root);
	if (error)
		return error;
	*ret_path = join(root, name + strspn(name, "/"));
	free(root);
	if (!*ret_path)
		return -ENOMEM;
	if (is_folder(*ret_path))
		return 0;
	free(*ret_path);
	*ret_path = NULL;
	return -ENOENT;
}

/* --- units -------------------------------------------------------------------------- */

struct search {
	const char *unit;
	bool in_slices; /* and nowhere else: where a manager's own units are */
	unsigned found;
	char *path; /* of the first one */
};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), most = strlen(end);

	return length > most && strcmp(text + length - most, end) == 0;
}

/* systemd puts a '_' before what the kernel might have as the name of a file. */
static bool is_unit(const char *folder, const char *unit)
{
	return strcmp(folder, unit) == 0 ||
	       (folder[0] == '_' && strcmp(folder + 1, unit) == 0);
}

static void search_folder(struct search *search, const char *path, unsigned depth);

static void search_entry(struct search *search, const char *folder, const char *name,
			 unsigned depth)
{
	char *path = join(folder, name);

	if (path && is_unit(name, search->unit)) {
		search->found++;
		if (search->found == 1)
			search->path = strdup(path);
	} else if (path && (!search->in_slices || ends_with(name, ".slice"))) {
		search_folder(search, path, depth + 1);
	}
	free(path);
}

static void search_folder(struct search *search, const char *path, unsigned depth)
{
	DIR *entries = depth < DEPTH_MAX ? opendir(path) : NULL;
	struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			search_entry(search, path, entry->d_name, depth);
	if (entries)
		closedir(entries);
}

/* A name may have dots in it and still lack its suffix. */
static bool has_suffix(const char *unit)
{
	static const char *const suffixes[] = {
		".service", ".scope", ".slice", ".socket", ".mount", ".swap",
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (ends_with(unit, suffixes[i]))
			return true;
	return false;
}

static int find_in(const char *root, const char *unit, char **ret_path)
{
	struct search search = { .unit = unit, .in_slices = true };

	search_folder(&search, root, 0);
	if (!search.found) {
		search.in_slices = false;
		search_folder(&search, root, 0);
	}
	if (search.found && !search.path)
		return -ENOMEM;
	*ret_path = search.path;
	if (search.found <= 1)
		return search.found ? 0 : -ENOENT;
	free(search.path);
	*ret_path = NULL;
	return -ENOTUNIQ;
}

int cgroup_find_unit(const char *unit, char **ret_path)
{
	char *name, *root;
	int error = find_root(&root);

	if (error)
		return error;
	if (asprintf(&name, "%s%s", unit, has_suffix(unit) ? "" : ".service") < 0) {
		free(root);
		return -ENOMEM;
	}
	error = find_in(root, name, ret_path);
	free(name);
	free(root);
	return error;
}

/* --- what the kernel says of them ------------------------------------------------------ */

/* Its depth: ancestors up to the root of the file system, as the kernel counts. */
static int level_of(int folder)
{
	struct stat at, above;
	int level = 0, up = dup(folder);

	while (up >= 0 && !fstat(up, &at)) {
		int next = openat(up, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		close(up);
		up = next;
		if (next < 0 || fstat(next, &above))
			break;
		if (above.st_dev != at.st_dev || above.st_ino == at.st_ino) {
			close(up);
			return level;
		}
		level++;
	}
	if (up >= 0)
		close(up);
	return -EIO;
}

/* The kernel's 64-bit id of a cgroup is in its file handle. */
static int id_of(int folder, uint64_t *ret_id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} file = { .handle.handle_bytes = sizeof(uint64_t) };
	int mount;

	if (name_to_handle_at(folder, "", &file.handle, &mount, AT_EMPTY_PATH))
		return -errno;
	memcpy(ret_id, file.handle.f_handle, sizeof(*ret_id));
	return 0;
}

int cgroup_identify(const char *path, uint64_t *ret_id, int *ret_level)
{
	int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs system;
	int error;

	if (folder < 0)
		return -errno;
	error = fstatfs(folder, &system) ? -errno : 0;
	if (!error && system.f_type != CGROUP2_SUPER_MAGIC)
		error = -EINVAL;
	if (!error)
		error = id_of(folder, ret_id);
	if (!error) {
		*ret_level = level_of(folder);
		error = *ret_level < 0 ? *ret_level : 0;
	}
	close(folder);
	return error;
}

static bool thread_has_filter(int thread)
{
	int folder = process_open(thread);
	char *status;
	bool has_filter;

	if (folder < 0)
		return folder != -ESRCH;
	if (process_file(folder, "status", &status, NULL)) {
		close(folder);
		return false;
	}
	has_filter = process_number(process_field(status, "Seccomp"), 0) != 0;
	free(status);
	close(folder);
	return has_filter;
}

static bool a_thread_has_filter(const char *folder)
{
	char *name = join(folder, "cgroup.threads");
	FILE *threads = name ? fopen(name, "re") : NULL;
	bool has_filter = !threads;
	char line[32];

	while (!has_filter && fgets(line, sizeof(line), threads))
		has_filter = thread_has_filter(
			(int)process_number((struct str){ line, strlen(line) }, 0));
	if (threads)
		fclose(threads);
	free(name);
	return has_filter;
}

bool cgroup_has_filter(const char *path)
{
	bool has_filter = a_thread_has_filter(path);
	DIR *entries = has_filter ? NULL : opendir(path);
	struct dirent *entry;

	while (entries && !has_filter && (entry = readdir(entries))) {
		char *below;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = join(path, entry->d_name);
		has_filter = !below || cgroup_has_filter(below);
		free(below);
	}
	if (entries)
		closedir(entries);
	return has_filter;
}
