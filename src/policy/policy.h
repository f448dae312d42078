/* SPDX-License-Identifier: MIT */
/*
 * A policy after checking: every name is a number, every condition is typed, every
 * statement has a value. This is all that the rest of the library knows of the language.
 *
 *     text ──lex──► tokens ──parse──► syntax tree ──check──► resolved ──lower──► this
 *
 * First match wins: for one ABI the matches stand in the order of their rules.
 * All of it lives in the policy's arena.
 */
#ifndef CALLGATE_POLICY_POLICY_H
#define CALLGATE_POLICY_POLICY_H

#include "base/arena.h"
#include "base/diag.h"
#include "data/data.h"

/* The field of struct seccomp_data that a test reads. */
#define FIELD_IP  6
#define FIELD_MAX 7 /* arguments 0 to 5, then the instruction pointer */

enum policy_operator {
	OPERATOR_EQ,
	OPERATOR_NE,
	OPERATOR_LT,
	OPERATOR_LE,
	OPERATOR_GT,
	OPERATOR_GE,
};

/*
 * (field & mask) operator value, looking at the low `bits` of the field alone and, when
 * `is_signed`, in two's complement of that width. Mask and value have no bit above it.
 */
struct policy_test {
	uint8_t field;
	uint8_t bits; /* 8, 16, 32 or 64 */
	bool is_signed;
	enum policy_operator operator;
	uint64_t mask;
	uint64_t value;
};

enum condition_kind {
	CONDITION_ALWAYS,
	CONDITION_NEVER,
	CONDITION_TEST,
	CONDITION_AND,
	CONDITION_OR,
	CONDITION_NOT, /* of `left` */
};

struct policy_condition {
	enum condition_kind kind;
	struct callgate_span span;
	struct policy_test test;
	const struct policy_condition *left, *right;
};

/* One call of one ABI that a rule speaks of. */
struct policy_match {
	uint32_t rule;	    /* index into policy.rules */
	uint32_t number;    /* as a filter sees it */
	uint32_t more;	    /* how many numbers behind it match too */
	uint16_t own_errno; /* of the rule's verdict where it is another here, or 0 */
	const struct policy_condition *condition; /* never NULL */
	struct callgate_span span; /* the name or group that brought it */
};

/* A statement that gives calls a verdict, as written. */
struct policy_rule {
	uint32_t verdict; /* a filter's return value; see policy_match.own_errno */
	struct callgate_span span;
};

struct policy_abi {
	const struct abi *abi;
	/* Of default_verdict and unknown_verdict where it is another here; 0: it is not. */
	uint16_t default_errno, unknown_errno;
	struct policy_match *matches; /* in order of rule */
	size_t count, capacity;
};

/* `expect deny` asks that the call is not let through, whatever the way. */
enum expect_kind {
	EXPECT_VERDICT, /* exactly `verdict` */
	EXPECT_ALLOW,	/* allow or log */
	EXPECT_DENY,	/* anything else */
};

/* `expect VERDICT call(…)`: what is not said of the call may be anything. */
struct policy_expect {
	enum expect_kind kind;
	uint32_t verdict;
	const struct abi *abi;
	uint32_t number;
	const struct policy_condition *condition; /* what the call's arguments are */
	struct callgate_span span;
};

struct callgate_policy {
	struct arena arena;
	const char *name;
	kernel_version
		version;  /* of `abi linux-M.N`; VERSION_LATEST when it names none */
	bool has_unknown; /* else an unknown number gets default_verdict */
	uint32_t default_verdict; /* a call of a listed ABI that no rule matches */
	uint32_t
		unknown_verdict; /* … whose number is no call of the ABI at `version` */
	uint32_t badarch_verdict;	/* a call of an ABI that is not listed */
	const struct abi *badarch_like; /* … is one of this, which is listed; or NULL */
	/* The statements that say so, or from which it follows; none: a silent file. */
	struct callgate_span default_span, unknown_span, badarch_span;
	struct policy_abi abis[ABI_MAX];
	size_t abi_count;
	struct policy_rule *rules;
	size_t rule_count, rule_capacity;
	struct policy_expect *expects;
	size_t expect_count, expect_capacity;
	/* What profiles of other formats say about loading, kept for writing them. */
	uint32_t flags;				       /* SECCOMP_FILTER_FLAG_… */
	const char *listener_path, *listener_metadata; /* or NULL */
};

#define RULE_DEFAULT UINT32_MAX	      /* the verdict came from `default` */
#define RULE_UNKNOWN (UINT32_MAX - 1) /* … from `unknown` */
#define RULE_BADARCH (UINT32_MAX - 2) /* … from `badarch` */

/* The policy's table for the call's ABI, or NULL: badarch_verdict. */
const struct policy_abi *policy_abi_of(const struct callgate_policy *policy,
				       uint32_t audit_arch, uint32_t number);

/* What a call gets of a match: the rule's verdict, an errno as its ABI numbers it. */
uint32_t policy_match_verdict(const struct callgate_policy *policy,
			      const struct policy_match *match);

/* What a call gets that no rule matches: default_verdict or unknown_verdict. */
uint32_t policy_fallback(const struct callgate_policy *policy, const struct abi *abi,
			 uint32_t number);

/*
 * The language's meaning by the book: rules one by one, first match wins. Independent
 * of the decision diagram, which tests hold against it. Returns the verdict and, in
 * *ret_rule (may be NULL), the deciding rule or RULE_….
 */
uint32_t policy_evaluate(const struct callgate_policy *policy,
			 const struct seccomp_data *data, uint32_t *ret_rule);

bool condition_holds(const struct policy_condition *condition,
		     const struct seccomp_data *data);

#endif
