// SPDX-License-Identifier: MIT
/*
 * Arguments that are compared in the wrong width, or cannot be compared at all.
 *
 * The kernel cuts an argument to its type and leaves the other bits to the caller, who
 * passes them clear, or as copies of the sign. A verdict that is looser for other
 * garbage is a hole:
 *
 *     call(0x1_00000005) is allowed, call(0x5) is not, and both are the same call
 *
 * What is only stricter for garbage is no finding: no caller sends it.
 */
#include "audit/audit.h"

#include <stdlib.h>

#include "meaning/project.h"

/* One argument of a call whose verdict depends on its arguments. */
struct looked_at {
	struct auditor *auditor;
	const struct subject *subject;
	const struct prototype *prototype;
	unsigned field;
	const struct argument *argument;
	meaning_ref allows; /* the other arguments without garbage */
};

/* --- garbage ----------------------------------------------------------------------- */

struct narrowing {
	struct meaning *store;
	meaning_ref *memo; /* result + 1 */
	uint32_t first, last;
};

static meaning_ref narrow_walk(struct narrowing *narrowing, meaning_ref ref)
{
	struct meaning_node node = narrowing->store->nodes[ref];
	meaning_ref result, low, high;

	if (node.variable > narrowing->last)
		return ref;
	if (narrowing->memo[ref])
		return narrowing->memo[ref] - 1;
	if (!store_step(narrowing->store))
		return MEANING_FAILED;
	low = narrow_walk(narrowing, node.low);
	if (node.variable >= narrowing->first || low == MEANING_FAILED) {
		result = low;
	} else {
		high = narrow_walk(narrowing, node.high);
		result = meaning_node(narrowing->store, node.variable, low, high);
	}
	narrowing->memo[ref] = result + 1;
	return result;
}

/* The function with the bits of a field from `bits` on clear. */
static meaning_ref narrow(struct meaning *store, meaning_ref a, unsigned field,
			  unsigned bits)
{
	struct narrowing narrowing = {
		.store = store,
		.first = project_variable(field, 63),
		.last = project_variable(field, bits),
	};
	meaning_ref result;

	if (a == MEANING_FAILED || bits == 64)
		return a;
	narrowing.memo = store_memo(store);
	if (!narrowing.memo)
		return MEANING_FAILED;
	result = narrow_walk(&narrowing, a);
	free(narrowing.memo);
	return result;
}

/* What callers who pass no garbage get: upper bits clear, or the sign's. */
static meaning_ref without_garbage(const struct looked_at *at)
{
	struct meaning *store = at->auditor->store;
	meaning_ref clear = narrow(store, at->allows, at->field, at->argument->bits);
	meaning_ref set, negative;

	if (at->argument->bits != WORD_BITS)
		return clear;
	set = meaning_restrict(store, at->allows, word_high(at->field), UINT32_MAX);
	negative = meaning_masked(store, word_low(at->field), 1u << 31, 1u << 31);
	return meaning_ite(store, negative, meaning_or(store, clear, set), clear);
}

/* --- findings ---------------------------------------------------------------------- */

static const char *subject_name(const struct looked_at *at)
{
	return audit_text(at->auditor, "%s.%s", syscall_name(at->subject->syscall),
			  at->argument->name ? at->argument->name : "");
}

static void clear_garbage(struct seccomp_data *call, unsigned field, unsigned bits)
{
	call->args[field] &= UINT64_MAX >> (64 - bits);
}

static void audit_wide(const struct looked_at *at)
{
	struct auditor *auditor = at->auditor;
	meaning_ref canonical = without_garbage(at);
	meaning_ref looser = meaning_and(auditor->store, at->allows,
					 meaning_not(auditor->store, canonical));
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_HIGH,
		.code = "wide-compare",
		.reason = "the kernel ignores those bits; who sets one makes the same "
			  "call and gets it allowed",
		.instruction = CALLGATE_NONE,
	};

	if (!audit_example(auditor, at->subject, looser, &finding.call))
		return;
	finding.has_call = finding.has_other = true;
	finding.other = finding.call;
	clear_garbage(&finding.other, at->field, at->argument->bits);
	finding.mend =
		audit_text(auditor,
			   "compare the low %u bits of %s alone, as the language "
			   "does where no cast widens it",
			   at->argument->bits, at->argument->name);
	audit_add(auditor, &finding, subject_name(at),
		  "%s of %s has %u bits, and the filter looks at more",
		  at->argument->name, syscall_name(at->subject->syscall),
		  at->argument->bits);
}

/* The lower half is compared as a number, and the upper half not at all. */
static bool is_narrow(const struct looked_at *at)
{
	uint64_t bits[FIELD_MAX] = { 0 }, top = UINT64_C(3) << 30;

	project_support(at->auditor->store, at->allows, bits);
	return (bits[at->field] & top) == top && bits[at->field] <= UINT32_MAX;
}

/*
 * No value of the lower half's upper quarter is allowed, but some value is: the rule
 * means small values, and lets through those that begin anew at 2^32.
 */
