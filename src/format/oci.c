// SPDX-License-Identifier: MIT
/*
 * JSON: where the profile is, and who is meant to read it.
 *
 * A container engine's template looks like the format's own object, with a few fields
 * more; in a config.json there is only the latter, and a runtime passes over fields
 * that it does not know.
 */
#include "format/profile.h"

const struct tree *oci_find(struct import *import, const struct tree *root)
{
	const struct tree *config = tree_member(root, "linux");
	const struct tree *seccomp;

	if (!fields_expect(import, root, TREE_OBJECT))
		return NULL;
	if (!config && !tree_member(root, "ociVersion")) {
		import->dialect = DIALECT_TEMPLATE;
		return root;
	}
	import->dialect = DIALECT_RUNTIME;
	seccomp = tree_member(config, "seccomp");
	if (!seccomp || seccomp->kind == TREE_NULL) {
		report_error(import->report, "no-profile",
			     config ? config->span : root->span, NULL,
			     "this configuration has no 'linux.seccomp': its container "
			     "runs without a filter");
		return NULL;
	}
	return seccomp;
}
