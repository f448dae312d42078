// SPDX-License-Identifier: MIT
/* The terminal of `callgate top` in a build without ncurses. */
#include "top_screen.h"

const char *top_screen_version(void)
{
	return NULL;
}

bool top_screen_open(void)
{
	return false;
}

void top_screen_close(void)
{
}

void top_screen_size(struct top_view *view)
{
	(void)view;
}

void top_screen_show(const struct top_line *lines, size_t count,
		     const struct top_view *view)
{
	(void)lines;
	(void)count;
	(void)view;
}

bool top_screen_keys(struct top_view *view, bool *ret_redraw)
{
	(void)view;
	(void)ret_redraw;
	return false;
}
