// SPDX-License-Identifier: MIT
/*
 * Rules that another call slips past: for what is denied on purpose, is a call allowed
 * that does the same?
 *
 * On purpose is what an allowing default does not deny by itself, what depends on
 * arguments, and what gets another answer than most of the denied calls. That an
 * allow-list leaves out the older of two calls says nothing.
 */
#include "audit/audit.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "meaning/project.h"

#define NAMES_MAX 6 /* denied calls that one finding names */

struct evasion {
	struct auditor *auditor;
	const struct abi *abi;
	meaning_ref usual; /* what denies most calls; MEANING_FAILED: none is usual */
};

/* --- on purpose -------------------------------------------------------------------- */

/* What denies the most calls, where what is not named is denied. */
static meaning_ref usual_denial(struct auditor *auditor, const struct abi *abi)
{
	struct subject subject = subject_of_number(auditor, abi, subject_newer(abi));
	meaning_ref best = subject.verdicts;
	size_t *counts, best_count = 0;

	if (subject.allows != MEANING_FALSE)
		return MEANING_FAILED;
	counts = calloc(meaning_node_count(auditor->store), sizeof(*counts));
	auditor->audit->arena.failed |= !counts;
	for (size_t i = 0; counts && i < syscall_count(); i++) {
		if (!subject_find(auditor, abi, syscall_at(i), &subject) ||
		    subject.allows != MEANING_FALSE ||
		    ++counts[subject.verdicts] <= best_count)
			continue;
		best = subject.verdicts;
		best_count = counts[best];
	}
	free(counts);
	return best;
}

/* "There is no such call" makes callers take another one: that is no rule. */
static bool is_absent(const struct evasion *evasion, const struct subject *subject)
{
	const struct meaning_node *node =
		meaning_at(evasion->auditor->store, subject->verdicts);
	uint16_t absent;

	return node->variable == TERMINAL &&
	       errno_by_name(str_of("ENOSYS"), evasion->abi, &absent) &&
	       node->low == (SECCOMP_RET_ERRNO | absent);
}

static bool is_denied(const struct evasion *evasion, const struct subject *subject)
{
	return subject->allows == MEANING_FALSE &&
	       subject->verdicts != evasion->usual && !is_absent(evasion, subject);
}

/* Denied for some arguments, by what the condition looks at too. */
static bool is_limited(const struct evasion *evasion, const struct subject *subject,
		       meaning_ref condition)
{
	struct meaning *store = evasion->auditor->store;
	uint64_t own[FIELD_MAX] = { 0 }, asked[FIELD_MAX] = { 0 };

	if (meaning_is_terminal(store, subject->allows) ||
	    meaning_and(store, condition, meaning_not(store, subject->allows)) ==
		    MEANING_FALSE)
		return false;
	if (condition == MEANING_TRUE)
		return true;
	project_support(store, subject->allows, own);
	project_support(store, condition, asked);
	for (unsigned i = 0; i < FIELD_MAX; i++)
		if (own[i] & asked[i])
			return true;
	return false;
}

/* --- ways around ------------------------------------------------------------------- */

/* A call that may be made, and how freely. */
struct way {
	struct subject subject;
	struct str hazard;
	meaning_ref condition; /* predicate: the hazard's */
	meaning_ref allowed;   /* … of what is allowed */
	bool is_open;	       /* whatever the arguments */
};

static bool find_way(const struct evasion *evasion, struct str hazard,
		     struct way *ret_way)
{
	struct meaning *store = evasion->auditor->store;

	ret_way->hazard = hazard;
	if (!audit_condition(evasion->auditor, evasion->abi, hazard, &ret_way->subject,
			     &ret_way->condition))
		return false;
	ret_way->allowed =
		meaning_and(store, ret_way->condition, ret_way->subject.allows);
	ret_way->is_open = ret_way->allowed == ret_way->condition;
	return ret_way->allowed != MEANING_FALSE && ret_way->allowed != MEANING_FAILED;
}

/* The denied calls that one way leads around. */
struct evaded {
	struct subject first;
	meaning_ref refused; /* predicate: a denied form of the first */
	struct buffer names;
	size_t count;
};

static void put_evaded(struct evaded *evaded, const struct subject *subject)
{
	if (evaded->count < NAMES_MAX)
		buffer_printf(&evaded->names, "%s%s", evaded->count ? ", " : "",
			      syscall_name(subject->syscall));
	else if (evaded->count == NAMES_MAX)
		buffer_text(&evaded->names, ", …");
	evaded->count++;
}

/* The row names the call on both sides, for the same arguments. */
static bool is_itself(const struct evasion *evasion, const struct way *way,
		      const struct subject *subject, meaning_ref condition)
{
	return subject->syscall == way->subject.syscall &&
	       meaning_and(evasion->auditor->store, condition, way->condition) !=
		       MEANING_FALSE;
}

