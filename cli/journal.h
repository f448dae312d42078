/* SPDX-License-Identifier: MIT */
/* Events for systemd's journal, in fields that `journalctl` can select by. */
#ifndef CALLGATE_CLI_JOURNAL_H
#define CALLGATE_CLI_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

/* "libsystemd 252", or NULL in a build without. */
const char *journal_version(void);
/* Whether there is a journal to send to. */
bool journal_is_usable(void);
/*
 * Sends an event, as view_json() makes it: `callgate.denial.action` becomes the field
 * CALLGATE_DENIAL_ACTION, `hostProcessId` CALLGATE_HOST_PROCESS_ID, the argument `flags`
 * CALLGATE_ARG_FLAGS.
 */
void journal_send(json_t *event);

#endif
