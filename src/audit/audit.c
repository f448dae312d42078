// SPDX-License-Identifier: MIT
/*
 * The audit of a filter: lifts it, lets each kind of check look at the meaning or at the
 * program, and sorts what they found.
 *
 * Whatever is said of calls has a call that shows it, and the simulator has run that.
 */
#include "audit/audit.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/call.h"

static const struct {
	const char *code, *help;
} codes[] = {
	{ "abi-looser", "another ABI of the machine may do what this one may not" },
	{ "abi-open",
	  "calls of an ABI that the filter does not check are let through" },
	{ "arch-open", "architectures that the filter does not know are let through" },
	{ "dangerous", "a call that gives the fence away is allowed" },
	{ "dangerous-default", "the default allows calls that give the fence away" },
	{ "dead-instruction", "an instruction computes what nothing reads" },
	{ "decided-test", "a jump always goes the same way" },
	{ "denies-nothing", "every call is allowed" },
	{ "evaded", "a rule is slipped past by a call that does the same" },
	{ "fallback-broken",
	  "a call is denied in a way that libc does not understand" },
	{ "minus-one-killed", "a call that a tracer skips is killed" },
	{ "narrow-compare", "a 64-bit argument is compared in its lower half alone" },
	{ "needless-size", "the program is much longer than it has to be" },
	{ "needless-time", "calls run many more instructions than they have to" },
	{ "newer-allowed", "calls that are not known yet are allowed" },
	{ "pointer-compare", "a pointer is compared" },
	{ "uncached", "calls that are always allowed are not in the kernel's cache" },
	{ "unreachable", "instructions that no call reaches" },
	{ "unused-argument", "an argument that the kernel does not read decides" },
	{ "wide-compare", "bits of an argument that the kernel ignores are compared" },
	{ "x32-open", "calls of x32 are let through" },
};

const char *callgate_audit_code(size_t index)
{
	return index < sizeof(codes) / sizeof(codes[0]) ? codes[index].code : NULL;
}

const char *callgate_audit_code_help(size_t index)
{
	return index < sizeof(codes) / sizeof(codes[0]) ? codes[index].help : NULL;
}

/* --- subjects ---------------------------------------------------------------------- */

/* What is left to decide once architecture and number are known. */
static meaning_ref body_of(const struct meaning *store, meaning_ref ref, uint32_t arch,
			   uint32_t number)
{
	const struct seccomp_data call = { .arch = arch, .nr = (int)number };

	while (meaning_word(store, ref) <= WORD_NR) {
		const struct meaning_node *node = meaning_at(store, ref);
		uint32_t word = word_get(&call, node->variable / WORD_BITS);
		unsigned shift = WORD_BITS - 1 - node->variable % WORD_BITS;

		ref = word >> shift & 1 ? node->high : node->low;
	}
	return ref;
}

struct subject subject_of_number(const struct auditor *auditor, const struct abi *abi,
				 uint32_t number)
{
	uint32_t arch = abi->audit_arch;

	return (struct subject){
		.abi = abi,
		.number = number,
		.verdicts = body_of(auditor->store, auditor->verdicts, arch, number),
		.allows = body_of(auditor->store, auditor->allows, arch, number),
	};
}

bool subject_find(const struct auditor *auditor, const struct abi *abi,
		  const struct syscall *syscall, struct subject *ret_subject)
{
	uint32_t number;

	if (!syscall || !syscall_number(syscall, abi, &number))
		return false;
	*ret_subject = subject_of_number(auditor, abi, number);
	ret_subject->syscall = syscall;
	return true;
}

uint32_t subject_newer(const struct abi *abi)
{
	uint32_t number = abi->number_base + syscall_number_end(abi) + 64;

	while (syscall_by_number(abi, number))
		number++;
	return number;
}

bool audit_condition(const struct auditor *auditor, const struct abi *abi,
		     struct str hazard, struct subject *ret_subject,
		     meaning_ref *ret_condition)
{
	struct buffer text = { 0 };
	struct policy_call call;
	int error;

	*ret_condition = MEANING_TRUE;
	if (!subject_find(auditor, abi, hazard_syscall(hazard), ret_subject))
		return false;
	if (!memchr(hazard.ptr, '(', hazard.len))
		return true;
	buffer_printf(&text, "%s:%.*s", abi->name, STR_ARG(hazard));
	error = text.failed ? -ENOMEM : policy_call_parse(NULL, text.data, NULL, &call);
	buffer_done(&text);
	auditor->audit->arena.failed |= error == -ENOMEM;
	if (error)
		return false;
	*ret_condition = meaning_condition(auditor->store, call.condition);
	policy_call_done(&call);
	return *ret_condition != MEANING_FAILED;
}

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

bool audit_example(const struct auditor *auditor, const struct subject *subject,
		   meaning_ref predicate, struct seccomp_data *ret_call)
{
	int found;

	if (predicate == MEANING_FAILED || predicate == MEANING_FALSE)
		return false;
	found = meaning_example(auditor->store, predicate, is_true, NULL, ret_call);
	auditor->audit->arena.failed |= found < 0;
	if (found <= 0)
		return false;
	ret_call->arch = subject->abi->audit_arch;
	ret_call->nr = (int)subject->number;
	return true;
}

/* --- findings ---------------------------------------------------------------------- */

static const char *take_text(struct auditor *auditor, struct buffer *text)
{
	struct str whole = { text->data, text->len };
	const char *copy =
		text->failed ? NULL : arena_copy(&auditor->audit->arena, whole);

	auditor->audit->arena.failed |= text->failed;
	buffer_done(text);
	return copy ? copy : "";
}

