// SPDX-License-Identifier: MIT
/*
 * ABIs that a filter leaves open: the other ways into the same kernel (i386 by
 * int 0x80, x32 by bit 30 of the number), architectures it never looked at, numbers that
 * are no call yet, and -1.
 *
 * A filter was written for the ABIs that it tells from an architecture that does not
 * exist, or, when it looks at none, for this machine's.
 */
#include "audit/audit.h"

#define NO_ARCH	    1u /* no AUDIT_ARCH_… */
#define MACHINE_MAX 4

/* ABIs that one kernel runs, the one that most programs use first. */
static const char *const machines[][MACHINE_MAX] = {
	{ "x86_64", "i386", "x32" },
	{ "aarch64", "arm" },
	{ "ppc64le" },
	{ "ppc64", "ppc" },
	{ "s390x", "s390" },
	{ "mips64", "mips64n32", "mips" },
	{ "mipsel64", "mipsel64n32", "mipsel" },
	{ "riscv64", "riscv32" },
	{ "parisc64", "parisc" },
};

#define MACHINE_COUNT (sizeof(machines) / sizeof(machines[0]))

static meaning_ref for_arch(struct auditor *auditor, meaning_ref ref, uint32_t arch)
{
	return meaning_restrict(auditor->store, ref, WORD_ARCH, arch);
}

static bool is_singled_out(struct auditor *auditor, const struct abi *abi)
{
	return for_arch(auditor, auditor->verdicts, abi->audit_arch) !=
	       for_arch(auditor, auditor->verdicts, NO_ARCH);
}

/* Whether another ABI has the upper numbers of this one's architecture. */
static bool has_upper_half(const struct abi *abi)
{
	for (size_t i = 0; i < abi_count(); i++)
		if (abi_at(i)->audit_arch == abi->audit_arch &&
		    abi_at(i)->number_base > abi->number_base)
			return true;
	return false;
}

/* Some call of it, known or not, is let through. */
static bool is_open(struct auditor *auditor, const struct abi *abi)
{
	meaning_ref allows = for_arch(auditor, auditor->allows, abi->audit_arch);
	meaning_ref range = MEANING_TRUE;

	if (abi->number_base)
		range = meaning_range(auditor->store, WORD_NR, abi->number_base,
				      UINT32_MAX - 1);
	else if (has_upper_half(abi))
		range = meaning_range(auditor->store, WORD_NR, 0, INT32_MAX / 2);
	return meaning_and(auditor->store, allows, range) != MEANING_FALSE;
}

static bool is_listed(const struct auditor *auditor, const struct abi *abi)
{
	for (size_t i = 0; i < auditor->abi_count; i++)
		if (auditor->abis[i] == abi)
			return true;
	return false;
}

static void find_abis(struct auditor *auditor)
{
	for (size_t i = 0; i < abi_count(); i++) {
		const struct abi *abi = abi_at(i);

		if (abi->number_base == 0 &&
		    abi->big_endian == auditor->program->big_endian &&
		    is_singled_out(auditor, abi) && is_open(auditor, abi))
			auditor->abis[auditor->abi_count++] = abi;
	}
	if (auditor->abi_count == 0)
		auditor->abis[auditor->abi_count++] = abi_native();
}

/* --- other ABIs of a machine ------------------------------------------------------- */

/* Calls that one ABI may make more freely than another. */
struct contrast {
	size_t count;
	struct subject denied, allowed; /* the first of them */
};

static bool is_looser(const struct subject *than, const struct subject *subject)
{
	if (than->allows == MEANING_FALSE)
		return subject->allows != MEANING_FALSE;
	return than->allows != MEANING_TRUE && subject->allows == MEANING_TRUE;
}

static void contrast_abis(struct auditor *auditor, const struct abi *strict,
			  const struct abi *other, struct contrast *contrast)
{
	*contrast = (struct contrast){ 0 };
	for (size_t i = 0; i < syscall_count(); i++) {
		struct subject denied, allowed;

		if (!subject_find(auditor, strict, syscall_at(i), &denied) ||
		    !subject_find(auditor, other, syscall_at(i), &allowed) ||
		    !is_looser(&denied, &allowed))
			continue;
		if (contrast->count++ == 0) {
			contrast->denied = denied;
			contrast->allowed = allowed;
		}
	}
}

static void report_abi(struct auditor *auditor, const struct abi *strict,
		       const struct abi *other, const struct contrast *contrast)
{
	bool is_apart = other->audit_arch != strict->audit_arch &&
			is_singled_out(auditor, other);
	struct callgate_finding finding = {
		.risk = is_apart ? CALLGATE_RISK_MEDIUM : CALLGATE_RISK_HIGH,
		.code = other->number_base ? "x32-open"
			: is_apart	   ? "abi-looser"
					   : "abi-open",
		.reason =
			"a program may use any ABI that its kernel runs, at any time, "
			"whatever it was compiled for",
		.instruction = CALLGATE_NONE,
	};
	meaning_ref refused = meaning_not(auditor->store, contrast->denied.allows);

	finding.mend =
		is_apart ? audit_text(auditor, "give %s the rules of %s", other->name,
				      strict->name)
			 : audit_text(auditor, "arch %s; badarch kill", strict->name);
	finding.has_call = audit_example(auditor, &contrast->allowed,
					 contrast->allowed.allows, &finding.call);
	finding.has_other =
		audit_example(auditor, &contrast->denied, refused, &finding.other);
	audit_add(auditor, &finding, other->name,
		  "%zu call%s that %s is denied %s may make, such as %s",
		  contrast->count, contrast->count == 1 ? "" : "s", strict->name,
		  other->name, syscall_name(contrast->denied.syscall));
	auditor->has_open_abi |= !is_apart;
}

