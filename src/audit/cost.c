// SPDX-License-Identifier: MIT
/*
 * Whether a filter costs more than its meaning has to: held against what our own compiler
 * makes of the same meaning, run call by call.
 *
 * A filter of another shape is fine; one that is twice as long, or makes calls run twice
 * as many instructions, and not by a handful, is a finding.
 */
#include "audit/audit.h"

#include <errno.h>

#define SIZE_MARGIN 16 /* instructions */
#define TIME_MARGIN 8  /* instructions, for the mean call */

/* Theirs and ours over all calls of the ABIs. */
struct comparison {
	size_t calls;
	uint64_t theirs, ours; /* instructions */
	uint32_t most;	       /* … that one call runs more than it has to */
	struct seccomp_data costly;
	size_t uncached; /* calls that the cache could take */
	struct seccomp_data not_cached;
};

static void compare_call(const struct auditor *auditor, const struct bpf_program *ours,
			 const struct seccomp_data *call, struct comparison *comparison)
{
	uint32_t number = (uint32_t)call->nr;
	uint32_t theirs = bpf_run(auditor->program, call).executed;
	uint32_t own = bpf_run(ours, call).executed;

	comparison->calls++;
	comparison->theirs += theirs;
	comparison->ours += own;
	if (theirs > own && theirs - own > comparison->most) {
		comparison->most = theirs - own;
		comparison->costly = *call;
	}
	if (bpf_cached(ours, call->arch, number) &&
	    !bpf_cached(auditor->program, call->arch, number) &&
	    comparison->uncached++ == 0)
		comparison->not_cached = *call;
}

static void compare(const struct auditor *auditor, const struct bpf_program *ours,
		    struct comparison *comparison)
{
	for (size_t i = 0; i < auditor->abi_count; i++) {
		const struct abi *abi = auditor->abis[i];

		for (size_t j = 0; j < syscall_count(); j++) {
			struct seccomp_data call = { .arch = abi->audit_arch };
			uint32_t number;

			if (!syscall_number(syscall_at(j), abi, &number))
				continue;
			call.nr = (int)number;
			compare_call(auditor, ours, &call, comparison);
		}
	}
}

static void report_size(struct auditor *auditor, size_t ours)
{
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_LOW,
		.code = "needless-size",
		.reason =
			"the kernel takes 4096 instructions a filter and 32768 for all "
			"that a thread has, and translates each when it is loaded",
		.instruction = CALLGATE_NONE,
	};
	size_t theirs = auditor->program->length;

	if (theirs <= 2 * ours || theirs - ours < SIZE_MARGIN)
		return;
	finding.mend = audit_text(auditor,
				  "have callgate compile the same policy: %zu "
				  "instructions",
				  ours);
	audit_add(auditor, &finding, "", "%zu instructions do what %zu can", theirs,
		  ours);
}

static void report_time(struct auditor *auditor, const struct comparison *comparison)
{
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_LOW,
		.code = "needless-time",
		.reason =
			"every call that the kernel's cache does not take pays for it",
		.has_call = true,
		.call = comparison->costly,
		.instruction = CALLGATE_NONE,
	};
	double calls = comparison->calls ? (double)comparison->calls : 1;
	double theirs = (double)comparison->theirs / calls;
	double ours = (double)comparison->ours / calls;

	if (theirs <= 2 * ours || theirs - ours < TIME_MARGIN)
		return;
	finding.mend = audit_text(auditor,
				  "search for the number in a tree, as callgate "
				  "does: %.1f instructions a call",
				  ours);
	audit_add(auditor, &finding, "",
		  "a call runs %.1f instructions on average, and need run %.1f", theirs,
		  ours);
}

static void report_cache(struct auditor *auditor, const struct comparison *comparison)
{
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_LOW,
		.code = "uncached",
		.reason =
			"Linux 5.11 and later run no filter for a call that it allows "
			"whatever its arguments, if tests of number and architecture "
			"alone show that",
		.mend = "test the number before an argument is loaded, by constants",
		.has_call = true,
		.call = comparison->not_cached,
		.instruction = CALLGATE_NONE,
	};

	if (comparison->uncached)
		audit_add(auditor, &finding, "",
			  "%zu call%s that are always allowed run the filter each time",
			  comparison->uncached, comparison->uncached == 1 ? "" : "s");
}

void audit_cost(struct auditor *auditor)
{
	struct emit_options options = { .big_endian = auditor->program->big_endian };
	struct bpf_program ours = { 0 };
	struct comparison comparison = { 0 };
	double expected;
	int error =
		bpf_emit(auditor->store, auditor->lifted, &options, &ours, &expected);

	auditor->audit->arena.failed |= error == -ENOMEM;
	if (error)
		return; /* it is no worse than what we can do */
	compare(auditor, &ours, &comparison);
	report_size(auditor, ours.length);
	report_time(auditor, &comparison);
	report_cache(auditor, &comparison);
	bpf_program_done(&ours);
}
