// SPDX-License-Identifier: MIT
/*
 * Why the kernel refused, in words.
 *
 * An errno of seccomp(2) has several causes; which one it was follows from what was
 * asked and from what this kernel has. Given both, this file makes no system call.
 * The order of the cases is the order in which kernel/seccomp.c checks.
 */
#include "os/os.h"

#include <errno.h>

#include "bpf/bpf.h"

struct context {
	const struct callgate_refusal *refusal;
	const struct callgate_features *features;
	struct callgate_diagnostics *diagnostics;
};

#define say(context, code, hint, ...) \
	diag_error((context)->diagnostics, (code), SPAN_NONE, (hint), __VA_ARGS__)

static bool has_flag(const struct context *context, uint64_t flag)
{
	return context->refusal->options.flags & flag;
}

static void explain_access(const struct context *context)
{
	(void)context;
	say(context, "no-privilege",
	    "set no_new_privs first, as a load does by itself unless told not to, or "
	    "run with CAP_SYS_ADMIN in this user namespace",
	    "loading a filter needs no_new_privs or CAP_SYS_ADMIN, this thread has "
	    "neither");
}

/* A flag that was asked for and that the kernel lacks. */
static const struct callgate_feature *absent_flag(const struct context *context)
{
	for (size_t i = 0; i < CALLGATE_FLAG_COUNT; i++) {
		const struct callgate_feature *flag = &context->features->flags[i];

		if (has_flag(context, flag->value) &&
		    flag->available == CALLGATE_ABSENT)
			return flag;
	}
	return NULL;
}

static uint32_t nameless_flags(const struct context *context)
{
	uint32_t left = context->refusal->options.flags;

	for (size_t i = 0; i < CALLGATE_FLAG_COUNT; i++)
		left &= ~context->features->flags[i].value;
	return left;
}

