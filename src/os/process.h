/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/TID, read through a descriptor of the folder. It stays with the thread
 * it was opened for: when that has ended, reading fails with -ESRCH, whoever has its id
 * then.
 */
#ifndef CALLGATE_OS_PROCESS_H
#define CALLGATE_OS_PROCESS_H

#include "base/buffer.h"

/* A descriptor, close-on-exec, or a negative errno as of callgate_process_read(). */
int process_open(int tid);

/*
 * The whole file, malloc'ed, with a NUL after *ret_length bytes (may be NULL), of which
 * there are at most CALLGATE_FILE_MAX. -ESRCH: the thread has ended; -EFBIG; an errno of
 * open(2) or read(2).
 */
int process_file(int folder, const char *name, char **ret_text, size_t *ret_length);

/* Where a link such as "exe" leads, malloc'ed. -ESRCH as above; an errno of readlink(2). */
int process_link(int folder, const char *name, char **ret_target);

/*
 * The text after "FIELD:" and blanks of a text such as /proc/TID/status, up to the line's
 * end; length 0: there is no such line.
 */
struct str process_field(const char *status, const char *field);

/* A decimal number at the start of `text`, which may go on; `otherwise`: there is none. */
int64_t process_number(struct str text, int64_t otherwise);

#endif
