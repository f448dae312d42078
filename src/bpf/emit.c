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
 * The words come in the diagram's order, so each is loaded at most once on a path, and
 * the number is decided before an argument is loaded, as the kernel's cache wants it.
 * Nothing here is trusted: bpf_prove() holds the program against the diagram.
 */
#include "bpf/bpf.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "bpf/flow.h"
#include "bpf/layout.h"

#define ARGUMENT_INTERVALS 48	/* more of them are not worth a tree */
#define NUMBER_INTERVALS   8192 /* numbers and architectures: no other shape helps */

/*
 * Shares of the three classes of calls in what the layout minimises: a denied call is
 * rare, or the last one; one that the kernel's cache absorbs runs no test at all.
 */
enum call_class {
	CLASS_TESTED, /* runs argument tests */
	CLASS_ALLOWED,
	CLASS_DENIED,
	CLASS_COUNT,
};

#define SHARE_CACHED 0.25 /* of the allowed calls, beside 1 for the tested ones */
#define SHARE_DENIED 0.02

/* One instruction more in the filter, in instructions executed per call. */
#define SIZE_PRICE 0.0005

/* For a number that is no call, beside 1 for one that is. */
#define WEIGHT_NOTHING 1e-5

/* Tests of one word with the word in the accumulator. */
struct shape {
	flow_ref start; /* FLOW_FAILED: this shape does not fit */
	double cost;	/* expected instructions from here to the return; > 0 */
};

#define NO_SHAPE ((struct shape){ FLOW_FAILED, 1 })

struct emitter {
	struct meaning *store;
	const struct emit_options *options;
	struct flow flow;
	struct shape *tests;		    /* of each node, made when cost > 0 */
	struct meaning_interval *intervals; /* room for NUMBER_INTERVALS */
	uint32_t *visited;		    /* of each node: the last visit */
	uint32_t visits;
	uint32_t arch; /* the architecture whose numbers are laid out */
	bool failed;
};

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

/* Everything from a node on, whatever the accumulator holds. */
static struct shape body_of(struct emitter *emitter, meaning_ref ref)
{
	unsigned word = meaning_word(emitter->store, ref);
	struct shape tests;
	uint32_t offset;

	if (word == WORD_COUNT)
		return (struct shape){
			flow_return(&emitter->flow, node_at(emitter, ref)->low), 1
		};
	tests = tests_of(emitter, ref);
	offset = word_offset(word, emitter->options->big_endian);
	return (struct shape){ flow_load(&emitter->flow, offset, tests.start),
			       tests.cost + 1 };
}

/* What follows a test of `word`: more tests of it, or the next word's. */
static struct shape after(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	return meaning_word(emitter->store, ref) == word ? tests_of(emitter, ref)
							 : body_of(emitter, ref);
}

/* --- weights -----------------------------------------------------------------------
 */

static enum call_class class_of(const struct emitter *emitter, meaning_ref ref)
{
	if (!meaning_is_terminal(emitter->store, ref))
		return CLASS_TESTED;
	return verdict_is_allow(node_at(emitter, ref)->low) ? CLASS_ALLOWED
							    : CLASS_DENIED;
}

static double number_weight(const struct emitter *emitter, uint32_t number,
			    const struct abi *abi)
{
	const struct emit_options *options = emitter->options;

	if (!syscall_by_number(abi, number))
		return WEIGHT_NOTHING;
	if (!options->frequency)
		return 1;
	return options->frequency(options->frequency_context, emitter->arch, number);
}

/* How often the numbers [first, last] are called. */
static double numbers_weight(const struct emitter *emitter, uint32_t first,
			     uint32_t last)
{
	double weight = WEIGHT_NOTHING;

	for (size_t i = 0; i < abi_count(); i++) {
		const struct abi *abi = abi_at(i);
		uint32_t base = abi->number_base, end = base + syscall_number_end(abi);

		if (abi->audit_arch != emitter->arch)
			continue;
		for (uint32_t n = first > base ? first : base; n < end && n <= last;
		     n++)
			weight += number_weight(emitter, n, abi);
	}
	return weight;
}

/* An architecture counts fully when it is this machine's own. */
static double arch_weight(uint32_t arch)
{
	return arch == abi_native()->audit_arch ? 1 : 0.1;
}

static double item_weight(const struct emitter *emitter, unsigned word,
			  const struct meaning_interval *interval, uint32_t last)
{
	if (word == WORD_NR)
		return numbers_weight(emitter, interval->first, last);
	if (word == WORD_ARCH)
		return arch_weight(interval->first);
	return 1;
}