const char *audit_text(struct auditor *auditor, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	return take_text(auditor, &text);
}

const char *audit_verdict(struct auditor *auditor, const struct abi *abi,
			  uint32_t verdict)
{
	struct buffer text = { 0 };

	verdict_print(verdict, abi, &text);
	return take_text(auditor, &text);
}

static bool is_known(const struct callgate_audit *audit, const char *code,
		     const char *subject)
{
	for (size_t i = 0; i < audit->count; i++)
		if (strcmp(audit->findings[i].code, code) == 0 &&
		    strcmp(audit->subjects[i], subject) == 0)
			return true;
	return false;
}

static uint32_t answer(const struct auditor *auditor, const struct seccomp_data *call)
{
	return verdict_normalize(bpf_run(auditor->program, call).value);
}

static const char *copy_text(struct auditor *auditor, const char *text)
{
	return text ? arena_copy(&auditor->audit->arena, str_of(text)) : NULL;
}

void audit_add(struct auditor *auditor, const struct callgate_finding *finding,
	       const char *subject, const char *format, ...)
{
	struct callgate_audit *audit = auditor->audit;
	struct callgate_finding *place;
	const char **subject_place;
	struct buffer text = { 0 };
	va_list arguments;

	if (is_known(audit, finding->code, subject))
		return;
	subject_place = ARENA_PUSH(&audit->arena, audit->subjects, audit->subject_count,
				   audit->subject_capacity);
	if (!subject_place)
		return;
	*subject_place = subject;
	place = ARENA_PUSH(&audit->arena, audit->findings, audit->count,
			   audit->capacity);
	if (!place)
		return;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	*place = *finding;
	place->message = take_text(auditor, &text);
	place->reason = copy_text(auditor, finding->reason);
	place->mend = copy_text(auditor, finding->mend);
	*subject_place = copy_text(auditor, subject);
	if (place->has_call)
		place->verdict = answer(auditor, &place->call);
	if (place->has_other)
		place->other_verdict = answer(auditor, &place->other);
}

/* The worst first; of the same risk, in the order they were found. */
static void sort(struct callgate_audit *audit)
{
	for (size_t i = 1; i < audit->count; i++) {
		struct callgate_finding finding = audit->findings[i];
		size_t at = i;

		for (; at > 0 && audit->findings[at - 1].risk < finding.risk; at--)
			audit->findings[at] = audit->findings[at - 1];
		audit->findings[at] = finding;
	}
}

/* --- the whole --------------------------------------------------------------------- */

static uint32_t allows(void *context, uint32_t verdict)
{
	(void)context;
	return verdict_is_allow(verdict);
}

static void audit_all(struct auditor *auditor)
{
	static const struct callgate_finding denies_nothing = {
		.risk = CALLGATE_RISK_NOTE,
		.code = "denies-nothing",
		.reason = "what a filter lets through, it does not fence",
		.mend = "default errno EPERM",
		.has_call = true,
		.instruction = CALLGATE_NONE,
	};

	if (auditor->allows == MEANING_TRUE) {
		audit_add(auditor, &denies_nothing, "", "every call is allowed");
	} else {
		audit_abis(auditor);
		audit_arguments(auditor);
		audit_evasions(auditor);
		audit_hazards(auditor);
	}
	audit_program(auditor);
}

static int run(struct auditor *auditor)
{
	const struct bpf_program *program = auditor->program;
	int error;

	auditor->lifted = meaning_of_program(auditor->store, program->code,
					     program->length, program->big_endian);
	auditor->verdicts = meaning_normalize(auditor->store, auditor->lifted);
	auditor->allows = meaning_map(auditor->store, auditor->verdicts, allows, NULL);
	if (auditor->allows == MEANING_FAILED)
		return meaning_error(auditor->store);
	audit_all(auditor);
	error = meaning_error(auditor->store);
	if (error)
		return error;
	audit_cost(auditor);
	if (auditor->audit->arena.failed)
		return auditor->audit->arena.limited ? -E2BIG : -ENOMEM;
	sort(auditor->audit);
	return 0;
}

int callgate_filter_audit(const struct callgate_filter *filter,
			  struct callgate_diagnostics *diagnostics,
			  struct callgate_audit **ret_audit)
{
	struct auditor auditor = { .program = &filter->program };
	int error = -ENOMEM;

	*ret_audit = NULL;
	auditor.store = meaning_new(AUDIT_LIMITS);
	auditor.audit = calloc(1, sizeof(*auditor.audit));
	if (auditor.audit)
		arena_init(&auditor.audit->arena, ARENA_DEFAULT_LIMIT);
	if (auditor.store && auditor.audit)
		error = run(&auditor);
	if (error == -E2BIG)
		diag_error(diagnostics, "too-complex", SPAN_NONE, NULL,
			   "the filter is too complex to audit");
	meaning_free(auditor.store);
	if (error)
		callgate_audit_free(auditor.audit);
	else
		*ret_audit = auditor.audit;
	return error;
}

void callgate_audit_free(struct callgate_audit *audit)
{
	if (!audit)
		return;
	arena_done(&audit->arena);
	free(audit);
}

size_t callgate_audit_count(const struct callgate_audit *audit)
{
	return audit->count;
}

const struct callgate_finding *callgate_audit_at(const struct callgate_audit *audit,
						 size_t index)
{
	return index < audit->count ? &audit->findings[index] : NULL;
}
