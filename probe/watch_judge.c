// SPDX-License-Identifier: MIT
/*
 * Who refused a call: the thread's own filters, read where the kernel keeps them, are run
 * on the call that they were asked about, and their answer is held against what the call
 * returned.
 *
 * The kernel half tells of every exit without an enter; a few of them are no denials. Those
 * end here, so that what passes is one denial for one refused call. Pure: no system calls.
 */
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>

#include "callgate.h"
#include "watch.h"

#define MODE_DEAD 3

/* The architecture of 32-bit programs on this machine. */
#if defined(__x86_64__)
#define COMPAT_ARCH AUDIT_ARCH_I386
#elif defined(__s390x__)
#define COMPAT_ARCH AUDIT_ARCH_S390
#else
#define COMPAT_ARCH AUDIT_ARCH_ARM
#endif

/* Results that have the call made again, once the signal is handled. */
#define RESTART_FIRST 512
#define RESTART_LAST  516

/* --- filters -------------------------------------------------------------------------------- */

struct watch_filters {
	struct slot {
		uint64_t id, content;
		struct callgate_filter *filter;
	} slots[WATCH_PROGRAMS];
};

struct watch_filters *watch_filters_new(void)
{
	return calloc(1, sizeof(struct watch_filters));
}

void watch_filters_free(struct watch_filters *filters)
{
	for (size_t i = 0; filters && i < WATCH_PROGRAMS; i++)
		callgate_filter_free(filters->slots[i].filter);
	free(filters);
}

/* FNV-1a; never 0. */
static uint64_t content_of(const struct sock_filter *instructions, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)instructions;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length * sizeof(*instructions); i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

void watch_filters_add(void *filters, const struct watch_program *program,
		       const struct sock_filter *instructions)
{
	struct watch_filters *all = filters;
	struct slot *slot = &all->slots[program->id % WATCH_PROGRAMS];

	callgate_filter_free(slot->filter);
	slot->id = program->id;
	slot->content = content_of(instructions, program->length);
	slot->filter = NULL;
	/* What the kernel took is valid; without memory it stays unknown. */
	(void)callgate_filter_from_program(instructions, program->length, NULL,
					   &slot->filter);
}

const struct callgate_filter *watch_filters_find(const struct watch_filters *filters,
						 uint64_t id)
{
	const struct slot *slot = &filters->slots[id % WATCH_PROGRAMS];

	return id && slot->id == id ? slot->filter : NULL;
}

/* Layers are counted from the first one loaded, an event has the newest first. */
uint64_t watch_decider(const struct watch_filters *filters,
		       const struct watch_event *event,
		       const struct watch_verdict *verdict)
{
	uint32_t back = event->filters - verdict->layer;
	const struct slot *slot;

	if (verdict->source != WATCH_BY_FILTERS || back >= event->layer_count)
		return 0;
	slot = &filters->slots[event->layers[back] % WATCH_PROGRAMS];
	return slot->id == event->layers[back] ? slot->content : 0;
}

/* --- the call -------------------------------------------------------------------------------- */

void watch_call(const struct watch_event *event, struct seccomp_data *ret_call)
{
	struct callgate_abi native;

	callgate_abi_at(callgate_abi_native(), &native);
	ret_call->arch = event->marks & WATCH_COMPAT ? COMPAT_ARCH : native.audit_arch;
	ret_call->nr = event->number;
	ret_call->instruction_pointer = event->instruction_pointer;
	for (int i = 0; i < 6; i++)
		ret_call->args[i] = event->arguments[i];
}

/* --- the verdict ------------------------------------------------------------------------------ */

static uint32_t action_of(uint32_t verdict)
{
	return verdict & SECCOMP_RET_ACTION_FULL;
}

/* The kernel compares actions as signed numbers; the smallest is the strictest. */
static bool is_stricter(uint32_t verdict, uint32_t other)
{
	return (int32_t)action_of(verdict) < (int32_t)action_of(other);
}

static void keep_place(void *context, const struct callgate_step *step)
{
	*(size_t *)context = step->at;
}

/* Asks all filters, the newest first. False: one of them is not known. */
static bool ask(const struct watch_filters *filters, const struct watch_event *event,
		struct watch_verdict *ret_verdict)
{
	struct seccomp_data call;

