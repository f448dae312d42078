// SPDX-License-Identifier: MIT
/*
 * The same rules through libseccomp's interface.
 *
 * Names are looked up beforehand, so that what is measured is what has to be done: a
 * context, its rules, the filter, and giving the memory back.
 */
#include "bench.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define INSTRUCTIONS (1 << 15) /* more than the kernel takes */

struct peer_rule {
	int call;
	uint32_t action;
	unsigned conditions;
	struct scmp_arg_cmp condition;
};

struct peer {
	struct peer_rule *rules;
	size_t count, unknown;
	uint32_t otherwise;
	bool three;
};

const char *libseccomp_name(void)
{
	const struct scmp_version *version = seccomp_version();

	return text("libseccomp %u.%u.%u", version->major, version->minor,
		    version->micro);
}

static uint32_t action_of(uint32_t verdict)
{
	if (verdict == SECCOMP_RET_ALLOW)
		return SCMP_ACT_ALLOW;
	if (verdict == SECCOMP_RET_KILL_PROCESS)
		return SCMP_ACT_KILL_PROCESS;
	return SCMP_ACT_ERRNO(verdict & SECCOMP_RET_DATA);
}

static void set_condition(struct peer_rule *ret, const struct rule *rule)
{
	static const enum scmp_compare operators[] = {
		[RULE_NOT_EQUAL] = SCMP_CMP_NE,		  [RULE_LESS] = SCMP_CMP_LT,
		[RULE_LESS_EQUAL] = SCMP_CMP_LE,	  [RULE_EQUAL] = SCMP_CMP_EQ,
		[RULE_GREATER_EQUAL] = SCMP_CMP_GE,	  [RULE_GREATER] = SCMP_CMP_GT,
		[RULE_MASKED_EQUAL] = SCMP_CMP_MASKED_EQ,
	};

	if (rule->operator== RULE_ALWAYS)
		return;
	ret->conditions = 1;
	ret->condition = (struct scmp_arg_cmp){ .arg = rule->argument,
						.op = operators[rule->operator],
						.datum_a = rule->value,
						.datum_b = rule->masked };
}

struct peer *peer_new(const struct rules *rules)
{
	struct peer *peer = need(calloc(1, sizeof(*peer)));

	peer->rules = need(calloc(rules->count + 1, sizeof(*peer->rules)));
	peer->otherwise = action_of(rules->otherwise);
	peer->three = rules->three;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		int call = seccomp_syscall_resolve_name(rule->name);

		/* Newer than this libseccomp: the runtimes leave it out as well. */
		if (call == __NR_SCMP_ERROR) {
			peer->unknown++;
			continue;
		}
		peer->rules[peer->count].call = call;
		peer->rules[peer->count].action = action_of(rule->action);
		set_condition(&peer->rules[peer->count++], rule);
	}
	return peer;
}

size_t peer_unknown(const struct peer *peer)
{
	return peer->unknown;
}

bool peer_build(const struct peer *peer, bool tree, int file)
{
	scmp_filter_ctx context = need(seccomp_init(peer->otherwise));
	int error = 0;

	if (peer->three)
		error = seccomp_arch_add(context, SCMP_ARCH_X86) |
			seccomp_arch_add(context, SCMP_ARCH_X32);
	if (tree)
		error |= seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < peer->count && !error; i++) {
		const struct peer_rule *rule = &peer->rules[i];

		error = seccomp_rule_add_array(context, rule->action, rule->call,
					       rule->conditions, &rule->condition);
		if (error == -EEXIST)
			error = 0;
	}
	if (!error)
		error = seccomp_export_bpf(context, file);
	seccomp_release(context);
	return !error;
}

struct callgate_filter *peer_filter(const struct peer *peer, bool tree)
{
	struct sock_filter *code = need(malloc(INSTRUCTIONS * sizeof(*code)));
	int file = memfd_create("filter", MFD_CLOEXEC);
	struct callgate_filter *filter = NULL;
	ssize_t size;

	if (file < 0)
		fail("memfd_create: %s", strerror(errno));
	if (peer_build(peer, tree, file)) {
		size = pread(file, code, INSTRUCTIONS * sizeof(*code), 0);
		if (size > 0)
			callgate_filter_from_bytes(code, (size_t)size,
						   CALLGATE_ENDIAN_AUTO, NULL, &filter);
	}
	close(file);
	free(code);
	return filter;
}

void peer_free(struct peer *peer)
{
	if (peer)
		free(peer->rules);
	free(peer);
}
