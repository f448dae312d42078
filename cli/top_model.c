// SPDX-License-Identifier: MIT
/*
 * What `callgate top` knows: processes and rules, each with what was counted of it.
 *
 * Processes are told apart by id and start. A denial is put down to the latest one with
 * its id, since an event does not tell when the process began. Who neither makes calls
 * nor is refused one is forgotten after a while, a longer one who ever was refused one; so
 * is the rule that was idle longest when there are too many.
 */
#include <stdlib.h>
#include <string.h>

#include "top.h"

#define IDLE_TICKS    10
#define REFUSED_TICKS 600   /* so long for who was refused a call, … */
#define PROCESSES     16384 /* … while there are no more than these */
#define RULES_MAX     4096

void top_done(struct top *top)
{
	free(top->processes);
	free(top->rules);
	*top = (struct top){ 0 };
}

/* Room for one more of `size` bytes; the array, moved or not. */
static void *make_room(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? 2 * *room : 64;
	return cli_need(reallocarray(array, *room, size));
}

/* --- processes ---------------------------------------------------------------------- */

/* The latest are at the end. `start` 0: whichever has the id. */
static struct top_process *find_process(const struct top *top,
					const struct count_key *key)
{
	for (size_t i = top->process_count; i > 0; i--) {
		struct top_process *process = &top->processes[i - 1];

		if (process->key.pid == key->pid &&
		    (!key->start || !process->key.start ||
		     process->key.start == key->start))
			return process;
	}
	return NULL;
}

static struct top_process *process_of(struct top *top, const struct count_key *key)
{
	struct top_process *process = find_process(top, key);

	if (process) {
		if (key->start)
			process->key = *key;
		return process;
	}
	top->processes = make_room(top->processes, top->process_count,
				   &top->process_room, sizeof(*top->processes));
	process = &top->processes[top->process_count++];
	*process = (struct top_process){ .key = *key };
	return process;
}

static void set_name(char target[COUNT_NAME], const char name[COUNT_NAME])
{
	memcpy(target, name, COUNT_NAME - 1);
	target[COUNT_NAME - 1] = '\0';
}

void top_add_count(void *context, const struct count_key *key,
		   const struct count_value *value)
{
	struct top_process *process = process_of(context, key);

	/* it is told with a call that was made, and may be old else */
	if (process->calls.total != value->calls || !process->name[0])
		set_name(process->name, value->name);
	process->calls.total = value->calls;
	process->is_confined |= value->is_confined;
}

/* --- rules -------------------------------------------------------------------------- */

static bool is_same_rule(const struct top_rule *a, const struct top_rule *b)
{
	return a->source == b->source && a->filter == b->filter &&
	       a->instruction == b->instruction &&
	       a->denial.verdict == b->denial.verdict &&
	       a->denial.number == b->denial.number && a->denial.arch == b->denial.arch;
}

static struct top_rule *idlest_of(const struct top *top)
{
	struct top_rule *idlest = top->rules;

	for (size_t i = 1; i < top->rule_count; i++)
		if (top->rules[i].idle > idlest->idle)
			idlest = &top->rules[i];
	return idlest;
}

static struct top_rule *rule_of(struct top *top, const struct top_rule *wanted)
{
	for (size_t i = 0; i < top->rule_count; i++)
		if (is_same_rule(&top->rules[i], wanted))
			return &top->rules[i];
	if (top->rule_count == RULES_MAX) {
		struct top_rule *idlest = idlest_of(top);

		*idlest = *wanted;
		return idlest;
	}
	top->rules = make_room(top->rules, top->rule_count, &top->rule_room,
			       sizeof(*top->rules));
	top->rules[top->rule_count] = *wanted;
	return &top->rules[top->rule_count++];
}

void top_add_denial(struct top *top, const struct watch_event *event,
		    const struct watch_verdict *verdict, uint64_t filter)
{
	const struct count_key key = { .pid = event->host_pid };
	bool is_known = verdict->source == WATCH_BY_FILTERS;
	struct top_process *process = process_of(top, &key);
	struct top_rule wanted = {
		.source = verdict->source,
		.filter = filter,
		.instruction = is_known ? verdict->instruction : 0,
		.layer = is_known ? verdict->layer : 0,
		.layers = is_known ? event->filters : 0,
	};
	struct seccomp_data call;
	struct top_rule *rule;

	watch_call(event, &call);
	wanted.denial = (struct top_denial){ call.arch, call.nr, verdict->value };
	process->last = wanted.denial;
	process->denied.total++;
	process->is_confined = true;
	set_name(process->name, event->comm);
	top->denied.total++;
	rule = rule_of(top, &wanted);
	rule->denied.total++;
	rule->idle = 0;
	rule->pid = event->host_pid;
	set_name(rule->name, event->comm);
}

/* --- time --------------------------------------------------------------------------- */

/* What was there before the first tick happened at no rate that is known. */
static void tick(struct top_rate *rate, double seconds)
{
	uint64_t more = rate->total >= rate->before ? rate->total - rate->before : 0;

	rate->per_second = seconds > 0 ? (double)more / seconds : 0;
	rate->before = rate->total;
}

static void forget_idle(struct top *top)
{
	const unsigned refused =
		top->process_count > PROCESSES ? IDLE_TICKS : REFUSED_TICKS;
	size_t kept = 0;

	for (size_t i = 0; i < top->process_count; i++) {
		struct top_process *process = &top->processes[i];
		bool is_idle = process->calls.per_second <= 0 &&
			       process->denied.per_second <= 0;

		process->idle = is_idle ? process->idle + 1 : 0;
		if (process->idle < (process->denied.total ? refused : IDLE_TICKS))
			top->processes[kept++] = *process;
		else if (top->forget)
			top->forget(top->forget_context, &process->key);
	}
	top->process_count = kept;
}

void top_tick(struct top *top, double seconds)
{
	for (size_t i = 0; i < top->process_count; i++) {
		tick(&top->processes[i].calls, seconds);
		tick(&top->processes[i].denied, seconds);
	}
	for (size_t i = 0; i < top->rule_count; i++) {
		tick(&top->rules[i].denied, seconds);
		top->rules[i].idle++;
	}
	tick(&top->denied, seconds);
	forget_idle(top);
}
