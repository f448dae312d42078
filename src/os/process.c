// SPDX-License-Identifier: MIT
/*
 * Facts of a thread out of /proc.
 *
 * An id is that of a moment. All files are read through one descriptor of /proc/TID,
 * which the kernel ties to the thread and not to its id, so facts of two threads are
 * never mixed. Names may hold what the files' syntax is made of: the one in `stat` is
 * skipped up to the last parenthesis, the name itself is taken from `comm`, which has
 * nothing else. `status` writes a line feed in it as two letters, so that its lines are
 * the kernel's.
 */
#include "os/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "callgate.h"

#define CHUNK	   4096
#define PF_KTHREAD 0x00200000 /* of `stat`'s flags */

/* --- files -------------------------------------------------------------------------- */

/* Somebody may have mounted another thing over /proc, or nothing. */
static int check_is_proc(int fd)
{
	struct statfs about;

	if (fstatfs(fd, &about))
		return -errno;
	return about.f_type == PROC_SUPER_MAGIC ? 0 : -ENOTSUP;
}

static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY);
	int error;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return access("/proc/self/stat", F_OK) ? -ENOTSUP : -ESRCH;
	if (fd < 0)
		return -errno;
	error = check_is_proc(fd);
	if (error)
		close(fd);
	return error ? error : fd;
}

int process_open(int tid)
{
	char path[32];

	if (tid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d", tid);
	return open_folder(path);
}

/* The thread has ended, should its folder be empty. */
static int file_error(int folder, int error)
{
	if (error != -ENOENT)
		return error;
	return faccessat(folder, "stat", F_OK, 0) ? -ESRCH : -ENOENT;
}

static int read_to(int fd, struct buffer *text)
{
	char chunk[CHUNK];
	ssize_t got;

	do {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			buffer_put(text, chunk, (size_t)got);
		if (text->failed)
			return -ENOMEM;
		if (text->len > CALLGATE_FILE_MAX)
			return -EFBIG;
	} while (got);
	return 0;
}

int process_file(int folder, const char *name, char **ret_text, size_t *ret_length)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct buffer text = { 0 };
	int error;

	*ret_text = NULL;
	if (fd < 0)
		return file_error(folder, -errno);
	error = read_to(fd, &text);
	close(fd);
	if (ret_length)
		*ret_length = text.len;
	if (error)
		buffer_done(&text);
	else
		*ret_text = buffer_take(&text);
	return error || *ret_text ? error : -ENOMEM;
}

int process_link(int folder, const char *name, char **ret_target)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(folder, name, target, sizeof(target) - 1);

	*ret_target = NULL;
	if (length < 0)
		return file_error(folder, -errno);
	target[length] = '\0';
	*ret_target = strdup(target);
	return *ret_target ? 0 : -ENOMEM;
}

/* --- their text --------------------------------------------------------------------- */

int64_t process_number(struct str text, int64_t otherwise)
{
	bool is_negative = text.len && *text.ptr == '-';
	size_t at = is_negative;
	int64_t value = 0;

	for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, text.ptr[at] - '0', &value))
			return otherwise;
	if (at == is_negative)
		return otherwise;
	return is_negative ? -value : value;
}

/* The text up to `end`, or all of it; *rest is what follows. */
static struct str cut(const char **rest, char end)
{
	struct str part = { *rest, strcspn(*rest, (char[]){ end, '\0' }) };

	*rest += part.len;
	*rest += **rest == end;
	return part;
}

static struct str skip_blanks(struct str text)
{
	while (text.len && (*text.ptr == ' ' || *text.ptr == '\t')) {
		text.ptr++;
		text.len--;
	}
	return text;
}

struct str process_field(const char *status, const char *field)
{
	size_t length = strlen(field);

	while (*status) {
		struct str line = cut(&status, '\n');

		if (line.len <= length || memcmp(line.ptr, field, length) != 0 ||
		    line.ptr[length] != ':')
			continue;
		line.ptr += length + 1;
		line.len -= length + 1;
		return skip_blanks(line);
	}
	return (struct str){ 0 };
}

static int field_number(const char *status, const char *field, int otherwise)
{
	int64_t value = process_number(process_field(status, field), otherwise);

	return value < INT_MIN || value > INT_MAX ? otherwise : (int)value;
}

#define LAST_WORD SIZE_MAX

/* The word number `index` of a line. */
static struct str word_at(struct str line, size_t index)
{
	struct str word = { 0 };

	for (size_t i = 0; line.len && i <= index; i++) {
		word = (struct str){ line.ptr, 0 };
		while (word.len < line.len && !strchr(" \t", word.ptr[word.len]))
			word.len++;
		line.ptr += word.len;
		line.len -= word.len;
		line = skip_blanks(line);
	}
	return word;
}

/* --- facts -------------------------------------------------------------------------- */

static void take_status(const char *status, struct callgate_process *process)
{
	struct str uids = process_field(status, "Uid");
	struct str inner = word_at(process_field(status, "NSpid"), LAST_WORD);
	struct str inner_group = word_at(process_field(status, "NStgid"), LAST_WORD);

	process->tid = field_number(status, "Pid", 0);
	process->pid = field_number(status, "Tgid", 0);
	process->parent = field_number(status, "PPid", 0);
	process->tracer = field_number(status, "TracerPid", 0);
	process->inner_tid = (int)process_number(inner, 0);
	process->inner_pid = (int)process_number(inner_group, 0);
	process->uid = (uint32_t)process_number(word_at(uids, 0), 0);
	process->effective_uid = (uint32_t)process_number(word_at(uids, 1), 0);
	process->threads = (unsigned)field_number(status, "Threads", 0);
	process->mode = field_number(status, "Seccomp", CALLGATE_UNREADABLE);
	process->filters = field_number(status, "Seccomp_filters", CALLGATE_UNREADABLE);
	process->no_new_privs = field_number(status, "NoNewPrivs", CALLGATE_UNREADABLE);
}