static void audit_machine(struct auditor *auditor, const char *const *names)
{
	const struct abi *strict = NULL, *other;
	struct contrast contrast;

	for (size_t i = 0; i < MACHINE_MAX && names[i] && !strict; i++) {
		other = abi_by_name(str_of(names[i]));
		strict = other && is_listed(auditor, other) ? other : NULL;
	}
	for (size_t i = 0; strict && i < MACHINE_MAX && names[i]; i++) {
		other = abi_by_name(str_of(names[i]));
		if (!other || other == strict || !is_open(auditor, other))
			continue;
		contrast_abis(auditor, strict, other, &contrast);
		if (contrast.count)
			report_abi(auditor, strict, other, &contrast);
		else if (!is_listed(auditor, other) && auditor->abi_count < ABI_MAX)
			auditor->abis[auditor->abi_count++] = other; /* on purpose */
	}
}

/* --- what no ABI has --------------------------------------------------------------- */

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

static void audit_architectures(struct auditor *auditor)
{
	meaning_ref allows = for_arch(auditor, auditor->allows, NO_ARCH);
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_LOW,
		.code = "arch-open",
		.reason =
			"numbers mean other calls on every architecture; a filter that "
			"does not refuse the others judges calls that it does not know",
		.mend = "badarch kill",
		.instruction = CALLGATE_NONE,
	};

	if (allows == MEANING_FAILED || allows == MEANING_FALSE ||
	    auditor->has_open_abi)
		return;
	finding.has_call = meaning_example(auditor->store, allows, is_true, NULL,
					   &finding.call) == 1;
	finding.call.arch = NO_ARCH;
	audit_add(
		auditor, &finding, "",
		"calls of architectures that the filter does not know are let through");
}

static void audit_newer(struct auditor *auditor, const struct abi *abi)
{
	struct subject newer = subject_of_number(auditor, abi, subject_newer(abi));
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_MEDIUM,
		.code = "newer-allowed",
		.reason =
			"every new kernel brings calls that nobody has looked at yet, "
			"some of which do what the denied ones do",
		.instruction = CALLGATE_NONE,
	};
	kernel_version newest = version_newest();

	if (!audit_example(auditor, &newer, newer.allows, &finding.call))
		return;
	finding.has_call = true;
	finding.mend = audit_text(auditor, "abi linux-%u.%u; unknown errno ENOSYS",
				  newest / 256u, newest % 256u);
	audit_add(auditor, &finding, "",
		  "calls that are not known yet are allowed on %s", abi->name);
}

static bool is_kill(const struct auditor *auditor, const struct subject *subject)
{
	const struct meaning_node *node = meaning_at(auditor->store, subject->verdicts);
	uint32_t action = node->low & SECCOMP_RET_ACTION_FULL;

	return node->variable == TERMINAL && (action == SECCOMP_RET_KILL_PROCESS ||
					      action == SECCOMP_RET_KILL_THREAD);
}

static void audit_minus_one(struct auditor *auditor, const struct abi *abi)
{
	struct subject none = subject_of_number(auditor, abi, UINT32_MAX);
	struct subject newer = subject_of_number(auditor, abi, subject_newer(abi));
	struct callgate_finding finding = {
		.risk = CALLGATE_RISK_LOW,
		.code = "minus-one-killed",
		.reason =
			"-1 is what a tracer (strace, gdb, a sandbox) leaves to skip a "
			"call; it does nothing, and is no call of x32",
		.has_call = true,
		.has_other = true,
		.instruction = CALLGATE_NONE,
	};

	if (abi->number_base || !is_kill(auditor, &none) || is_kill(auditor, &newer))
		return;
	audit_example(auditor, &none, MEANING_TRUE, &finding.call);
	audit_example(auditor, &newer, MEANING_TRUE, &finding.other);
	finding.mend = audit_text(auditor, "errno ENOSYS %s:-1", abi->name);
	audit_add(auditor, &finding, abi->name,
		  "the number -1 is killed on %s, as if it were a call", abi->name);
}

void audit_abis(struct auditor *auditor)
{
	find_abis(auditor);
	for (size_t i = 0; i < MACHINE_COUNT; i++)
		audit_machine(auditor, machines[i]);
	audit_architectures(auditor);
	for (size_t i = 0; i < auditor->abi_count; i++) {
		audit_newer(auditor, auditor->abis[i]);
		audit_minus_one(auditor, auditor->abis[i]);
	}
}
