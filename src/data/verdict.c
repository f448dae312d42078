// SPDX-License-Identifier: MIT
/*
 * What the kernel does with a filter's return value, and how the language writes it.
 *
 * seccomp_run_filters() of kernel/seccomp.c walks the filters from the newest to the
 * oldest and keeps the least action by *signed* comparison: KILL_PROCESS (negative),
 * KILL_THREAD (0), then upwards to ALLOW, the greatest there is. __seccomp_filter()
 * switches on all 16 bits of the action; one it does not know kills the process.
 */
#include "data/verdict.h"

#include <linux/seccomp.h>

#define ERRNO_MAX 4095u /* MAX_ERRNO of include/linux/err.h */

static const struct action {
	uint32_t value;
	const char *name;   /* in the language */
	uint32_t data_mask; /* which bits of the data have an effect */
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill", 0 },
	{ SECCOMP_RET_KILL_THREAD, "kill-thread", 0 },
	{ SECCOMP_RET_TRAP, "trap", SECCOMP_RET_DATA },
	{ SECCOMP_RET_ERRNO, "errno", SECCOMP_RET_DATA },
	{ SECCOMP_RET_USER_NOTIF, "notify", 0 },
	{ SECCOMP_RET_TRACE, "trace", SECCOMP_RET_DATA },
	{ SECCOMP_RET_LOG, "log", 0 },
	{ SECCOMP_RET_ALLOW, "allow", 0 },
};

#define ACTION_COUNT (sizeof(actions) / sizeof(actions[0]))

/* NULL for a value that the kernel does not know either. */
static const struct action *action_of(uint32_t verdict)
{
	for (size_t i = 0; i < ACTION_COUNT; i++)
		if (actions[i].value == (verdict & SECCOMP_RET_ACTION_FULL))
			return &actions[i];
	return NULL;
}

static int32_t severity(uint32_t verdict)
{
	return (int32_t)(verdict & SECCOMP_RET_ACTION_FULL);
}

uint32_t verdict_precedence(uint32_t newer, uint32_t older)
{
	return severity(older) < severity(newer) ? older : newer;
}

uint32_t verdict_lenient(uint32_t a, uint32_t b)
{
	if (severity(a) != severity(b))
		return severity(a) > severity(b) ? a : b;
	return a > b ? a : b;
}

uint32_t verdict_normalize(uint32_t verdict)
{
	const struct action *action = action_of(verdict);
	uint32_t data;

	if (!action)
		return SECCOMP_RET_KILL_PROCESS;
	data = verdict & action->data_mask;
	if (action->value == SECCOMP_RET_ERRNO && data > ERRNO_MAX)
		data = ERRNO_MAX;
	return action->value | data;
}

/* Within an action a greater number is no other verdict, or a greater one. */
static bool is_one_action(uint32_t first, uint32_t last)
{
	return (first & SECCOMP_RET_ACTION_FULL) == (last & SECCOMP_RET_ACTION_FULL);
}

bool verdict_of_range(uint32_t first, uint32_t last, uint32_t *ret_verdict)
{
	*ret_verdict = verdict_normalize(first);
	if (is_one_action(first, last))
		return *ret_verdict == verdict_normalize(last);
	*ret_verdict = SECCOMP_RET_KILL_PROCESS;
	for (size_t i = 0; i < ACTION_COUNT; i++)
		if (actions[i].value != SECCOMP_RET_KILL_PROCESS &&
		    actions[i].value >= (first & SECCOMP_RET_ACTION_FULL) &&
		    actions[i].value <= last)
			return false;
	return true;
}

bool verdict_of_layer_range(uint32_t first, uint32_t last, uint32_t *ret_verdict)
{
	*ret_verdict = verdict_normalize(first);
	if (!action_of(first))
		*ret_verdict = first & SECCOMP_RET_ACTION_FULL;
	return is_one_action(first, last) &&
	       (!action_of(first) || *ret_verdict == verdict_normalize(last));
}

bool verdict_is_allow(uint32_t verdict)
{
	uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static void print_errno(uint32_t number, const struct abi *abi, struct buffer *ret_text)
{
	const char *name = errno_name((uint16_t)number, abi);

	if (name)
		buffer_printf(ret_text, "errno %s", name);
	else
		buffer_printf(ret_text, "errno %u", (unsigned)number);
}

void verdict_print(uint32_t verdict, const struct abi *abi, struct buffer *ret_text)
{
	uint32_t data = verdict & SECCOMP_RET_DATA;

	/* What the language has no words for: a value that the kernel reads otherwise.
	 */
	if (verdict_normalize(verdict) != verdict)
		buffer_printf(ret_text, "0x%08x", (unsigned)verdict);
	else if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		print_errno(data, abi, ret_text);
	else if (data)
		buffer_printf(ret_text, "%s %u", action_of(verdict)->name,
			      (unsigned)data);
	else
		buffer_text(ret_text, action_of(verdict)->name);
}

const char *verdict_name_at(size_t index)
{
	return index < ACTION_COUNT ? actions[index].name : NULL;
}

bool verdict_by_name(struct str name, uint32_t *ret_verdict, bool *ret_takes_data)
{
	for (size_t i = 0; i < ACTION_COUNT; i++) {
		if (!str_is(name, actions[i].name))
			continue;
		*ret_verdict = actions[i].value;
		*ret_takes_data = actions[i].data_mask != 0;
		return true;
	}
	return false;
}