static void collect(const struct evasion *evasion, const struct way *way,
		    struct str denied, struct evaded *evaded)
{
	struct meaning *store = evasion->auditor->store;
	struct subject subject;
	meaning_ref condition;
	struct str hazard;

	while (hazard_next(&denied, &hazard)) {
		if (!audit_condition(evasion->auditor, evasion->abi, hazard, &subject,
				     &condition) ||
		    is_itself(evasion, way, &subject, condition))
			continue;
		if (!is_denied(evasion, &subject) &&
		    !(way->is_open && is_limited(evasion, &subject, condition)))
			continue;
		if (evaded->count == 0) {
			evaded->first = subject;
			evaded->refused =
				meaning_and(store, condition,
					    meaning_not(store, subject.allows));
		}
		put_evaded(evaded, &subject);
	}
}

static void report(const struct evasion *evasion, const struct way *way,
		   const struct evaded *evaded, enum callgate_risk risk,
		   const char *reason)
{
	struct auditor *auditor = evasion->auditor;
	const char *denied = syscall_name(evaded->first.syscall);
	const char *by = syscall_name(way->subject.syscall);
	struct callgate_finding finding = {
		.risk = risk,
		.code = "evaded",
		.reason = reason,
		.instruction = CALLGATE_NONE,
	};
	bool is_same = way->subject.syscall == evaded->first.syscall;
	bool is_unseen = strcmp(by, "clone3") == 0 || strcmp(by, "openat2") == 0;

	finding.has_call =
		audit_example(auditor, &way->subject, way->allowed, &finding.call);
	finding.has_other =
		audit_example(auditor, &evaded->first, evaded->refused, &finding.other);
	/* What keeps its arguments in memory cannot be limited, just denied. */
	finding.mend = audit_text(auditor, "%s %.*s",
				  is_unseen ? "errno ENOSYS"
					    : audit_verdict(auditor, evasion->abi,
							    bpf_run(auditor->program,
								    &finding.other)
								    .value),
				  STR_ARG(way->hazard));
	audit_add(auditor, &finding, audit_text(auditor, "%s %s", by, denied),
		  "%s: denied%s, but %.*s is allowed", evaded->names.data,
		  meaning_is_terminal(auditor->store, evaded->first.allows)
			  ? ""
			  : " for some arguments",
		  STR_ARG(is_same ? way->hazard : str_of(by)));
}

static void audit_equivalence(const struct evasion *evasion,
			      const struct equivalence *row)
{
	struct str list = str_of(row->by), hazard;
	struct way way;

	while (hazard_next(&list, &hazard)) {
		struct evaded evaded = { 0 };

		if (!find_way(evasion, hazard, &way))
			continue;
		collect(evasion, &way, str_of(row->denied), &evaded);
		evasion->auditor->audit->arena.failed |= evaded.names.failed;
		if (evaded.count && !evaded.names.failed)
			report(evasion, &way, &evaded, row->risk, row->reason);
		buffer_done(&evaded.names);
	}
}

/* --- multiplexers ------------------------------------------------------------------ */

static void audit_multiplexed(const struct evasion *evasion,
			      const struct syscall *syscall)
{
	struct evaded evaded = { 0 };
	uint32_t selector;
	const struct syscall *multiplexer =
		syscall_multiplexer(syscall, evasion->abi, &selector);
	struct way way;
	const char *name;

	if (!multiplexer)
		return;
	name = audit_text(evasion->auditor, "%s(arg0 & 0xffff == %u)",
			  syscall_name(multiplexer), selector);
	if (!find_way(evasion, str_of(name), &way))
		return;
	collect(evasion, &way, str_of(syscall_name(syscall)), &evaded);
	evasion->auditor->audit->arena.failed |= evaded.names.failed;
	if (evaded.count && !evaded.names.failed)
		report(evasion, &way, &evaded, CALLGATE_RISK_HIGH,
		       "it carries the other call, with the arguments in memory, where "
		       "no filter sees them");
	buffer_done(&evaded.names);
}

void audit_evasions(struct auditor *auditor)
{
	for (size_t i = 0; i < auditor->abi_count; i++) {
		struct evasion evasion = { auditor, auditor->abis[i], 0 };

		evasion.usual = usual_denial(auditor, evasion.abi);
		for (size_t row = 0; row < equivalence_count(); row++) {
			struct equivalence equivalence = equivalence_at(row);

			audit_equivalence(&evasion, &equivalence);
		}
		for (size_t call = 0; call < syscall_count(); call++)
			audit_multiplexed(&evasion, syscall_at(call));
	}
}
