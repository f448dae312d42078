// SPDX-License-Identifier: MIT
/*
 * Profiles as the runtimes read them: libseccomp, driven as runc and crun drive it, makes
 * a filter of a profile; our import of the same profile must have the same meaning.
 *
 * The profiles are random, and files given as arguments. What is held apart on purpose:
 * calls that this libseccomp does not know yet, and rules that overlap and differ in
 * their actions, for which libseccomp has an order of its own.
 */
#include <errno.h>
#include <jansson.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/bpf.h"
#include "callgate-format.h"
#include "data/call.h"
#include "random.h"

#define PROFILES     400
#define INSTRUCTIONS 4096

/* --- as a runtime does it --------------------------------------------------------- */

struct word {
	const char *name;
	uint32_t value;
};

static const struct word actions[] = {
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
	{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0) },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0) },
	{ 0 },
};

static const struct word operators[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	{ 0 },
};

static const struct word arches[] = {
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ 0 },
};

static const char *const abis[] = { "x86_64", "i386", "x32", "aarch64" };

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static uint32_t word_value(const struct word *words, const json_t *name)
{
	for (; words->name; words++)
		if (strcmp(words->name, json_string_value(name)) == 0)
			return words->value;
	fail(json_string_value(name));
	return 0;
}

static uint32_t action_of(const json_t *object, const char *key, const char *errno_key)
{
	uint32_t action = word_value(actions, json_object_get(object, key));
	const json_t *number = json_object_get(object, errno_key);

	if (action == SCMP_ACT_ERRNO(0) || action == SCMP_ACT_TRACE(0))
		action |= number ? (uint32_t)json_integer_value(number) : 1;
	return action;
}

static struct scmp_arg_cmp comparison_of(const json_t *argument)
{
	struct scmp_arg_cmp result = {
		.arg = (unsigned)json_integer_value(json_object_get(argument, "index")),
		.op = word_value(operators, json_object_get(argument, "op")),
		.datum_a = (uint64_t)json_integer_value(
			json_object_get(argument, "value")),
		.datum_b = (uint64_t)json_integer_value(
			json_object_get(argument, "valueTwo")),
	};

	return result;
}

static int add_rule(scmp_filter_ctx context, uint32_t action, int call,
		    const json_t *arguments)
{
	struct scmp_arg_cmp comparisons[8];
	unsigned count = 0, seen = 0, repeated = 0;
	const json_t *argument;
	size_t index;
	int error = 0;

	json_array_foreach(arguments, index, argument)
	{
		comparisons[count] = comparison_of(argument);
		repeated |= seen & 1u << comparisons[count].arg;
		seen |= 1u << comparisons[count++].arg;
	}
	if (!repeated)
		return seccomp_rule_add_array(context, action, call, count,
					      comparisons);
	for (unsigned i = 0; i < count && !error; i++)
		error = seccomp_rule_add_array(context, action, call, 1,
					       &comparisons[i]);
	return error;
}

static void add_rules(scmp_filter_ctx context, const json_t *profile)
{
	uint32_t otherwise = action_of(profile, "defaultAction", "defaultErrnoRet");
	const json_t *rule, *name;
	size_t i, j;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule)
	{
		uint32_t action = action_of(rule, "action", "errnoRet");

		if (action == otherwise)
			continue;
		json_array_foreach(json_object_get(rule, "names"), j, name)
		{
			int call =
				seccomp_syscall_resolve_name(json_string_value(name));
			int error;

			if (call == __NR_SCMP_ERROR)
				continue;
			error = add_rule(context, action, call,
					 json_object_get(rule, "args"));
			/* The same rule again, say of two names of one call. */
			if (error && error != -EEXIST) {
				fprintf(stderr, "%s: %s\n", json_string_value(name),
					strerror(-error));
				exit(1);
			}
		}
	}
}

/* The filter that libseccomp makes of a profile. */
static size_t runtime_filter(const json_t *profile, struct sock_filter *ret_code)
{
	scmp_filter_ctx context =
		seccomp_init(action_of(profile, "defaultAction", "defaultErrnoRet"));
	int file = memfd_create("filter", MFD_CLOEXEC);
	const json_t *arch;
	ssize_t size;
	size_t i;

	if (!context || file < 0)
		fail("cannot begin a filter");
	json_array_foreach(json_object_get(profile, "architectures"), i, arch)
		seccomp_arch_add(context, word_value(arches, arch));
	add_rules(context, profile);
	if (seccomp_export_bpf(context, file))
		fail("cannot export a filter");
	size = pread(file, ret_code, INSTRUCTIONS * sizeof(*ret_code), 0);
	close(file);
	seccomp_release(context);
	return (size_t)size / sizeof(*ret_code);
}

/* --- random profiles -------------------------------------------------------------- */

/*
 * A profile here has either one rule a call or tests of equality alone, and calls that
 * every architecture has: there both readings are defined.
 */
static json_t *random_argument(struct random *random, unsigned index, bool has_order)
{
	static const char *const orders[] = { "SCMP_CMP_LT", "SCMP_CMP_LE",
					      "SCMP_CMP_GE", "SCMP_CMP_GT",
					      "SCMP_CMP_NE" };
	static const char *const equalities[] = { "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ" };
	static const json_int_t values[] = {
		0,
		1,
		2,
		7,
		38,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x100000001,
		0x7fffffffffffffff,
		0x7e020000,
	};
	const char *name = has_order && random_below(random, 2)
				   ? RANDOM_OF(random, orders)
				   : RANDOM_OF(random, equalities);
	json_t *argument = json_pack("{s:i, s:I, s:s}", "index", (int)index, "value",
				     RANDOM_OF(random, values), "op", name);

	if (strcmp(name, "SCMP_CMP_MASKED_EQ") == 0)
		json_object_set_new(argument, "valueTwo",
				    json_integer(RANDOM_OF(random, values)));
	return argument;
}