	watch_call(event, &call);
	ret_verdict->value = SECCOMP_RET_ALLOW;
	for (uint32_t i = 0; i < event->layer_count; i++) {
		const struct callgate_filter *filter =
			watch_filters_find(filters, event->layers[i]);
		size_t place = 0;
		uint32_t value;

		if (!filter)
			return false;
		value = callgate_filter_trace(filter, &call, keep_place, &place).value;
		if (i && !is_stricter(value, ret_verdict->value))
			continue;
		*ret_verdict = (struct watch_verdict){
			.value = value,
			.layer = event->filters - i,
			.instruction = place,
		};
	}
	return event->layer_count && event->layer_count == event->filters;
}

static bool is_restarted(const struct watch_event *event)
{
	return event->result <= -RESTART_FIRST && event->result >= -RESTART_LAST;
}

static bool is_kill(uint32_t verdict)
{
	return action_of(verdict) == SECCOMP_RET_KILL_PROCESS ||
	       action_of(verdict) == SECCOMP_RET_KILL_THREAD;
}

/* Whether a call that is refused so returns what this one did. */
static bool fits(uint32_t verdict, const struct watch_event *event)
{
	unsigned data = verdict & SECCOMP_RET_DATA;
	bool is_rolled_back = event->result == event->number;

	if (event->marks & WATCH_ENDED)
		return is_kill(verdict);
	switch (action_of(verdict)) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return false;
	case SECCOMP_RET_ERRNO:
		return event->result == -(int64_t)(data > 4095 ? 4095 : data);
	case SECCOMP_RET_TRAP:
		return is_rolled_back && event->mode != MODE_DEAD;
	case SECCOMP_RET_TRACE: /* a tracer's refusal has no number any more */
		return event->result == -ENOSYS &&
		       !(event->marks & WATCH_TRACER_DECIDES);
	case SECCOMP_RET_USER_NOTIF:
		return !is_restarted(event) && !(event->marks & WATCH_UNSURE);
	default: /* kills; before Linux 5.17 the mode does not tell */
		return event->mode == MODE_DEAD || is_rolled_back;
	}
}

/* What the result alone tells. */
static uint32_t guess(const struct watch_event *event)
{
	if (event->marks & WATCH_ENDED)
		return SECCOMP_RET_KILL_THREAD;
	if (event->mode == MODE_DEAD)
		return SECCOMP_RET_KILL_PROCESS;
	if (event->result < 0 && event->result >= -4095)
		return SECCOMP_RET_ERRNO | (uint32_t)-event->result;
	return event->result == event->number ? SECCOMP_RET_TRAP
					      : SECCOMP_RET_USER_NOTIF;
}

bool watch_is_strict(const struct watch_event *event,
		     const struct watch_verdict *verdict)
{
	return verdict->source == WATCH_BY_MODE ||
	       (event->marks & WATCH_AUDITED && event->mode == SECCOMP_MODE_STRICT);
}

static struct watch_verdict audited(const struct watch_event *event)
{
	return (struct watch_verdict){ WATCH_BY_AUDIT, event->exit_code, 0, 0 };
}

bool watch_judge(const struct watch_filters *filters, const struct watch_event *event,
		 struct watch_verdict *ret_verdict)
{
	bool is_dead = event->mode == MODE_DEAD || event->marks & WATCH_ENDED;
	bool is_known;

	if (event->marks & WATCH_AUDITED) {
		*ret_verdict = audited(event);
		return true;
	}
	is_known = ask(filters, event, ret_verdict);

	if (is_known && fits(ret_verdict->value, event))
		return true;
	if (!is_dead) {
		/* Others than seccomp skip calls, too; filters say that they did. */
		if (is_known && callgate_verdict_allows(ret_verdict->value))
			return false;
		if (event->marks & (WATCH_UNSURE | WATCH_PTRACED) ||
		    is_restarted(event))
			return false;
	}
	*ret_verdict = (struct watch_verdict){
		.source = event->filters ? WATCH_BY_RESULT : WATCH_BY_MODE,
		.value = guess(event),
	};
	return true;
}