/* Scales the weights so that each class has its share; items still hold nodes. */
static void share_out(const struct emitter *emitter, struct layout_item *items,
		      size_t count)
{
	bool cached = emitter->options->cost_model == COST_CACHE;
	double sums[CLASS_COUNT] = { 0 }, shares[CLASS_COUNT];
	double tested_and_allowed;

	for (size_t i = 0; i < count; i++)
		sums[class_of(emitter, items[i].target)] += items[i].weight;
	tested_and_allowed = sums[CLASS_TESTED] + sums[CLASS_ALLOWED];
	shares[CLASS_TESTED] = cached ? 1 : sums[CLASS_TESTED] / tested_and_allowed;
	shares[CLASS_ALLOWED] =
		cached ? SHARE_CACHED : sums[CLASS_ALLOWED] / tested_and_allowed;
	shares[CLASS_DENIED] = SHARE_DENIED;
	for (size_t i = 0; i < count; i++) {
		enum call_class class = class_of(emitter, items[i].target);

		if (sums[class] > 0)
			items[i].weight *= shares[class] / sums[class];
	}
}

/* --- trees over intervals ----------------------------------------------------------
 */

struct splitter {
	const struct emitter *emitter;
	unsigned word;
	uint32_t mask; /* values have no other bits */
	size_t count, capacity;
};

/* As meaning_intervals(), over the values that have bits in `mask` alone. */
static void split(struct splitter *splitter, meaning_ref ref, uint32_t base,
		  unsigned bits)
{
	struct meaning_interval *intervals = splitter->emitter->intervals;
	const struct meaning_node *node = node_at(splitter->emitter, ref);
	bool is_here;

	if (splitter->count > splitter->capacity)
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

/*
 * Targets are made before the tree is, because making them uses the same tables: the
 * intervals are copied first.
 */
static struct shape tree(struct emitter *emitter, meaning_ref ref, unsigned word,
			 uint32_t mask)
{
	bool is_argument = word >= WORD_ARG0_HIGH;
	struct splitter splitter = { emitter, word, mask, 0,
				     is_argument ? ARGUMENT_INTERVALS
						 : NUMBER_INTERVALS };
	double cost = 0, tests, total = 0;
	struct layout_item *items;
	size_t count;
	flow_ref start = FLOW_FAILED;

	split(&splitter, ref, 0, WORD_BITS);
	count = splitter.count;
	if (count > splitter.capacity)
		return NO_SHAPE;
	items = malloc(sizeof(*items) * count);
	if (!items)
		return fail(emitter);
	for (size_t i = 0; i < count; i++) {
		const struct meaning_interval *interval = &emitter->intervals[i];
		uint32_t last = i + 1 < count ? (interval[1].first - 1) & mask : mask;

		items[i] = (struct layout_item){
			.first = interval->first,
			.single = interval->first == last,
			.target = interval->ref,
			.weight = item_weight(emitter, word, interval, last),
		};
	}
	if (word == WORD_NR)
		share_out(emitter, items, count);
	for (size_t i = 0; i < count; i++) {
		struct shape target;

		if (word == WORD_ARCH)
			emitter->arch = items[i].first;
		target = body_of(emitter, items[i].target);
		items[i].target = target.start;
		cost += items[i].weight * target.cost;
		total += items[i].weight;
	}
	if (!emitter->failed)
		start = layout_tree(&emitter->flow, items, count, total * SIZE_PRICE,
				    &tests);
	free(items);
	if (start == FLOW_FAILED)
		return fail(emitter);
	return (struct shape){ start, (cost + tests) / total };
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

/* --- tests of bits -----------------------------------------------------------------
 */

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

static void take_better(struct shape *best, struct shape candidate)
{
	if (candidate.start == FLOW_FAILED)
		return;
	if (best->start == FLOW_FAILED || candidate.cost < best->cost)
		*best = candidate;
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

	if (known->cost == 0)
		*known = best_shape(emitter, ref, meaning_word(emitter->store, ref));
	return *known;
}

/* --- the whole ----------------------------------------------------------------------
 */

static flow_ref build(struct emitter *emitter, meaning_ref meaning)
{
	flow_ref start;

	emitter->tests =
		calloc(meaning_node_count(emitter->store), sizeof(*emitter->tests));
	emitter->intervals = malloc(sizeof(*emitter->intervals) * NUMBER_INTERVALS);
	emitter->visited =
		calloc(meaning_node_count(emitter->store), sizeof(*emitter->visited));
	if (!emitter->tests || !emitter->intervals || !emitter->visited)
		return FLOW_FAILED;
	start = body_of(emitter, meaning).start;
	return emitter->failed ? FLOW_FAILED : start;
}

int bpf_emit(struct meaning *store, meaning_ref meaning,
	     const struct emit_options *options, struct bpf_program *ret_program)
{
	struct emitter emitter = { .store = store, .options = options };
	int error;

	*ret_program = (struct bpf_program){ .big_endian = options->big_endian };
	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	flow_init(&emitter.flow);
	error = flow_link(&emitter.flow, build(&emitter, meaning), ret_program);
	flow_done(&emitter.flow);
	free(emitter.tests);
	free(emitter.intervals);
	free(emitter.visited);
	return error;
}