static const char *const names[] = {
	"read",	   "write",  "socket", "semget",      "clone",
	"accept4", "openat", "ioctl",  "personality", "mmap",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static json_t *random_rule(struct random *random, unsigned name, const char *action,
			   bool has_order)
{
	json_t *rule = json_pack("{s:s, s:[s], s:[]}", "action", action, "names",
				 names[name], "args");
	unsigned count = random_below(random, 4);

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(json_object_get(rule, "args"),
				      random_argument(random, (name + i) % 6,
						      has_order));
	return rule;
}

static json_t *random_profile(struct random *random)
{
	static const char *const allowing[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_LOG" };
	static const char *const refusing[] = { "SCMP_ACT_ERRNO", "SCMP_ACT_TRAP",
						"SCMP_ACT_KILL", "SCMP_ACT_TRACE",
						"SCMP_ACT_KILL_PROCESS" };
	bool refuses = random_below(random, 3) == 0, has_order;
	const char *action =
		refuses ? RANDOM_OF(random, refusing) : RANDOM_OF(random, allowing);
	json_t *profile =
		json_pack("{s:s, s:[], s:[]}", "defaultAction",
			  refuses ? "SCMP_ACT_ALLOW" : RANDOM_OF(random, refusing),
			  "architectures", "syscalls");
	unsigned first = random_below(random, NAMES);

	for (unsigned i = 0; arches[i].name; i++)
		if (random_below(random, 2))
			json_array_append_new(json_object_get(profile, "architectures"),
					      json_string(arches[i].name));
	has_order = random_below(random, 2);
	for (unsigned i = 0; i <= random_below(random, NAMES); i++) {
		unsigned name = has_order ? first + i : random_below(random, NAMES);

		json_array_append_new(json_object_get(profile, "syscalls"),
				      random_rule(random, name % NAMES, action,
						  has_order));
	}
	return profile;
}

/* --- held against each other ------------------------------------------------------ */

static bool any(void *context, uint32_t value)
{
	(void)context;
	return value == MEANING_TRUE;
}

static void show_difference(struct meaning *store, meaning_ref ours, meaning_ref theirs,
			    const char *text)
{
	struct seccomp_data call = { 0 };
	struct buffer shown = { 0 };

	meaning_example(store, meaning_differ(store, ours, theirs), any, NULL, &call);
	call_print(&call, &shown);
	fprintf(stderr, "%s\n%s: ours %#x, the runtime's %#x\n", text, shown.data,
		meaning_evaluate(store, ours, &call),
		meaning_evaluate(store, theirs, &call));
	buffer_done(&shown);
}

/* libseccomp's numbers from -300 to -100 are calls of socketcall and ipc. */
static bool is_multiplexed(int number)
{
	return number <= -100 && number >= -300;
}

/* On every architecture libseccomp and our tables have the same of it. */
static bool is_common(const char *name)
{
	const struct syscall *call = syscall_by_name(str_of(name));

	for (unsigned i = 0; arches[i].name; i++) {
		int theirs = seccomp_syscall_resolve_name_arch(arches[i].value, name);
		const struct abi *abi = abi_by_name(str_of(abis[i]));
		uint32_t ours;
		bool known = call && syscall_number(call, abi, &ours);

		if (is_multiplexed(theirs))
			continue;
		if (known != (theirs >= 0) || (known && ours != (uint32_t)theirs))
			return false;
	}
	return true;
}

/* Names go that are newer than this libseccomp, on one of its architectures or all. */
static void drop_unknown(json_t *profile)
{
	json_t *rule, *name;
	size_t i, j;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule)
	{
		json_t *known = json_array();

		json_array_foreach(json_object_get(rule, "names"), j, name)
		{
			if (is_common(json_string_value(name)))
				json_array_append(known, name);
		}
		if (json_array_size(known) == 0)
			json_array_append_new(known, json_string("read"));
		json_object_set_new(rule, "names", known);
	}
}

static bool is_same(json_t *profile)
{
	static struct sock_filter code[INSTRUCTIONS];
	struct meaning *store = meaning_new(MEANING_LIMITS);
	size_t length = runtime_filter(profile, code);
	char *text = json_dumps(profile, JSON_COMPACT);
	struct callgate_policy *policy;
	meaning_ref ours, theirs;
	bool same;

	if (callgate_policy_import(text, strlen(text), NULL, NULL, &policy))
		fail(text);
	ours = meaning_normalize(store, meaning_of_policy(store, policy));
	theirs = meaning_normalize(store,
				   meaning_of_program(store, code, length, false));
	if (meaning_error(store))
		fail("too complex");
	same = ours == theirs;
	if (!same)
		show_difference(store, ours, theirs, text);
	callgate_policy_free(policy);
	meaning_free(store);
	free(text);
	return same;
}

static int run_random(uint64_t seed)
{
	struct random random = { seed };
	int failed = 0;

	for (int i = 0; i < PROFILES && failed < 5; i++) {
		json_t *profile = random_profile(&random);

		failed += !is_same(profile);
		json_decref(profile);
	}
	return failed;
}

int main(int argc, char **argv)
{
	uint64_t seed = random_seed();
	int failed = getenv("NORANDOM") ? 0 : run_random(seed);

	if (failed)
		fprintf(stderr, "CALLGATE_SEED=%llu\n", (unsigned long long)seed);
	for (int i = 1; i < argc; i++) {
		json_t *profile = json_load_file(argv[i], 0, NULL);

		if (!profile)
			fail(argv[i]);
		drop_unknown(profile);
		failed += !is_same(profile);
		json_decref(profile);
	}
	return failed != 0;
}
