/* SPDX-License-Identifier: MIT */
/* /proc/PID/maps, as a list of the files in memory. */
#ifndef CALLGATE_EXPLAIN_IMAGES_H
#define CALLGATE_EXPLAIN_IMAGES_H

#include "base/arena.h"
#include "os/images.h"

#define IMAGES_MAX 4096

struct image {
	struct image_file file;
	uint64_t last; /* the end of its last mapping */
};

struct images {
	struct image *list; /* in order of address */
	size_t count, capacity;
};

/*
 * Neighbouring mappings of one file are one image; what is no file is left out, except
 * for "[vdso]". Lines that are none are skipped. Paths live in the arena.
 */
void images_parse(struct arena *arena, struct str maps, struct images *ret_images);
/* The image that an address lies in, or NULL. */
const struct image *images_at(const struct images *images, uint64_t address);
/* Whether the same files are at the same addresses. */
bool images_equal(const struct images *a, const struct images *b);

#endif
