// SPDX-License-Identifier: MIT
// The smallest user of the library.
#include "callgate.h"

int main(void)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	size_t count = callgate_diagnostics_count(diagnostics);

	callgate_diagnostics_free(diagnostics);
	return diagnostics && count == 0 ? 0 : 1;
}