static bool explain_flags(const struct context *context)
{
	const struct callgate_feature *absent = absent_flag(context);

	if (context->refusal->options.by_prctl && context->refusal->options.flags)
		say(context, "flag", "use seccomp(2), in Linux since 3.17",
		    "prctl(PR_SET_SECCOMP) knows no flags");
	else if (nameless_flags(context))
		say(context, "flag", NULL, "there is no filter flag 0x%x",
		    nameless_flags(context));
	else if (absent)
		say(context, "flag", "leave the flag out, or use a newer kernel",
		    "this kernel (%s) lacks the filter flag %s, in Linux since %u.%u",
		    context->features->release, absent->name, absent->since >> 8,
		    absent->since & 0xffu);
	else if (has_flag(context, SECCOMP_FILTER_FLAG_TSYNC) &&
		 has_flag(context, SECCOMP_FILTER_FLAG_NEW_LISTENER) &&
		 !has_flag(context, SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
		say(context, "flag", "add tsync_esrch, in Linux since 5.7",
		    "tsync and new_listener together need tsync_esrch: one result "
		    "cannot be a thread and a descriptor");
	else if (has_flag(context, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) &&
		 !has_flag(context, SECCOMP_FILTER_FLAG_NEW_LISTENER))
		say(context, "flag", "add new_listener",
		    "wait_killable_recv is of use to a new listener alone");
	else
		return false;
	return true;
}

static bool explain_program(const struct context *context)
{
	const struct callgate_refusal *refusal = context->refusal;
	const char *why;
	size_t at;

	if (refusal->operation != SECCOMP_SET_MODE_FILTER || !refusal->program)
		return false;
	if (refusal->length == 0 || refusal->length > BPF_MAXINSNS)
		say(context, "program-length", NULL,
		    "a filter has 1 to %u instructions, this one %zu", BPF_MAXINSNS,
		    refusal->length);
	else if (bpf_validate(refusal->program, refusal->length, &at, &why))
		say(context, "bad-program", NULL, "instruction %zu: %s", at, why);
	else
		return false;
	return true;
}

static void explain_invalid(const struct context *context)
{
	const struct callgate_features *features = context->features;
	unsigned operation = context->refusal->operation;

	if (operation == SECCOMP_GET_NOTIF_SIZES)
		say(context, "operation", NULL,
		    "this kernel (%s) has no listeners, in Linux since 5.0",
		    features->release);
	else if (operation == SECCOMP_SET_MODE_STRICT && features->mode > 0)
		say(context, "mode", NULL,
		    "strict mode is for a thread without filters, this one has some");
	else if (operation == SECCOMP_SET_MODE_STRICT)
		say(context, "not-built-in", NULL,
		    "this kernel (%s) is built without seccomp", features->release);
	else if (features->filter_mode == CALLGATE_ABSENT)
		say(context, "not-built-in",
		    "it takes a kernel with CONFIG_SECCOMP_FILTER=y",
		    "this kernel (%s) is built without seccomp filters",
		    features->release);
	else if (!explain_flags(context) && !explain_program(context))
		say(context, "refused", NULL,
		    "the kernel calls the request invalid (EINVAL), for a reason "
		    "that callgate does not know");
}

static void explain_fault(const struct context *context)
{
	say(context, "fault", NULL,
	    "the program's address is not readable memory (EFAULT)");
}

static void explain_memory(const struct context *context)
{
	if (context->features->filters > 0)
		say(context, "too-many-instructions",
		    "merge layers into one policy, or drop some",
		    "a thread's filters may have 32768 instructions together, as the "
		    "kernel translates them and with 4 more for each layer; this "
		    "one, of %zu, does not fit on top of the %d there are",
		    context->refusal->length, context->features->filters);
	else
		say(context, "no-memory", NULL, "the kernel is out of memory");
}

static void explain_thread(const struct context *context)
{
	static const char hint[] =
		"load for all threads before any thread loads for itself alone, "
		"or before threads are made";

	if (context->refusal->thread)
		say(context, "thread-diverged", hint,
		    "thread %d cannot take the filter: it has a filter that this "
		    "thread "
		    "does not have; no thread was changed",
		    context->refusal->thread);
	else
		say(context, "thread-diverged", hint,
		    "a thread of this process cannot take the filter: it has a filter "
		    "that this thread does not have; no thread was changed");
}

static void explain_busy(const struct context *context)
{
	say(context, "second-listener",
	    "let one listener serve both, or load this filter without new_listener",
	    "a filter of this thread has a listener already, and a thread can have "
	    "one alone");
}

static void explain_action(const struct context *context)
{
	const struct callgate_feature *action = os_action(context->refusal->action);

	if (!action)
		say(context, "action", NULL, "there is no action 0x%08x",
		    context->refusal->action);
	else
		say(context, "action",
		    action->value == SECCOMP_RET_LOG
			    ? "without it nothing can be logged and let through: "
			      "leave out log and log-only"
			    : "choose an older action: trap, errno or kill-thread",
		    "this kernel (%s) does not know the action %s, in Linux since "
		    "%u.%u, and would kill instead",
		    context->features->release, action->name, action->since >> 8,
		    action->since & 0xffu);
}

static void explain_missing_call(const struct context *context)
{
	const struct callgate_features *features = context->features;

	if (context->refusal->options.flags &&
	    features->seccomp_call == CALLGATE_ABSENT)
		say(context, "no-seccomp",
		    "without flags the filter can be loaded by prctl(2)",
		    "this kernel (%s) lacks seccomp(2), in Linux since 3.17, which the "
		    "flags need",
		    features->release);
	else
		say(context, "no-seccomp", NULL,
		    "seccomp(2) answers ENOSYS: the kernel (%s) lacks it or an earlier "
		    "filter says so",
		    features->release);
}

static void explain_rest(const struct context *context)
{
	const char *name = strerrorname_np(-context->refusal->error);

	say(context, "refused",
	    context->features->filters > 0
		    ? "a filter that is loaded already may forbid it"
		    : NULL,
	    "the kernel does not load the filter: %s (errno %d)", name ? name : "?",
	    -context->refusal->error);
}

static const struct {
	int error;
	void (*explain)(const struct context *context);
} cases[] = {
	{ -EACCES, explain_access },	 { -EINVAL, explain_invalid },
	{ -EFAULT, explain_fault },	 { -ENOMEM, explain_memory },
	{ -ESRCH, explain_thread },	 { -EBUSY, explain_busy },
	{ -EOPNOTSUPP, explain_action }, { -ENOSYS, explain_missing_call },
};

void callgate_refusal_explain(const struct callgate_refusal *refusal,
			      const struct callgate_features *features,
			      struct callgate_diagnostics *diagnostics)
{
	struct context context = { refusal, features, diagnostics };
	struct callgate_features probed;

	if (!diagnostics)
		return;
	if (!features) {
		/* Failing, it leaves "unknown", which no case rests upon. */
		callgate_features_probe(&probed);
		context.features = &probed;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].error != refusal->error)
			continue;
		cases[i].explain(&context);
		return;
	}
	explain_rest(&context);
}
