// SPDX-License-Identifier: MIT
/*
 * Calls that give the fence away and are allowed, and calls whose denial libc takes for
 * something else than "this kernel has no such call".
 *
 * A filter that allows by default lets most of the dangerous ones through: that is one
 * finding, not thirty.
 */
#include "audit/audit.h"

#include <linux/seccomp.h>

/* --- dangers ----------------------------------------------------------------------- */

/* What a filter with an allowing default lets through. */
struct let_through {
	struct buffer names;
	size_t count;
	const struct syscall *last; /* whose name it ends with */
	struct callgate_finding finding;
};

static enum callgate_risk less(enum callgate_risk risk)
{
	return risk == CALLGATE_RISK_NOTE ? risk : risk - 1;
}

static void report_danger(struct auditor *auditor, struct str hazard,
			  const struct callgate_finding *finding, bool is_limited)
{
	audit_add(auditor, finding, audit_text(auditor, "%.*s", STR_ARG(hazard)),
		  "%.*s is allowed%s", STR_ARG(hazard),
		  is_limited ? ", if not for all arguments" : "");
}

static void put_let_through(struct let_through *through, const struct subject *subject,
			    const struct callgate_finding *finding)
{
	if (finding->risk < CALLGATE_RISK_MEDIUM || subject->syscall == through->last)
		return;
	through->last = subject->syscall;
	buffer_printf(&through->names, "%s%s", through->count++ ? ", " : "",
		      syscall_name(subject->syscall));
	if (through->count == 1 || finding->risk > through->finding.risk)
		through->finding = *finding;
}

static void audit_danger(struct auditor *auditor, const struct abi *abi,
			 const struct danger *danger, struct str hazard,
			 struct let_through *through)
{
	struct meaning *store = auditor->store;
	struct subject subject;
	meaning_ref condition, allowed;
	struct callgate_finding finding = {
		.risk = danger->risk,
		.code = "dangerous",
		.reason = danger->reason,
		.instruction = CALLGATE_NONE,
	};

	if (!audit_condition(auditor, abi, hazard, &subject, &condition))
		return;
	allowed = meaning_and(store, condition, subject.allows);
	finding.has_call = audit_example(auditor, &subject, allowed, &finding.call);
	if (!finding.has_call)
		return;
	/* Who allows some arguments alone has thought about them. */
	if (allowed != condition)
		finding.risk = less(finding.risk);
	finding.mend = audit_text(auditor, "kill %.*s", STR_ARG(hazard));
	if (through)
		put_let_through(through, &subject, &finding);
	else
		report_danger(auditor, hazard, &finding, allowed != condition);
}

static void audit_dangers(struct auditor *auditor, const struct abi *abi,
			  struct let_through *through)
{
	for (size_t i = 0; i < danger_count(); i++) {
		struct danger danger = danger_at(i);
		struct str list = str_of(danger.calls), hazard;

		while (hazard_next(&list, &hazard))
			audit_danger(auditor, abi, &danger, hazard, through);
	}
}

static void audit_open_default(struct auditor *auditor, const struct abi *abi)
{
	struct let_through through = { 0 };

	audit_dangers(auditor, abi, &through);
	auditor->audit->arena.failed |= through.names.failed;
	if (through.count && !through.names.failed) {
		through.finding.risk = CALLGATE_RISK_MEDIUM;
		through.finding.code = "dangerous-default";
		through.finding.reason =
			"a list of what is denied has to name all of them, and those "
			"that later kernels bring; a list of what is allowed forgets "
			"none";
		through.finding.mend = "default errno EPERM, and `allow` what is used";
		audit_add(auditor, &through.finding, "",
			  "%zu call%s that give the fence away are allowed by default: "
			  "%s",
			  through.count, through.count == 1 ? "" : "s",
			  through.names.data);
	}
	buffer_done(&through.names);
}

/* --- fallbacks --------------------------------------------------------------------- */

