// SPDX-License-Identifier: MIT
/*
 * diagram → flow graph.
 *
 * Each node that begins a word becomes "load the word, then tests". A word's tests are
 * chosen among a few shapes by expected cost:
 *
 *     intervals   jge/jeq tree over the word's values          (numbers, ranges, sets)
 *     masked      and #support, then a tree over what is left  ((type & 0xf) == 1)
 *     any bit     jset #mask, when all its bits lead to one    ((prot & 4) == 0)
 *     one bit     jset #bit: always possible
 *
 * The words come in the diagram's order (a field's two words also the other way round,
 * field.c), so each is loaded at most once on a path, and the number is decided before
 * an argument is loaded, as the kernel's cache wants it.
 * Nothing here is trusted: bpf_prove() holds the program against the diagram.
 */
#include "bpf/emitter.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "bpf/layout.h"

/* One instruction more in the filter, in instructions executed per call. */
#define SIZE_PRICE	   0.0065
#define SIZE_PRICE_COUNTED 0.003 /* whoever has counted calls wants them fast */

#define COUNTED_EXHAUSTIVE 96 /* intervals */

static struct shape tests_of(struct emitter *emitter, meaning_ref ref);

static const struct meaning_node *node_at(const struct emitter *emitter,
					  meaning_ref ref)
{
	return meaning_at(emitter->store, ref);
}

static struct shape fail(struct emitter *emitter)
{
	emitter->failed = true;
	return NO_SHAPE;
}

struct shape shape_load(struct emitter *emitter, unsigned word, struct shape tests)
{
	uint32_t offset = word_offset(word, emitter->options->big_endian);

	return (struct shape){ flow_load(&emitter->flow, offset, tests.start),
			       tests.cost + 1 };
}

static void take_better(struct shape *best, struct shape candidate)
{
	if (candidate.start == FLOW_FAILED)
		return;
	if (best->start == FLOW_FAILED || candidate.cost < best->cost)
		*best = candidate;
}

struct shape body_of(struct emitter *emitter, meaning_ref ref)
{
	unsigned word = meaning_word(emitter->store, ref);
	struct shape shape;

	if (word == WORD_COUNT)
		return (struct shape){
			flow_return(&emitter->flow, node_at(emitter, ref)->low), 1
		};
	shape = shape_load(emitter, word, tests_of(emitter, ref));
	if (word >= WORD_ARG0_HIGH && word % 2 == 0)
		take_better(&shape, field_low_first(emitter, ref, word));
	return shape;
}

/* What follows a test of `word`: more tests of it, or the next word's. */
static struct shape after(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	return meaning_word(emitter->store, ref) == word ? tests_of(emitter, ref)
							 : body_of(emitter, ref);
}

/* --- trees over intervals ---------------------------------------------------------- */

struct splitter {
	struct emitter *emitter;
	unsigned word;
	uint32_t mask; /* values have no other bits */
	size_t count, capacity;
};

static void split(struct splitter *splitter, meaning_ref ref, uint32_t base,
		  unsigned bits)
{
	struct meaning_interval *intervals = splitter->emitter->intervals;
	const struct meaning_node *node = node_at(splitter->emitter, ref);
	bool is_here;

	if (splitter->count > splitter->capacity)
		return;
	if (++splitter->emitter->splits > SPLITS_MAX)
		splitter->emitter->failed = true;
	if (splitter->emitter->failed)
		return;
	if (node->variable / WORD_BITS != splitter->word) {
		if (splitter->count && intervals[splitter->count - 1].ref == ref)
			return;
		if (splitter->count < splitter->capacity)
			intervals[splitter->count] =
				(struct meaning_interval){ base, ref };
		splitter->count++;
		return;
	}
	bits--;
	is_here = node->variable == (splitter->word + 1) * WORD_BITS - 1 - bits;
	split(splitter, is_here ? node->low : ref, base, bits);
	if (splitter->mask >> bits & 1)
		split(splitter, is_here ? node->high : ref, base | UINT32_C(1) << bits,
		      bits);
}

size_t branches_of(struct emitter *emitter, meaning_ref ref, unsigned word,
		   uint32_t mask, struct branch *ret_branches, size_t capacity)
{
	struct splitter splitter = { emitter, word, mask, 0, capacity };

	split(&splitter, ref, 0, WORD_BITS);
	if (splitter.count > capacity || emitter->failed)
		return 0;
	for (size_t i = 0; i < splitter.count; i++) {
		const struct meaning_interval *interval = &emitter->intervals[i];
		uint32_t last =
			i + 1 < splitter.count ? (interval[1].first - 1) & mask : mask;

		ret_branches[i] = (struct branch){ .first = interval->first,
						   .single = interval->first == last,
						   .ref = interval->ref };
	}
	return splitter.count;
}

