// SPDX-License-Identifier: MIT
/*
 * The terminal of `callgate top`. ncurses knows how terminals are driven, keeps the old
 * screen aside where one can, and notices when the window's size changes.
 */
#include "top_screen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE	  27
#define DELETE	  127
#define BACKSPACE 8

const char *top_screen_version(void)
{
	return "ncurses " NCURSES_VERSION;
}

static const struct {
	enum style style;
	short pair, colour;
	attr_t attribute;
} styles[] = {
	{ STYLE_BOLD, 0, 0, A_BOLD },
	{ STYLE_ERROR, 1, COLOR_RED, A_BOLD },
	{ STYLE_WARNING, 2, COLOR_MAGENTA, A_BOLD },
	{ STYLE_NOTE, 3, COLOR_CYAN, A_BOLD },
};

#define STYLE_COUNT (sizeof(styles) / sizeof(styles[0]))

/* As for all other output: NO_COLOR, whatever it says but nothing. */
static bool may_colour(void)
{
	const char *refused = getenv("NO_COLOR");

	return !(refused && *refused) && has_colors();
}

static void start_colours(void)
{
	if (!may_colour())
		return;
	start_color();
	use_default_colors();
	for (size_t i = 0; i < STYLE_COUNT; i++)
		if (styles[i].pair)
			init_pair(styles[i].pair, styles[i].colour, -1);
}

static attr_t attribute_of(enum style style)
{
	for (size_t i = 0; i < STYLE_COUNT; i++)
		if (styles[i].style == style)
			return styles[i].attribute |
			       (may_colour() ? (attr_t)COLOR_PAIR(styles[i].pair) : 0);
	return A_NORMAL;
}

bool top_screen_open(void)
{
	if (!newterm(NULL, stdout, stdin))
		return false;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	start_colours();
	return true;
}

void top_screen_close(void)
{
	if (!isendwin())
		endwin();
}

void top_screen_size(struct top_view *view)
{
	int height = LINES, width = COLS;

	view->height = height > 1 ? (unsigned)height - 1 : 0;
	view->width = width > 0 ? (unsigned)width : 1;
}

static void show_keys(const struct top_view *view)
{
	const char *keys = view->typing
				   ? "Enter: done   Escape: show all"
				   : "q quit  p pause  s sort  / filter  a all  h help";

	attrset(A_REVERSE);
	mvprintw((int)view->height, 0, "%-*.*s", (int)view->width - 1,
		 (int)view->width - 1, keys);
	attrset(A_NORMAL);
}

void top_screen_show(const struct top_line *lines, size_t count,
		     const struct top_view *view)
{
	erase();
	for (size_t i = 0; i < count; i++) {
		attrset((int)attribute_of(lines[i].style));
		mvaddstr((int)i, 0, lines[i].text);
	}
	attrset(A_NORMAL);
	show_keys(view);
	refresh();
}

/* --- keys --------------------------------------------------------------------------- */

/* While the pattern is typed, what may be part of it is. */
static void type(struct top_view *view, int key)
{
	size_t length = strlen(view->pattern);

	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		view->typing = false;
	} else if (key == ESCAPE) {
		view->typing = false;
		view->pattern[0] = '\0';
	} else if (key == KEY_BACKSPACE || key == DELETE || key == BACKSPACE) {
		if (length)
			view->pattern[length - 1] = '\0';
	} else if (key >= ' ' && key <= '~' && length + 1 < sizeof(view->pattern)) {
		view->pattern[length] = (char)key;
		view->pattern[length + 1] = '\0';
	}
}

static void press(struct top_view *view, int key)
{
	switch (key) {
	case 'p':
	case ' ':
		view->paused = !view->paused;
		break;
	case 's':
		view->sort = (enum top_sort)((view->sort + 1) % TOP_SORTS);
		break;
	case 'a':
		view->everyone = !view->everyone;
		break;
	case '/':
		view->typing = true;
		view->pattern[0] = '\0';
		break;
	case 'h':
	case '?':
		view->help = !view->help;
		break;
	case ESCAPE:
		view->help = false;
		view->pattern[0] = '\0';
		break;
	default:
		break;
	}
}

bool top_screen_keys(struct top_view *view, bool *ret_redraw)
{
	int key;

	for (key = getch(); key != ERR; key = getch()) {
		*ret_redraw = true;
		if (view->typing)
			type(view, key);
		else if (key == 'q')
			return false;
		else
			press(view, key);
	}
	return true;
}
