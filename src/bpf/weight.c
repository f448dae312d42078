// SPDX-License-Identifier: MIT
/*
 * How often calls take each branch, as far as anyone can say: counted frequencies when
 * there are some, else every call of an ABI as likely as any other.
 */
#include "bpf/emitter.h"
#include "bpf/frequencies.h"

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

#define SHARE_CACHED	     0.025 /* of the allowed calls, beside 1 for the tested ones */
#define SHARE_DENIED	     0.1
#define SHARE_DENIED_COUNTED 0.001 /* where calls were counted and so let through */

#define WEIGHT_NOTHING	 1e-5  /* a number that is no call, beside 1 for one that is */
#define WEIGHT_DENIED	 0.1   /* an argument that is refused, beside 1 for another */
#define WEIGHT_HIGH_WORD 0.02  /* an argument above 32 bits, beside 1 for one below */
#define WEIGHT_SECOND	 0.001 /* a call of x32, beside 1 for one of x86_64 */
#define WEIGHT_FOREIGN	 0.1   /* an architecture that is not this machine's */

static enum call_class class_of(const struct emitter *emitter, meaning_ref ref)
{
	if (!meaning_is_terminal(emitter->store, ref))
		return CLASS_TESTED;
	return verdict_is_allow(meaning_at(emitter->store, ref)->low) ? CLASS_ALLOWED
								      : CLASS_DENIED;
}

static double number_weight(const struct emitter *emitter, uint32_t number,
			    const struct abi *abi)
{
	double share = abi->number_base ? WEIGHT_SECOND : 1;

	if (!emitter->options->frequencies)
		return share;
	return share * frequency_of(emitter->options->frequencies,
				    syscall_by_number(abi, number));
}

/* How often the numbers [first, last] are called. */
static double numbers_weight(const struct emitter *emitter, uint32_t first,
			     uint32_t last)
{
	double weight = WEIGHT_NOTHING;

	for (size_t i = 0; i < abi_count(); i++) {
		const struct abi *abi = abi_at(i);

		if (abi->audit_arch != emitter->arch)
			continue;
		for (uint32_t n = first; syscall_number_from(abi, n, &n) && n <= last;
		     n++)
			weight += number_weight(emitter, n, abi);
	}
	return weight;
}

uint32_t primary_arch(const struct emitter *emitter, const struct branch *branches,
		      size_t count)
{
	uint32_t first = 0, native = abi_native()->audit_arch;

	for (size_t i = count; i-- > 0;) {
		if (meaning_is_terminal(emitter->store, branches[i].ref))
			continue;
		if (branches[i].first == native)
			return native;
		first = branches[i].first;
	}
	return first;
}

static double value_weight(const struct emitter *emitter, unsigned word,
			   const struct branch *branch)
{
	double weight =
		class_of(emitter, branch->ref) == CLASS_DENIED ? WEIGHT_DENIED : 1;

	if (word % 2 == 0 && branch->first != 0)
		weight *= WEIGHT_HIGH_WORD;
	return weight;
}

/* Scales the weights so that each class has its share. */
static void share_out(const struct emitter *emitter, struct branch *branches,
		      size_t count)
{
	bool cached = emitter->options->cost_model == COST_CACHE;
	double sums[CLASS_COUNT] = { 0 }, shares[CLASS_COUNT], tested_and_allowed;

	for (size_t i = 0; i < count; i++)
		sums[class_of(emitter, branches[i].ref)] += branches[i].weight;
	tested_and_allowed = sums[CLASS_TESTED] + sums[CLASS_ALLOWED];
	shares[CLASS_TESTED] = cached ? 1 : sums[CLASS_TESTED] / tested_and_allowed;
	shares[CLASS_ALLOWED] =
		cached ? SHARE_CACHED : sums[CLASS_ALLOWED] / tested_and_allowed;
	shares[CLASS_DENIED] =
		emitter->options->frequencies ? SHARE_DENIED_COUNTED : SHARE_DENIED;
	for (size_t i = 0; i < count; i++) {
		enum call_class class = class_of(emitter, branches[i].ref);

		if (sums[class] > 0)
			branches[i].weight *= shares[class] / sums[class];
	}
}

void branches_weigh(const struct emitter *emitter, unsigned word,
		    struct branch *branches, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t first = branches[i].first;
		uint32_t last = i + 1 < count ? branches[i + 1].first - 1 : UINT32_MAX;

		if (word == WORD_NR)
			branches[i].weight = numbers_weight(emitter, first, last);
		else if (word == WORD_ARCH)
			branches[i].weight =
				first == abi_native()->audit_arch ? 1 : WEIGHT_FOREIGN;
		else
			branches[i].weight = value_weight(emitter, word, &branches[i]);
	}
	if (word == WORD_NR)
		share_out(emitter, branches, count);
}
