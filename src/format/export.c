// SPDX-License-Identifier: MIT
/*
 * Policy → diagram → profile → text, and the text back to a diagram: an export that does
 * not mean the same is refused with a call on which the two differ. So the making of
 * rules below may take for granted what it likes.
 *
 * The default verdict is that of numbers without a name, for a profile can speak of
 * names alone. Calls that socketcall and ipc carry bring rules on these two by
 * themselves: what the others have not brought is added in a second round.
 */
#include <errno.h>

#include "data/call.h"
#include "data/verdict.h"
#include "format/rules.h"

#define ARENA_LIMIT   ((size_t)64 << 20)
#define INTERVALS_MAX 8192

struct export
{
	const struct callgate_policy *policy;
	enum callgate_profile_format format;
	const struct callgate_export_options *options;
	struct callgate_diagnostics *diagnostics;
	struct arena arena;
	struct meaning *store;
	meaning_ref wanted;
	uint32_t otherwise;
	meaning_ref *bodies[ABI_MAX]; /* by syscall_index(); MEANING_FAILED: no call */
	struct profile_rule **tail;
	struct profile profile;
	bool refused; /* and reported */
};

__attribute__((format(printf, 4, 5))) static void refuse(struct export *export,
							 const char *code,
							 const char *hint,
							 const char *format, ...)
{
	struct buffer message = { 0 };
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(&message, format, arguments);
	va_end(arguments);
	if (!export->refused)
		diag_error(export->diagnostics, code, SPAN_NONE, hint, "%s",
			   message.data ? message.data : "");
	export->refused = true;
	buffer_done(&message);
}

/* The text of a verdict, in the arena. */
static const char *verdict_text(struct export *export, uint32_t verdict)
{
	struct buffer text = { 0 };
	const char *copy;

	verdict_print(verdict, export->policy->abis[0].abi, &text);
	copy = arena_copy(&export->arena, str_of(text.data));
	buffer_done(&text);
	return copy ? copy : "";
}

/* --- bodies of calls -------------------------------------------------------------- */

struct number_table {
	struct meaning_interval *intervals;
	size_t count;
};

/* What the diagram says of a number. */
static meaning_ref body_at(const struct number_table *table, uint32_t number)
{
	size_t at = meaning_interval_of(table->intervals, table->count, number);

	return table->intervals[at].ref;
}

/* What numbers get that a profile cannot name. */
static bool take_otherwise(struct export *export, meaning_ref body, bool is_first)
{
	uint32_t verdict = meaning_is_terminal(export->store, body)
				   ? meaning_at(export->store, body)->low
				   : ~export->otherwise;

	if (is_first)
		export->otherwise = verdict;
	return meaning_is_terminal(export->store, body) && verdict == export->otherwise;
}

/* Rules on numbers that no call has. */
static void check_unnamed(struct export *export, const struct policy_abi *rules,
			  const struct number_table *table)
{
	for (size_t i = 0; i < rules->count; i++) {
		uint32_t number = rules->matches[i].number;

		if (!syscall_by_number(rules->abi, number) &&
		    !take_otherwise(export, body_at(table, number), false))
			refuse(export, "unnamed-number", NULL,
			       "the policy has a rule on number %u of %s, which has no "
			       "name: a profile speaks of names",
			       (unsigned)(number - rules->abi->number_base),
			       rules->abi->name);
	}
}

static void take_bodies(struct export *export, size_t at,
			const struct number_table *table)
{
	const struct abi *abi = export->policy->abis[at].abi;
	uint32_t number = abi->number_base + syscall_number_end(abi);

	if (!take_otherwise(export, body_at(table, number), at == 0))
		refuse(export, "unnamed-differ", NULL,
		       "numbers that are no call get other verdicts on %s than on %s",
		       abi->name, export->policy->abis[0].abi->name);
	check_unnamed(export, &export->policy->abis[at], table);
	for (size_t i = 0; i < syscall_count(); i++) {
		bool has = syscall_number(syscall_at(i), abi, &number);

		export->bodies[at][i] = has ? body_at(table, number) : MEANING_FAILED;
	}
}

static void take_abi(struct export *export, size_t at)
{
	struct number_table table = {
		ARENA_ARRAY(&export->arena, struct meaning_interval, INTERVALS_MAX),
	};
	meaning_ref numbers =
		meaning_restrict(export->store, export->wanted, WORD_ARCH,
				 export->policy->abis[at].abi->audit_arch);

	export->bodies[at] = ARENA_ARRAY(&export->arena, meaning_ref, syscall_count());
	if (!table.intervals || !export->bodies[at] || numbers == MEANING_FAILED)
		return;
	table.count = meaning_intervals(export->store, numbers, WORD_NR,
					table.intervals, INTERVALS_MAX);
	if (table.count > INTERVALS_MAX)
		refuse(export, "too-complex", NULL, "the policy is too complex");
	else
		take_bodies(export, at, &table);
}

