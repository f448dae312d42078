/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), by which filters are recognised from one machine to the next. */
#ifndef CALLGATE_CLI_DIGEST_H
#define CALLGATE_CLI_DIGEST_H

#include <stddef.h>

#define DIGEST_TEXT 65 /* 64 hexadecimal digits and a NUL */

void digest_sha256(const void *bytes, size_t length, char ret_text[DIGEST_TEXT]);

#endif
