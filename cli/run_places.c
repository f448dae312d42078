// SPDX-License-Identifier: MIT
/*
 * The tables of places and glances. The list is searched backwards from the newest: an
 * unwinding takes longer than a search of all of it.
 */
#include "run_places.h"

#include <stdlib.h>

#include "cli.h"

void places_init(struct places *places)
{
	*places = (struct places){
		.glances = cli_need(calloc(GLANCES_MAX, sizeof(*places->glances))),
	};
}

void places_done(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		free(places->list[i].call);
		free(places->list[i].function);
	}
	free(places->list);
	free(places->glances);
}

static struct glance *glance_of(const struct places *places, uint64_t number)
{
	return &places->glances[number & (GLANCES_MAX - 1)];
}

struct place *places_at_a_glance(struct places *places, uint64_t number)
{
	const struct glance *glance = glance_of(places, number);

	return number && glance->number == number ? &places->list[glance->place] : NULL;
}

void places_glanced(struct places *places, uint64_t number, const struct place *place)
{
	*glance_of(places, number) =
		(struct glance){ number, (uint32_t)(place - places->list) };
}

static struct place *add(struct places *places, uint64_t number)
{
	size_t wanted = 2 * places->capacity + 16;

	if (places->count == PLACES_MAX)
		return NULL;
	if (places->count == places->capacity) {
		places->list = cli_need(
			reallocarray(places->list, wanted, sizeof(*places->list)));
		places->capacity = wanted;
	}
	places->list[places->count] = (struct place){ .number = number };
	return &places->list[places->count++];
}

struct place *places_find(struct places *places, uint64_t number, bool *ret_is_new)
{
	*ret_is_new = false;
	for (size_t i = places->count; i-- > 0;)
		if (places->list[i].number == number)
			return &places->list[i];
	*ret_is_new = true;
	return add(places, number);
}