/* --- rules ------------------------------------------------------------------------ */

/* The calls that get the same rules. */
struct call_group {
	meaning_ref body;
	bool is_narrow;
	struct profile_name *names, **tail;
	struct call_group *next;
};

static bool is_terminal(const struct export *export, meaning_ref body)
{
	return meaning_is_terminal(export->store, body);
}

static uint32_t terminal_value(const struct export *export, meaning_ref body)
{
	return meaning_at(export->store, body)->low;
}

/* The body that the rules are made of: an ABI's of 64 bits where there is one. */
static bool find_body(const struct export *export, size_t call, meaning_ref *ret_body,
		      bool *ret_is_narrow)
{
	bool found = false;

	for (size_t i = 0; i < export->policy->abi_count; i++) {
		meaning_ref body = export->bodies[i][call];
		bool is_narrow = arch_of_abi(export->policy->abis[i].abi)->bits == 32;

		if (body == MEANING_FAILED || (found && (is_narrow || !*ret_is_narrow)))
			continue;
		*ret_body = body;
		*ret_is_narrow = is_narrow;
		found = true;
	}
	return found;
}

/* A verdict for all arguments, which another ABI does not share. */
static void check_shared(struct export *export, size_t call, meaning_ref body)
{
	for (size_t i = 0; i < export->policy->abi_count; i++) {
		meaning_ref other = export->bodies[i][call];

		if (other == MEANING_FAILED || other == body ||
		    !is_terminal(export, body) || !is_terminal(export, other))
			continue;
		refuse(export, "abis-differ", "write a policy for each ABI",
		       "'%s' gets '%s' on %s and '%s' elsewhere: a profile has one "
		       "verdict for all architectures",
		       syscall_name(syscall_at(call)),
		       verdict_text(export, terminal_value(export, other)),
		       export->policy->abis[i].abi->name,
		       verdict_text(export, terminal_value(export, body)));
	}
}

static void explain_rules(struct export *export, const struct rules *rules,
			  const struct call_group *group)
{
	const char *name = group->names->name.ptr;

	switch (rules->outcome) {
	case RULES_DONE:
		break;
	case RULES_POINTER:
		refuse(export, "instruction-pointer", NULL,
		       "'%s' depends on the instruction pointer, of which a profile "
		       "cannot speak",
		       name);
		break;
	case RULES_WIDE:
		refuse(export, "wide-argument", NULL,
		       "'%s' compares 64 bits where the runtimes compare 32", name);
		break;
	case RULES_VERDICT:
		refuse(export, "verdict", NULL,
		       "'%s' gets '%s', which has no name in a profile", name,
		       verdict_text(export, rules->verdict));
		break;
	case RULES_MANY:
		refuse(export, "too-complex", NULL,
		       "the conditions on '%s' come to more than %d rules", name,
		       RULES_MAX);
		break;
	}
}

static void write_group(struct export *export, const struct call_group *group)
{
	struct rules rules = {
		.store = export->store,
		.arena = &export->arena,
		.otherwise = export->otherwise,
		.is_narrow = group->is_narrow,
		.names = group->names,
	};

	rules.tail = &rules.first;
	rules_from_body(&rules, group->body);
	explain_rules(export, &rules, group);
	if (!rules.first)
		return;
	*export->tail = rules.first;
	export->tail = rules.tail;
}

static void add_to_group(struct export *export, struct call_group *group, size_t call)
{
	struct profile_name *name = ARENA_NEW(&export->arena, struct profile_name);

	if (!name)
		return;
	name->name = str_of(syscall_name(syscall_at(call)));
	*group->tail = name;
	group->tail = &name->next;
}

/* The group of the same body, or a new one at the end. */
static struct call_group *find_group(struct export *export, struct call_group **groups,
				     meaning_ref body, bool is_narrow)
{
	bool is_any = is_terminal(export, body);
	struct call_group *group;

	for (; *groups; groups = &(*groups)->next)
		if ((*groups)->body == body &&
		    (is_any || (*groups)->is_narrow == is_narrow))
			return *groups;
	group = ARENA_NEW(&export->arena, struct call_group);
	if (!group)
		return NULL;
	group->body = body;
	group->is_narrow = is_narrow;
	group->tail = &group->names;
	*groups = group;
	return group;
}

/* Calls that carry others, on one of the policy's ABIs. */
static bool *find_multiplexers(struct export *export)
{
	bool *found = ARENA_ARRAY(&export->arena, bool, syscall_count());
	uint32_t ignored;

	for (size_t i = 0; found && i < syscall_count(); i++) {
		for (size_t j = 0; j < export->policy->abi_count; j++) {
			const struct syscall *multiplexer =
				syscall_multiplexer(syscall_at(i),
						    export->policy->abis[j].abi,
						    &ignored);

			if (multiplexer)
				found[syscall_index(multiplexer)] = true;
		}
	}
	return found;
}

