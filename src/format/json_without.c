// SPDX-License-Identifier: MIT
/* JSON in a build without jansson: it cannot be read, and that is said. */
#include "format/tree.h"

const struct tree *json_read(struct tree_reader *reader)
{
	report_error(reader->report, "no-json",
		     (struct callgate_span){ reader->file, 0, 1 }, NULL,
		     "this callgate was built without jansson: it reads no JSON");
	return NULL;
}
