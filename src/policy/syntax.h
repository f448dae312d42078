/* SPDX-License-Identifier: MIT */
/*
 * The tree that the parser makes: what is written, with places, no name looked up.
 * `when` and `include` are gone from it: what they bring stands in their stead.
 *
 * Lists are linked by `next`, in the order of the text; chains of one operator are one
 * node with many operands, so that the depth of a tree is the depth of its brackets.
 */
#ifndef CALLGATE_POLICY_SYNTAX_H
#define CALLGATE_POLICY_SYNTAX_H

#include "policy/policy.h"

#define SYNTAX_DEPTH 100 /* brackets within brackets */

struct syntax_name {
	struct str text; /* ptr NULL: none */
	struct callgate_span span;
};

struct syntax_names {
	struct syntax_name name;
	struct syntax_names *next;
};

/* --- values ----------------------------------------------------------------------- */

enum value_kind {
	VALUE_NUMBER,
	VALUE_NAME,
	VALUE_NEGATE,
	VALUE_COMPLEMENT,
	VALUE_ADD,
	VALUE_OR,
};

struct syntax_value {
	enum value_kind kind;
	struct callgate_span span;
	uint64_t number;
	struct str name;
	struct syntax_value *first; /* operands */
	struct syntax_value *next;
};

/* --- conditions ------------------------------------------------------------------- */

/* `u64(arg)`: compare so many bits, whatever the prototype says. */
struct cast {
	const char *name;
	uint8_t bits;
	bool is_signed;
};

struct syntax_operand {
	struct syntax_name name;
	struct callgate_span span;
	const struct cast *cast;	 /* or NULL */
	const struct syntax_value *mask; /* or NULL */
};

/* Of a set: one value, or low..high. */
struct syntax_element {
	struct callgate_span span;
	const struct syntax_value *low;
	const struct syntax_value *high; /* NULL: `low` alone */
	struct syntax_element *next;
};

enum syntax_condition_kind {
	SYNTAX_COMPARE,
	SYNTAX_IN,
	SYNTAX_AND,
	SYNTAX_OR,
	SYNTAX_NOT,
	SYNTAX_OPERAND,	 /* no condition yet: a comparison must follow */
	SYNTAX_POSITION, /* the value of an argument by its place in a call */
	SYNTAX_ANYTHING, /* `_`: that argument may be anything */
};

struct syntax_condition {
	enum syntax_condition_kind kind;
	struct callgate_span span;
	struct syntax_operand operand;
	enum policy_operator operator;
	const struct syntax_value *value;
	const struct syntax_element *elements;
	uint8_t position;
	struct syntax_condition *first; /* operands */
	struct syntax_condition *next;
};

/* --- calls and sets of calls ------------------------------------------------------ */

enum item_kind {
	ITEM_CALL,
	ITEM_NUMBER,
	ITEM_GROUP,
};

struct syntax_item {
	enum item_kind kind;
	bool optional;		   /* ?name */
	struct callgate_span span; /* of what names it, conditions excluded */
	struct syntax_name abi;
	struct syntax_name name;
	uint32_t number;
	uint32_t more; /* of a range, the numbers behind it */
	const struct syntax_condition *condition; /* in its parentheses, or NULL */
	struct syntax_item *next;
};

enum set_operator {
	SET_UNION,
	SET_DIFFERENCE,
	SET_INTERSECTION,
};

/* A name, or operands each joined to those before it by its `operator`. */
struct syntax_set {
	struct callgate_span span;
	struct syntax_name name; /* ptr NULL: has operands */
	bool optional;
	enum set_operator operator;
	struct syntax_set *first;
	struct syntax_set *next;
};

/* --- statements ------------------------------------------------------------------- */

enum action_kind {
	ACTION_ALLOW,
	ACTION_LOG,
	ACTION_ERRNO,
	ACTION_TRAP,
	ACTION_TRACE,
	ACTION_NOTIFY,
	ACTION_KILL,
	ACTION_KILL_THREAD,
	ACTION_DENY,
};

struct syntax_action {
	enum action_kind kind;
	struct callgate_span span;
	struct syntax_name argument; /* of errno: a name or a number; of trap, trace */
	bool has_number;
	uint64_t number;
};

enum statement_kind {
	STATEMENT_ABI,
	STATEMENT_ARCH,
	STATEMENT_DEFAULT,
	STATEMENT_UNKNOWN,
	STATEMENT_BADARCH,
	STATEMENT_DEFINE,
	STATEMENT_GROUP,
	STATEMENT_BLOCK, /* arch X { … } */
	STATEMENT_RULE,
	STATEMENT_EXPECT,
};

struct syntax_statement {
	enum statement_kind kind;
	struct callgate_span span;
	struct syntax_name name;    /* linux-M.N; of a define or a group */
	struct syntax_names *names; /* of ABIs */
	struct syntax_action action;
	struct syntax_item *items;
	const struct syntax_condition *where; /* or NULL */
	const struct syntax_value *value;     /* of a define; NULL: it was in error */
	struct syntax_set *set;		      /* of a group; NULL: it was in error */
	struct syntax_statement *body;	      /* of a block */
	struct syntax_statement *next;
};

#endif
