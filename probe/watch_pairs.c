// SPDX-License-Identifier: MIT
/*
 * One denial that eBPF and an audit record both tell of is one event: that of eBPF, which
 * knows more. A record has no number in common with it, so they are matched by process,
 * call and place, one to one: as many as are refused there are told.
 *
 * The record may be read first or last. It is held back for a while; what eBPF told of is
 * kept until so many others came that the record cannot be on its way any more. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "watch_audit.h"

#define SEEN_MAX    65536 /* denials; a power of two */
#define WAITING_MAX 4096

/* What a denial is known by. */
struct key {
	uint64_t instruction_pointer;
	uint32_t pid;
	int number;
	bool is_compat;
	bool is_open; /* nothing was matched with it yet */
};

struct waiting {
	struct watch_event *event; /* with its path */
	uint64_t since;
};

struct watch_pairs {
	struct key seen[SEEN_MAX];
	size_t next;
	struct waiting waiting[WAITING_MAX];
	size_t count;
};

static struct key key_of(const struct watch_event *event)
{
	return (struct key){
		.instruction_pointer = event->instruction_pointer,
		.pid = event->host_pid,
		.number = event->number,
		.is_compat = event->marks & WATCH_COMPAT,
		.is_open = true,
	};
}

static bool is_equal(const struct key *a, const struct key *b)
{
	return a->is_open == b->is_open && a->pid == b->pid && a->number == b->number &&
	       a->is_compat == b->is_compat &&
	       a->instruction_pointer == b->instruction_pointer;
}

struct watch_pairs *watch_pairs_new(void)
{
	return calloc(1, sizeof(struct watch_pairs));
}

void watch_pairs_free(struct watch_pairs *pairs)
{
	for (size_t i = 0; pairs && i < pairs->count; i++)
		free(pairs->waiting[i].event);
	free(pairs);
}

static struct watch_event *take_waiting(struct watch_pairs *pairs, size_t index)
{
	struct watch_event *event = pairs->waiting[index].event;

	pairs->count--;
	memmove(pairs->waiting + index, pairs->waiting + index + 1,
		(pairs->count - index) * sizeof(*pairs->waiting));
	return event;
}

void watch_pairs_seen(struct watch_pairs *pairs, const struct watch_event *event)
{
	struct key key = key_of(event);

	for (size_t i = 0; i < pairs->count; i++) {
		struct key other = key_of(pairs->waiting[i].event);

		if (is_equal(&key, &other)) {
			free(take_waiting(pairs, i));
			return;
		}
	}
	pairs->seen[pairs->next++ % SEEN_MAX] = key;
}

/* Most records follow their event closely: the newest first. */
static bool was_seen(struct watch_pairs *pairs, const struct key *key)
{
	for (size_t i = 0; i < SEEN_MAX && i < pairs->next; i++) {
		struct key *seen = &pairs->seen[(pairs->next - 1 - i) % SEEN_MAX];

		if (is_equal(seen, key)) {
			seen->is_open = false;
			return true;
		}
	}
	return false;
}

bool watch_pairs_audited(struct watch_pairs *pairs, const struct watch_event *event,
			 uint64_t now)
{
	struct key key = key_of(event);
	size_t size = sizeof(*event) + event->path_length;
	struct watch_event *copy;

	if (was_seen(pairs, &key))
		return true;
	copy = pairs->count < WAITING_MAX ? malloc(size) : NULL;
	if (!copy)
		return false;
	memcpy(copy, event, size);
	pairs->waiting[pairs->count++] = (struct waiting){ copy, now };
	return true;
}

struct watch_event *watch_pairs_due(struct watch_pairs *pairs, uint64_t now)
{
	if (!pairs->count || now - pairs->waiting[0].since < WATCH_PAIR_WAIT)
		return NULL;
	return take_waiting(pairs, 0);
}
