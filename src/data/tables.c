// SPDX-License-Identifier: MIT
/*
 * The one search over generated tables.
 *
 * Rows begin with the pool offset of their name; tools/tables.py sorts them bytewise,
 * the order of str_compare().
 */
#include "data/tables.h"

const void *tables_find(const void *rows, size_t count, size_t size, struct str name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *row = (const char *)rows + middle * size;
		uint32_t offset;
		int order;

		memcpy(&offset, row, sizeof(offset));
		order = str_compare(name, str_of(tables_text + offset));
		if (order == 0)
			return row;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
