/* SPDX-License-Identifier: MIT */
/*
 * Included ahead of every file of the library and the command (-include).
 *
 * Names that hide an error, a bound or a locale: use buffer_printf(), str_number(),
 * and the arena instead. System headers come first, because they may mention them.
 */
#ifndef CALLGATE_BASE_POISON_H
#define CALLGATE_BASE_POISON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef CALLGATE_PROBE
#include <linux/bpf.h>
#endif

#pragma GCC poison atoi atol atoll strtol strtoul strtoll strtoull
#pragma GCC poison sprintf vsprintf strcpy strcat strncpy strncat strtok sscanf
#undef alloca
#pragma GCC poison alloca gets setlocale

#endif
