/* SPDX-License-Identifier: MIT */
/* What a page of HTML is made of. */
#ifndef CALLGATE_CLI_HTML_H
#define CALLGATE_CLI_HTML_H

#include <stdio.h>

/*
 * Any text as text, also inside of attributes in double quotes: it can begin no tag and
 * no entity; what is no character or controls something becomes U+FFFD. NULL is nothing.
 */
void html_text(FILE *page, const char *text);

/*
 * The beginning of a page of that title, style sheet included, and its end, with a word
 * on where it is all from; that is HTML already.
 */
void html_begin(FILE *page, const char *title);
void html_end(FILE *page, const char *words);

#endif