static void audit_narrow(const struct looked_at *at)
{
	struct meaning *store = at->auditor->store;
	unsigned low = word_low(at->field);
	meaning_ref large = meaning_masked(store, low, 1u << 31, 1u << 31), limited;
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_MEDIUM,
		.code = "narrow-compare",
		.reason = "the kernel uses all 64 bits, so a value with upper bits "
			  "passes "
			  "for the small one that it ends in",
		.instruction = CALLGATE_NONE,
	};

	if (!is_narrow(at))
		return;
	limited =
		meaning_not(store,
			    project_exists(store, meaning_and(store, at->allows, large),
					   1u << at->field));
	if (!audit_example(at->auditor, at->subject,
			   meaning_and(store, at->allows, limited), &finding.call))
		return;
	finding.has_call = finding.has_other = true;
	finding.other = finding.call;
	finding.other.args[at->field] |= UINT64_C(1) << 31;
	finding.call.args[at->field] |= UINT64_C(1) << 32;
	finding.mend = audit_text(at->auditor, "compare all 64 bits: u64(%s)",
				  at->argument->name);
	audit_add(at->auditor, &finding, subject_name(at),
		  "%s of %s has 64 bits, and the filter compares the lower 32 alone",
		  at->argument->name, syscall_name(at->subject->syscall));
}

static void audit_pointer(const struct looked_at *at)
{
	struct meaning *store = at->auditor->store;
	meaning_ref null, some, all, varies, valid;
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_MEDIUM,
		.code = "pointer-compare",
		.reason = "a filter sees where a text lies, never what it says; an "
			  "address tells nothing, and whoever can choose it decides",
		.mend = "decide without the pointer, or by whether it is 0",
		.instruction = CALLGATE_NONE,
	};

	null = meaning_and(store, meaning_range(store, word_high(at->field), 0, 0),
			   meaning_range(store, word_low(at->field), 0, 0));
	valid = meaning_not(store, null);
	some = project_exists(store, meaning_and(store, at->allows, valid),
			      1u << at->field);
	all = project_forall(store, meaning_or(store, at->allows, null),
			     1u << at->field);
	varies = meaning_and(store, meaning_and(store, some, meaning_not(store, all)),
			     valid);
	if (!audit_example(at->auditor, at->subject,
			   meaning_and(store, varies, at->allows), &finding.call))
		return;
	finding.has_call = true;
	finding.has_other = audit_example(at->auditor, at->subject,
					  meaning_and(store, varies,
						      meaning_not(store, at->allows)),
					  &finding.other);
	audit_add(at->auditor, &finding, subject_name(at),
		  "%s of %s is a pointer, and the filter compares it",
		  at->argument->name, syscall_name(at->subject->syscall));
}

static void audit_unused(const struct looked_at *at)
{
	struct meaning *store = at->auditor->store;
	meaning_ref some = project_exists(store, at->allows, 1u << at->field);
	meaning_ref denied = meaning_and(store, some, meaning_not(store, at->allows));
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_MEDIUM,
		.code = "unused-argument",
		.reason =
			"what the kernel does not read the caller may set as it likes, "
			"and so chooses the verdict",
		.has_call = true,
		.has_other = true,
		.instruction = CALLGATE_NONE,
	};

	if (!audit_example(at->auditor, at->subject, denied, &finding.other) ||
	    !audit_example(at->auditor, at->subject,
			   meaning_and(store, at->allows,
				       project_exists(store, denied, 1u << at->field)),
			   &finding.call))
		return;
	finding.mend = audit_text(at->auditor, "decide %s without its argument %u",
				  syscall_name(at->subject->syscall), at->field);
	audit_add(at->auditor, &finding,
		  audit_text(at->auditor, "%s.%u", syscall_name(at->subject->syscall),
			     at->field),
		  "argument %u of %s decides, and the kernel does not read it",
		  at->field, syscall_name(at->subject->syscall));
}

/* --- every argument ---------------------------------------------------------------- */

/* The other arguments hold what callers without bad intent pass. */
static meaning_ref others_clean(const struct looked_at *at)
{
	meaning_ref allows = at->subject->allows;

	for (unsigned i = 0; i < at->prototype->count; i++)
		if (i != at->field)
			allows = narrow(at->auditor->store, allows, i,
					at->prototype->arguments[i].bits);
	return allows;
}

static void audit_argument(struct looked_at *at)
{
	if (at->field >= at->prototype->count) {
		at->allows = at->subject->allows;
		audit_unused(at);
		return;
	}
	at->argument = &at->prototype->arguments[at->field];
	at->allows = others_clean(at);
	if (at->allows == MEANING_FAILED)
		return;
	if (at->argument->is_pointer)
		audit_pointer(at);
	else if (at->subject->abi->bits < 64)
		return; /* the kernel's entry has cleared the upper halves */
	else if (at->argument->bits < 64)
		audit_wide(at);
	else
		audit_narrow(at);
}

static void audit_call(struct auditor *auditor, const struct subject *subject)
{
	uint64_t bits[FIELD_MAX] = { 0 };
	struct prototype prototype;
	struct looked_at at = {
		.auditor = auditor,
		.subject = subject,
		.prototype = &prototype,
	};

	if (meaning_is_terminal(auditor->store, subject->allows))
		return;
	syscall_prototype(subject->syscall, subject->abi, &prototype);
	if (!prototype.known)
		return;
	project_support(auditor->store, subject->allows, bits);
	for (at.field = 0; at.field < ARGUMENTS_MAX; at.field++)
		if (bits[at.field])
			audit_argument(&at);
}

void audit_arguments(struct auditor *auditor)
{
	struct subject subject;

	for (size_t i = 0; i < auditor->abi_count; i++)
		for (size_t call = 0; call < syscall_count(); call++)
			if (subject_find(auditor, auditor->abis[i], syscall_at(call),
					 &subject))
				audit_call(auditor, &subject);
}
