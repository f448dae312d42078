/* SPDX-License-Identifier: MIT */
/* What holds for the diagnostics of any text. */
#ifndef CALLGATE_FUZZ_DIAGNOSTICS_H
#define CALLGATE_FUZZ_DIAGNOSTICS_H

#include "callgate.h"

/* Every place must be one in its source. */
static inline void look_at(const struct callgate_diagnostics *diagnostics)
{
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++) {
		const struct callgate_diagnostic *one =
			callgate_diagnostics_at(diagnostics, i);
		struct callgate_position position;

		if (!one->message[0])
			__builtin_trap();
		if (callgate_diagnostics_position(diagnostics, one->span, &position) &&
		    position.column > position.text_length + 1)
			__builtin_trap();
	}
}

#endif