/* Whether the caller hears of the denial in a way it does not understand. */
static bool is_broken(const struct fallback *fallback, const struct abi *abi,
		      uint32_t verdict)
{
	uint16_t absent;

	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return fallback->wants_enosys &&
		       errno_by_name(str_of("ENOSYS"), abi, &absent) &&
		       (verdict & SECCOMP_RET_DATA) != absent;
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
		return true;
	default:
		return false;
	}
}

/* Calls that libc does without for one reason, and that are denied alike. */
struct broken {
	struct subject first, instead;
	struct buffer names;
	size_t count;
};

static void find_broken(struct auditor *auditor, const struct abi *abi,
			const struct fallback *fallback, struct broken *broken)
{
	struct subject subject, instead;
	const struct meaning_node *node;

	if (!subject_find(auditor, abi, fallback->call, &subject) ||
	    !subject_find(auditor, abi, fallback->fallback, &instead) ||
	    instead.allows == MEANING_FALSE)
		return;
	node = meaning_at(auditor->store, subject.verdicts);
	if (node->variable != TERMINAL || !is_broken(fallback, abi, node->low))
		return;
	if (broken->count == 0) {
		broken->first = subject;
		broken->instead = instead;
	}
	buffer_printf(&broken->names, "%s%s", broken->count++ ? ", " : "",
		      syscall_name(fallback->call));
}

static void report_broken(struct auditor *auditor, const struct broken *broken,
			  const char *reason)
{
	const char *first = syscall_name(broken->first.syscall);
	uint32_t verdict = meaning_at(auditor->store, broken->first.verdicts)->low;
	/* Without clone3 and clone no thread starts. */
	struct callgate_finding finding = {
		.risk = strcmp(first, "clone3") == 0 ? CALLGATE_RISK_MEDIUM
						     : CALLGATE_RISK_LOW,
		.code = "fallback-broken",
		.reason = reason,
		.instruction = CALLGATE_NONE,
	};

	finding.has_call =
		audit_example(auditor, &broken->first, MEANING_TRUE, &finding.call);
	finding.has_other = audit_example(auditor, &broken->instead,
					  broken->instead.allows, &finding.other);
	finding.mend = audit_text(auditor, "errno ENOSYS %s", broken->names.data);
	audit_add(auditor, &finding, first,
		  "%s: denied by '%s', so that %s is not tried", broken->names.data,
		  audit_verdict(auditor, broken->first.abi, verdict),
		  syscall_name(broken->instead.syscall));
}

/* The fallbacks from one on that have the same reason; their texts are one. */
static void audit_fallback(struct auditor *auditor, const struct abi *abi, size_t from)
{
	const char *reason = fallback_at(from).reason;
	struct broken broken = { 0 };

	for (size_t i = 0; i < from; i++)
		if (fallback_at(i).reason == reason)
			return;
	for (size_t i = from; i < fallback_count(); i++) {
		struct fallback fallback = fallback_at(i);

		if (fallback.reason == reason)
			find_broken(auditor, abi, &fallback, &broken);
	}
	auditor->audit->arena.failed |= broken.names.failed;
	if (broken.count && !broken.names.failed)
		report_broken(auditor, &broken, reason);
	buffer_done(&broken.names);
}

/* --- both -------------------------------------------------------------------------- */

static bool is_allowing_default(const struct auditor *auditor, const struct abi *abi)
{
	return subject_of_number(auditor, abi, subject_newer(abi)).allows !=
	       MEANING_FALSE;
}

void audit_hazards(struct auditor *auditor)
{
	for (size_t i = 0; i < auditor->abi_count; i++) {
		const struct abi *abi = auditor->abis[i];

		if (is_allowing_default(auditor, abi))
			audit_open_default(auditor, abi);
		else
			audit_dangers(auditor, abi, NULL);
		for (size_t row = 0; row < fallback_count(); row++)
			audit_fallback(auditor, abi, row);
	}
}