/* The first round: every call, but multiplexers with conditions. */
static void write_calls(struct export *export, const bool *multiplexers)
{
	struct call_group *plain = NULL, *conditional = NULL;

	for (size_t i = 0; i < syscall_count(); i++) {
		meaning_ref body;
		struct call_group *group;
		bool is_narrow, is_plain;

		if (!find_body(export, i, &body, &is_narrow))
			continue;
		check_shared(export, i, body);
		is_plain = is_terminal(export, body);
		if (is_plain ? terminal_value(export, body) == export->otherwise
			     : multiplexers[i])
			continue;
		group = find_group(export, is_plain ? &plain : &conditional, body,
				   is_narrow);
		if (!group)
			return;
		add_to_group(export, group, i);
	}
	for (; plain; plain = plain->next)
		write_group(export, plain);
	for (; conditional; conditional = conditional->next)
		write_group(export, conditional);
}

/* --- text and proof --------------------------------------------------------------- */

static void put_text(struct export *export, struct buffer *ret_text)
{
	const char *name = export->options->name;

	if (export->format == CALLGATE_PROFILE_SPO)
		profile_write_spo(&export->profile, name ? name : "policy", ret_text);
	else
		profile_write_oci(&export->profile, ret_text);
}

/* What a runtime would make of the text. */
static meaning_ref read_back(struct export *export, const struct buffer *text)
{
	const struct callgate_import_options options = {
		.format = export->format,
		.machine = export->policy->abis[0].abi->name,
	};
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy;
	meaning_ref meaning = MEANING_FAILED;
	int error = callgate_policy_import(text->data, text->len, &options, diagnostics,
					   &policy);

	if (!error) {
		meaning = meaning_normalize(export->store,
					    meaning_of_policy(export->store, policy));
		callgate_policy_free(policy);
	} else if (callgate_diagnostics_count(diagnostics)) {
		refuse(export, "cannot-say", NULL, "the format cannot say it: %s",
		       callgate_diagnostics_at(diagnostics, 0)->message);
	}
	callgate_diagnostics_free(diagnostics);
	return meaning;
}

/* The second round: what the first has not brought about for a multiplexer. */
static void write_multiplexer(struct export *export, size_t call, meaning_ref brought)
{
	struct call_group group = { .tail = &group.names };
	meaning_ref nothing = meaning_terminal(export->store, export->otherwise);
	meaning_ref body;

	if (!find_body(export, call, &body, &group.is_narrow) ||
	    is_terminal(export, body) || body == brought)
		return;
	group.body =
		meaning_ite(export->store, meaning_differ(export->store, body, brought),
			    body, nothing);
	add_to_group(export, &group, call);
	if (group.names && group.body != MEANING_FAILED)
		write_group(export, &group);
}

static void write_multiplexers(struct export *export, const bool *multiplexers,
			       meaning_ref first_round)
{
	for (size_t i = 0; i < syscall_count(); i++) {
		for (size_t j = 0; multiplexers[i] && j < export->policy->abi_count;
		     j++) {
			const struct abi *abi = export->policy->abis[j].abi;
			meaning_ref numbers;
			uint32_t number;

			if (!syscall_number(syscall_at(i), abi, &number))
				continue;
			numbers = meaning_restrict(export->store, first_round,
						   WORD_ARCH, abi->audit_arch);
			write_multiplexer(export, i,
					  meaning_restrict(export->store, numbers,
							   WORD_NR, number));
			break;
		}
	}
}

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == MEANING_TRUE;
}

static void explain_difference(struct export *export, meaning_ref made)
{
	struct buffer text = { 0 };
	struct seccomp_data call;
	meaning_ref differ = meaning_differ(export->store, export->wanted, made);

	if (differ == MEANING_FAILED ||
	    meaning_example(export->store, differ, is_true, NULL, &call) != 1)
		return;
	call_print(&call, &text);
	refuse(export, "cannot-say", "write a policy for each ABI, or loosen the rule",
	       "the format cannot say it: %s gets '%s', a profile would give it '%s'",
	       text.data ? text.data : "",
	       verdict_text(export,
			    meaning_evaluate(export->store, export->wanted, &call)),
	       verdict_text(export, meaning_evaluate(export->store, made, &call)));
	buffer_done(&text);
}

/* --- the whole -------------------------------------------------------------------- */

