// SPDX-License-Identifier: MIT
/*
 * The tables of places and glances. The list is searched backwards from the newest: an
 * unwinding takes longer than a search of all of it.
 */
#include "run_places.h"

#include <stdlib.h>
#include <string.h>

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

static struct glance *glance_of(const struct places *places, uint64_t key)
{
	return &places->glances[key & (GLANCES_MAX - 1)];
}

static uint64_t mix(uint64_t value, uint64_t word)
{
	value = (value ^ word) * 0x9e3779b97f4a7c15u;
	return value ^ value >> 29;
}

/* Of the words in the glance's slots. */
static uint64_t mix_slots(const struct glance *glance, const unsigned char *stack)
{
	uint64_t value = 0, word;

	for (size_t i = 0; i < glance->slots; i++) {
		memcpy(&word, stack + glance->slot[i], sizeof(word));
		value = mix(value, word);
	}
	return value;
}

size_t places_window(const struct places *places, uint64_t key)
{
	const struct glance *glance = glance_of(places, key);

	if (glance->key != key || !glance->slots)
		return 0;
	return glance->slot[glance->slots - 1] + sizeof(uint64_t);
}

struct place *places_at_a_glance(struct places *places, uint64_t key,
				 const unsigned char *stack, size_t size)
{
	const struct glance *glance = glance_of(places, key);

	if (glance->key != key || size < places_window(places, key) ||
	    mix_slots(glance, stack) != glance->returns)
		return NULL;
	return &places->list[glance->place];
}

/* The next slot of a return address, from `at` on; WINDOW: there is none. */
static size_t find_slot(const struct glanced *glanced, size_t at, uint64_t address)
{
	for (; at + sizeof(uint64_t) <= glanced->size; at += glanced->width)
		if (memcmp(glanced->stack + at, &address, glanced->width) == 0)
			return at;
	return WINDOW;
}

void places_glanced(struct places *places, const struct glanced *glanced,
		    const struct place *place)
{
	struct glance glance = {
		.key = glanced->key,
		.place = (uint32_t)(place - places->list),
	};
	size_t at = 0;

	if (!glanced->count || glanced->count > SLOTS_MAX)
		return;
	for (size_t i = 0; i < glanced->count; i++) {
		at = find_slot(glanced, at, glanced->returns[i]);
		if (at >= WINDOW)
			return;
		glance.slot[glance.slots++] = (uint16_t)at;
		at += glanced->width;
	}
	glance.returns = mix_slots(&glance, glanced->stack);
	*glance_of(places, glance.key) = glance;
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
