// SPDX-License-Identifier: MIT
/* Random recordings: any call, arguments mostly of their families, many runs. */
#include "recordings.h"

#include "data/data.h"

static const char *const abis[] = { "x86_64", "i386", "x32", "aarch64" };

static uint64_t random_value(struct random *random, const struct argument *argument)
{
	for (unsigned i = 0; i < 200 && argument->family; i++) {
		const struct constant *constant =
			constant_at(random_below(random, constant_count()));
		uint64_t value;

		if (strcmp(constant_family(constant), argument->family) == 0 &&
		    constant_value(constant, abi_native(), &value))
			return value;
	}
	return random_percent(random, 50) ? random_below(random, 8)
					  : random_next(random);
}

static void random_seen(struct random *random, const struct argument *argument,
			struct callgate_seen *ret_seen)
{
	*ret_seen = (struct callgate_seen){ .known = !random_percent(random, 10) };
	ret_seen->overflow = random_percent(random, 15);
	ret_seen->bits =
		random_value(random, argument) | random_value(random, argument);
	if (random_percent(random, 5))
		ret_seen->bits = UINT64_MAX;
	ret_seen->count = random_percent(random, 5) ? CALLGATE_VALUES_MAX
						    : random_below(random, 4);
	for (size_t i = 0; i < ret_seen->count; i++)
		ret_seen->values[i] = random_value(random, argument);
}

static void add_call(struct random *random, struct callgate_recording *recording)
{
	static const char *const names[] = { "ld.so", "sh", "", "a b", "%-\n", NULL };
	const struct abi *abi = abi_by_name(str_of(RANDOM_OF(random, abis)));
	const struct syscall *call = syscall_at(random_below(random, syscall_count()));
	struct callgate_observation seen = {
		.abi = abi->index,
		.refused = random_percent(random, 10),
		.count = random_percent(random, 5) ? UINT64_MAX
						   : random_below(random, 2000),
		.first = random_below(random, 5),
		.first_by = RANDOM_OF(random, names),
	};
	struct prototype prototype;

	if (random_percent(random, 1))
		seen.number = random_word(random) | 0xf0000000;
	else if (random_percent(random, 2))
		seen.number = abi->number_base + 500 + random_below(random, 20);
	else if (!syscall_number(call, abi, &seen.number))
		return;
	call = syscall_by_number(abi, seen.number);
	for (size_t i = 0; call && i < ARGUMENTS_MAX; i++) {
		syscall_prototype(call, abi, &prototype);
		random_seen(random, &prototype.arguments[i], &seen.arguments[i]);
	}
	if (callgate_recording_add(recording, &seen))
		abort();
}

/* Some have all calls of a group, which may then be said to be allowed as a whole. */
static void add_group(struct random *random, struct callgate_recording *recording)
{
	const struct group *group = group_at(random_below(random, group_count()));
	const struct abi *abi = abi_by_name(str_of(RANDOM_OF(random, abis)));

	for (size_t i = 0; i < group_size(group); i++) {
		struct callgate_observation seen = { .abi = abi->index, .count = 1 };

		if (syscall_number(group_syscall(group, i), abi, &seen.number) &&
		    callgate_recording_add(recording, &seen))
			abort();
	}
}

struct callgate_recording *random_recording(struct random *random)
{
	static const char *const commands[] = { "one", "two x", NULL };
	struct callgate_run run = {
		.id = { (uint8_t)random_below(random, 100) },
		.kernel = random_percent(random, 20)
				  ? 0
				  : VERSION(6, random_below(random, 25)),
		.command = RANDOM_OF(random, commands),
	};
	unsigned calls = random_below(random, 60);
	struct callgate_recording *recording;

	if (callgate_recording_new(&run, &recording))
		abort();
	for (unsigned i = 0; i < calls; i++)
		add_call(random, recording);
	if (random_percent(random, 30))
		add_group(random, recording);
	if (random_percent(random, 5))
		callgate_recording_spoil(recording);
	return recording;
}

struct seccomp_data random_call_of(struct random *random,
				   const struct callgate_observation *observation)
{
	struct seccomp_data call = {
		.nr = (int)observation->number,
		.arch = abi_at(observation->abi)->audit_arch,
		.instruction_pointer = random_next(random),
	};

	for (size_t i = 0; i < CALLGATE_ARGUMENTS_MAX; i++) {
		const struct callgate_seen *seen = &observation->arguments[i];
		struct callgate_recorded_argument how =
			callgate_recorded_argument(observation->abi,
						   observation->number, i);
		uint64_t used = how.bits ? UINT64_MAX >> (64 - how.bits) : 0;
		uint64_t value = random_next(random);

		if (seen->count)
			value = seen->values[random_below(random, seen->count)];
		else if (seen->known)
			value &= seen->bits;
		/* What the kernel does not look at is the caller's garbage. */
		call.args[i] = used ? (value & used) | (random_next(random) & ~used)
				    : random_next(random);
	}
	return call;
}
