// SPDX-License-Identifier: MIT
/* YAML in a build without libyaml: it cannot be read, and that is said. */
#include "format/tree.h"

const struct tree *yaml_read(struct tree_reader *reader)
{
	report_error(reader->report, "no-yaml",
		     (struct callgate_span){ reader->file, 0, 1 }, NULL,
		     "this callgate was built without libyaml: it reads no YAML");
	return NULL;
}