/*
 * The branches as items of a layout: neighbours that go to one place are one item, unless
 * both are single values, which may be worth a test each. Returns how many there are.
 */
static size_t make_items(const struct branch *branches, size_t count,
			 struct layout_item *ret_items)
{
	size_t items = 0;

	for (size_t i = 0; i < count; i++) {
		struct layout_item *last = items ? &ret_items[items - 1] : NULL;

		if (last && last->target == branches[i].shape.start &&
		    !(last->single && branches[i].single)) {
			last->weight += branches[i].weight;
			last->single = false;
			continue;
		}
		ret_items[items++] =
			(struct layout_item){ branches[i].first, branches[i].single,
					      branches[i].shape.start,
					      branches[i].weight };
	}
	return items;
}

/* Whoever has counted calls wants the best; a huge tree needs to be asked for. */
static bool is_exhaustive(const struct emitter *emitter, size_t count)
{
	return emitter->options->exhaustive ||
	       (emitter->options->frequencies && count <= COUNTED_EXHAUSTIVE);
}

struct shape branches_join(struct emitter *emitter, struct branch *branches,
			   size_t count)
{
	struct layout_item *items = malloc(sizeof(*items) * count);
	double cost = 0, tests = 0, total = 0;
	flow_ref start = FLOW_FAILED;
	size_t item_count;

	if (!items)
		return fail(emitter);
	for (size_t i = 0; i < count; i++) {
		emitter->failed |= branches[i].shape.start == FLOW_FAILED;
		cost += branches[i].weight * branches[i].shape.cost;
		total += branches[i].weight;
	}
	if (!emitter->failed) {
		item_count = make_items(branches, count, items);
		start = layout_tree(&emitter->flow, items, item_count,
				    &(struct layout_options){
					    total * (emitter->options->frequencies
							     ? SIZE_PRICE_COUNTED
							     : SIZE_PRICE),
					    is_exhaustive(emitter, item_count),
					    emitter->arch != emitter->primary },
				    &tests);
	}
	free(items);
	if (start == FLOW_FAILED)
		return fail(emitter);
	return (struct shape){ start, (cost + tests) / total };
}

/*
 * Two numbers side by side that share argument tests (mmap and mprotect) become single
 * values: a jeq for the one that is called often is better than two order tests.
 */
static size_t expand_pairs(const struct emitter *emitter, struct branch *branches,
			   size_t count, size_t capacity)
{
	for (size_t i = 0; i + 1 < count && count < capacity; i++) {
		struct branch *branch = &branches[i];

		if (branch[1].first - branch->first != 2 ||
		    meaning_is_terminal(emitter->store, branch->ref))
			continue;
		memmove(branch + 1, branch, sizeof(*branch) * (count - i));
		branch[0].single = branch[1].single = true;
		branch[1].first++;
		count++;
	}
	return count;
}

static struct shape tree(struct emitter *emitter, meaning_ref ref, unsigned word,
			 uint32_t mask)
{
	size_t capacity =
		word >= WORD_ARG0_HIGH ? ARGUMENT_INTERVALS : NUMBER_INTERVALS;
	struct branch *branches = malloc(sizeof(*branches) * capacity);
	struct shape shape = NO_SHAPE;
	size_t count;

	if (!branches)
		return fail(emitter);
	count = branches_of(emitter, ref, word, mask, branches, capacity);
	if (word == WORD_NR)
		count = expand_pairs(emitter, branches, count, capacity);
	if (count) {
		if (word == WORD_ARCH)
			emitter->primary = primary_arch(emitter, branches, count);
		branches_weigh(emitter, word, branches, count);
		for (size_t i = 0; i < count; i++) {
			if (word == WORD_ARCH)
				emitter->arch = branches[i].first;
			branches[i].shape = body_of(emitter, branches[i].ref);
		}
		if (word == WORD_ARCH)
			emitter->arch = emitter->primary;
		shape = branches_join(emitter, branches, count);
	}
	free(branches);
	return shape;
}

/* The bits of its first word that a diagram depends on. */
static uint32_t support(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	const struct meaning_node *node = node_at(emitter, ref);

	if (node->variable / WORD_BITS != word ||
	    emitter->visited[ref] == emitter->visits)
		return 0;
	emitter->visited[ref] = emitter->visits;
	return UINT32_C(1) << (WORD_BITS - 1 - node->variable % WORD_BITS) |
	       support(emitter, node->low, word) | support(emitter, node->high, word);
}