static void take_action(struct export *export)
{
	struct profile_action *action = &export->profile.action;

	action->name = action_of_verdict(export->otherwise);
	if (!action->name ||
	    (!action->name->has_number && export->otherwise != action->name->verdict)) {
		refuse(export, "verdict", NULL,
		       "the default verdict '%s' has no name in a profile",
		       verdict_text(export, export->otherwise));
		return;
	}
	action->has_errno = action->name->has_number;
	action->number = (uint16_t) export->otherwise;
	if (export->format == CALLGATE_PROFILE_SPO && action->has_errno &&
	    action->number != EPERM)
		refuse(export, "default-errno", "default to 'errno EPERM'",
		       "the default verdict is '%s', and a SeccompProfile has no field "
		       "for its number",
		       verdict_text(export, export->otherwise));
}

static void take_arches(struct export *export)
{
	struct profile_arch **tail = &export->profile.arches;

	for (size_t i = 0; i < export->policy->abi_count; i++) {
		*tail = ARENA_NEW(&export->arena, struct profile_arch);
		if (!*tail)
			return;
		(*tail)->arch = arch_of_abi(export->policy->abis[i].abi);
		tail = &(*tail)->next;
	}
}

/* The runtimes kill the thread for an architecture that is not listed. */
static void check_badarch(struct export *export)
{
	uint32_t verdict = verdict_normalize(export->policy->badarch_verdict);

	if (verdict == SECCOMP_RET_KILL_THREAD)
		return;
	if (verdict == SECCOMP_RET_KILL_PROCESS && !export->options->strict)
		diag_warning(export->diagnostics, "badarch", SPAN_NONE,
			     "'badarch kill-thread' says that",
			     "calls of another ABI kill the process; the runtimes kill "
			     "the thread alone");
	else
		refuse(export, "badarch",
		       "'badarch kill-thread' is what a profile says",
		       "calls of another ABI get '%s', and the runtimes kill the "
		       "thread",
		       verdict_text(export, verdict));
}

static void make_rounds(struct export *export, struct buffer *ret_text)
{
	const bool *multiplexers = find_multiplexers(export);
	struct profile_rule **first_end;
	meaning_ref made;

	if (!multiplexers)
		return;
	write_calls(export, multiplexers);
	first_end = export->tail;
	put_text(export, ret_text);
	if (export->refused || ret_text->failed)
		return;
	made = read_back(export, ret_text);
	if (made == export->wanted || export->refused || made == MEANING_FAILED)
		return;
	write_multiplexers(export, multiplexers, made);
	if (export->tail != first_end && !export->refused) {
		buffer_done(ret_text);
		put_text(export, ret_text);
		made = ret_text->failed ? MEANING_FAILED : read_back(export, ret_text);
	}
	if (made != export->wanted && made != MEANING_FAILED)
		explain_difference(export, made);
}

static void run(struct export *export, struct buffer *ret_text)
{
	struct callgate_policy wanted = *export->policy;

	check_badarch(export);
	wanted.badarch_verdict = SECCOMP_RET_KILL_THREAD;
	export->wanted = meaning_normalize(export->store,
					   meaning_of_policy(export->store, &wanted));
	for (size_t i = 0; i < export->policy->abi_count; i++)
		if (export->wanted != MEANING_FAILED)
			take_abi(export, i);
	if (export->refused || meaning_error(export->store) || export->arena.failed)
		return;
	export->profile.flags = export->policy->flags;
	export->profile.listener_path = export->policy->listener_path;
	export->profile.listener_metadata = export->policy->listener_metadata;
	take_action(export);
	take_arches(export);
	if (!export->refused && !export->arena.failed)
		make_rounds(export, ret_text);
}

static int outcome(const struct export *export, const struct buffer *text)
{
	if (export->refused)
		return -EINVAL;
	if (export->arena.limited)
		return -E2BIG;
	if (export->arena.failed || text->failed)
		return -ENOMEM;
	return meaning_error(export->store);
}

int callgate_policy_export(const struct callgate_policy *policy,
			   enum callgate_profile_format format,
			   const struct callgate_export_options *options,
			   struct callgate_diagnostics *diagnostics, char **ret_text,
			   size_t *ret_length)
{
	static const struct callgate_export_options defaults;
	struct export export = {
		.policy = policy,
		.format = format,
		.options = options ? options : &defaults,
		.diagnostics = diagnostics,
		.store = meaning_new(MEANING_LIMITS),
	};
	struct buffer text = { 0 };
	int error;

	if (!export.store)
		return -ENOMEM;
	arena_init(&export.arena, ARENA_LIMIT);
	export.tail = &export.profile.rules;
	run(&export, &text);
	error = outcome(&export, &text);
	*ret_length = text.len;
	*ret_text = error ? NULL : buffer_take(&text);
	buffer_done(&text);
	arena_done(&export.arena);
	meaning_free(export.store);
	return error;
}
