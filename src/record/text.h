/* SPDX-License-Identifier: MIT */
/*
 * The words of callgate-recording(5), which the writer and the reader share.
 *
 *	callgate-recording 1
 *	kernel 6.18
 *	run 000102030405060708090a0b0c0d0e0f 6.18 sqlite3%20my.db
 *	call x86_64 257 openat done 120345 sqlite3 1:1204
 *	arg 2 set 0 0x80000
 *	arg 3 bits 0x1ff
 *	end 6 8c3f0a2e5b7d9146
 */
#ifndef CALLGATE_RECORD_TEXT_H
#define CALLGATE_RECORD_TEXT_H

#include "record/record.h"

#define TEXT_MAGIC   "callgate-recording"
#define TEXT_VERSION 1
#define TEXT_MAX     ((size_t)16 << 20)

/* An empty text, and the name of a call that has none. */
#define TEXT_NONE "-"

/* FNV-1a, for the line at the end: finds slips and cuts, not malice. */
uint64_t text_hash(const char *text, size_t length);

/* Percent signs, blanks and what is no printable ASCII as %XX; TEXT_NONE for "". */
void text_escape(struct buffer *buffer, const char *text);
/* The reverse; false: a broken %XX, a NUL, or too long for `size`. */
bool text_unescape(struct str word, char *ret_text, size_t size);

#endif