/* Words of `stat` after the name: state is 0, flags 6, starttime 19. */
static void take_stat(const char *stat, struct callgate_process *process)
{
	const char *after = strrchr(stat, ')');
	struct str words = skip_blanks(str_of(after ? after + 1 : ""));

	process->is_ended = words.len && strchr("ZX", *words.ptr);
	process->is_kernel = process_number(word_at(words, 6), 0) & PF_KTHREAD;
	process->start = (uint64_t)process_number(word_at(words, 19), 0);
}

/*
 * Lines are "NUMBER:CONTROLLERS:PATH". Without controllers is the unified hierarchy; a
 * machine that has it beside the others uses it for nothing: then systemd's tells more.
 */
static struct str find_cgroup(const char *text)
{
	struct str unified = { 0 }, systemd = { 0 };

	while (*text) {
		struct str number = cut(&text, ':'), controllers = cut(&text, ':');
		struct str path = cut(&text, '\n');

		if (str_is(number, "0") && !controllers.len)
			unified = path;
		else if (str_is(controllers, "name=systemd"))
			systemd = path;
	}
	return systemd.len > 1 && unified.len <= 1 ? systemd : unified;
}

/* The strings come behind the structure, in its block. */
static int pack(const struct callgate_process *facts, struct str name, struct str exe,
		struct str cgroup, struct callgate_process **ret_process)
{
	const struct str texts[] = { name, exe, cgroup };
	const char *placed[3] = { NULL };
	struct callgate_process *process;
	size_t size = sizeof(*process);
	char *at;

	for (size_t i = 0; i < 3; i++)
		size += texts[i].len + 1;
	process = malloc(size);
	if (!process)
		return -ENOMEM;
	at = (char *)(process + 1);
	for (size_t i = 0; i < 3; i++) {
		if (!texts[i].ptr)
			continue;
		memcpy(at, texts[i].ptr, texts[i].len);
		at[texts[i].len] = '\0';
		placed[i] = at;
		at += texts[i].len + 1;
	}
	*process = *facts;
	process->name = placed[0] ? placed[0] : "";
	process->exe = placed[1];
	process->cgroup = placed[2];
	*ret_process = process;
	return 0;
}

struct texts {
	char *status, *stat, *name, *exe, *cgroup;
};

static int read_texts(int folder, struct texts *texts)
{
	int error = process_file(folder, "stat", &texts->stat, NULL);

	if (!error)
		error = process_file(folder, "status", &texts->status, NULL);
	if (!error)
		error = process_file(folder, "comm", &texts->name, NULL);
	if (error)
		return error;
	/* What may be missing: no program, another user's, a kernel without cgroups. */
	error = process_link(folder, "exe", &texts->exe);
	if (error != -ENOMEM && error != -ESRCH)
		error = process_file(folder, "cgroup", &texts->cgroup, NULL);
	return error == -ENOMEM || error == -ESRCH ? error : 0;
}

static int read_facts(int folder, struct texts *texts,
		      struct callgate_process **ret_process)
{
	struct callgate_process facts = { 0 };
	int error = read_texts(folder, texts);
	struct str name, cgroup = { 0 };

	if (error)
		return error;
	take_status(texts->status, &facts);
	take_stat(texts->stat, &facts);
	name = str_of(texts->name);
	if (name.len && name.ptr[name.len - 1] == '\n')
		name.len--; /* the file's; those before are the name's */
	if (texts->cgroup)
		cgroup = find_cgroup(texts->cgroup);
	return pack(&facts, name, str_of(texts->exe), cgroup, ret_process);
}

int callgate_process_read(int tid, struct callgate_process **ret_process)
{
	int folder = process_open(tid), error;
	struct texts texts = { 0 };

	*ret_process = NULL;
	if (folder < 0)
		return folder;
	error = read_facts(folder, &texts, ret_process);
	close(folder);
	free(texts.status);
	free(texts.stat);
	free(texts.name);
	free(texts.exe);
	free(texts.cgroup);
	return error;
}

void callgate_process_free(struct callgate_process *process)
{
	free(process);
}

/* --- lists -------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
	int first = *(const int *)a, second = *(const int *)b;

	return (first > second) - (first < second);
}

static int collect(DIR *folder, struct buffer *ids)
{
	struct dirent *entry;

	for (errno = 0; (entry = readdir(folder)); errno = 0) {
		int64_t id = process_number(str_of(entry->d_name), 0);

		if (id > 0 && id <= INT_MAX)
			buffer_put(ids, &(int){ (int)id }, sizeof(int));
	}
	if (ids->failed)
		return -ENOMEM;
	return -errno; /* -ENOENT: the process ended while it was read */
}

int callgate_process_list(int pid, int **ret_ids, size_t *ret_count)
{
	struct buffer ids = { 0 };
	char path[32] = "/proc";
	DIR *folder;
	int fd, error;

	*ret_ids = NULL;
	*ret_count = 0;
	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/task", pid);
	fd = open_folder(path);
	if (fd < 0)
		return fd;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	error = collect(folder, &ids);
	closedir(folder);
	if (error) {
		buffer_done(&ids);
		return error == -ENOENT ? -ESRCH : error;
	}
	*ret_count = ids.len / sizeof(int);
	*ret_ids = (int *)(void *)buffer_take(&ids);
	if (!*ret_ids)
		return -ESRCH;
	qsort(*ret_ids, *ret_count, sizeof(int), compare_ids);
	return 0;
}
