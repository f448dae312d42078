/* SPDX-License-Identifier: MIT */
/* The terminal of `callgate top`, by ncurses. */
#ifndef CALLGATE_CLI_TOP_SCREEN_H
#define CALLGATE_CLI_TOP_SCREEN_H

#include "top.h"

/* "ncurses 6.4", or NULL: this was built without. */
const char *top_screen_version(void);

/* Takes the terminal over. False: it cannot, being too dumb or none. */
bool top_screen_open(void);
/* Leaves the terminal as it was. May be called at any time. */
void top_screen_close(void);

/* What fits above the line of help. */
void top_screen_size(struct top_view *view);
void top_screen_show(const struct top_line *lines, size_t count,
		     const struct top_view *view);

/*
 * Takes the keys that were pressed into account. Returns false when it is to end;
 * *ret_redraw: there is something else to show.
 */
bool top_screen_keys(struct top_view *view, bool *ret_redraw);

#endif