static struct shape masked_tree(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	struct shape shape;
	uint32_t mask;

	emitter->visits++;
	mask = support(emitter, ref, word);
	if (mask == UINT32_MAX)
		return NO_SHAPE;
	shape = tree(emitter, ref, word, mask);
	shape.start = flow_and(&emitter->flow, mask, shape.start);
	shape.cost += 1;
	return shape;
}

/* --- tests of bits ---------------------------------------------------------------- */

/* The bits from the top that lead to the same place when set; where they go. */
static uint32_t top_bits(const struct emitter *emitter, meaning_ref ref, unsigned word,
			 meaning_ref *ret_set, meaning_ref *ret_clear)
{
	uint32_t mask = 0;

	*ret_set = node_at(emitter, ref)->high;
	*ret_clear = ref;
	while (meaning_word(emitter->store, *ret_clear) == word &&
	       node_at(emitter, *ret_clear)->high == *ret_set) {
		uint32_t variable = node_at(emitter, *ret_clear)->variable;

		mask |= UINT32_C(1) << (WORD_BITS - 1 - variable % WORD_BITS);
		*ret_clear = node_at(emitter, *ret_clear)->low;
	}
	return mask;
}

static struct shape any_bit(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	meaning_ref set, clear;
	uint32_t mask = top_bits(emitter, ref, word, &set, &clear);
	struct shape yes = after(emitter, set, word);
	struct shape no = after(emitter, clear, word);

	return (struct shape){
		flow_jump(&emitter->flow, BPF_JSET, mask, yes.start, no.start),
		1 + (yes.cost + no.cost) / 2,
	};
}

/* One test of some bits is all that the word needs (all 32: jeq #0 says it better). */
static bool is_any_bit(const struct emitter *emitter, meaning_ref ref, unsigned word)
{
	meaning_ref set, clear;
	uint32_t mask = top_bits(emitter, ref, word, &set, &clear);

	return mask != UINT32_MAX && meaning_word(emitter->store, set) != word &&
	       meaning_word(emitter->store, clear) != word;
}

static struct shape best_shape(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	struct shape best;

	if (is_any_bit(emitter, ref, word))
		return any_bit(emitter, ref, word);
	best = tree(emitter, ref, word, UINT32_MAX);
	if (word < WORD_ARG0_HIGH && best.start != FLOW_FAILED)
		return best;
	take_better(&best, masked_tree(emitter, ref, word));
	if (best.start == FLOW_FAILED)
		best = any_bit(emitter, ref, word);
	return best;
}

static struct shape tests_of(struct emitter *emitter, meaning_ref ref)
{
	struct shape *known = &emitter->tests[ref];

	if (emitter->failed)
		return NO_SHAPE;
	if (known->cost == 0)
		*known = best_shape(emitter, ref, meaning_word(emitter->store, ref));
	return *known;
}

/* --- the whole -------------------------------------------------------------------- */

static struct shape build(struct emitter *emitter, meaning_ref meaning)
{
	struct shape shape;

	emitter->tests =
		calloc(meaning_node_count(emitter->store), sizeof(*emitter->tests));
	emitter->intervals = malloc(sizeof(*emitter->intervals) * NUMBER_INTERVALS);
	emitter->visited =
		calloc(meaning_node_count(emitter->store), sizeof(*emitter->visited));
	if (!emitter->tests || !emitter->intervals || !emitter->visited)
		return NO_SHAPE;
	shape = body_of(emitter, meaning);
	return emitter->failed ? NO_SHAPE : shape;
}

int bpf_emit(struct meaning *store, meaning_ref meaning,
	     const struct emit_options *options, struct bpf_program *ret_program,
	     double *ret_expected)
{
	struct emitter emitter = { .store = store, .options = options };
	struct shape shape;
	int error;

	*ret_program = (struct bpf_program){ .big_endian = options->big_endian };
	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	flow_init(&emitter.flow);
	shape = build(&emitter, meaning);
	*ret_expected = shape.cost;
	error = emitter.splits > SPLITS_MAX || emitter.flow.arena.limited
			? -EFBIG
			: flow_link(&emitter.flow, shape.start, ret_program);
	flow_done(&emitter.flow);
	free(emitter.tests);
	free(emitter.intervals);
	free(emitter.visited);
	return error;
}
