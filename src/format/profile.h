/* SPDX-License-Identifier: MIT */
/*
 * A seccomp profile as it was written: names of calls are still names, architectures may
 * be unknown to us. Importers read it from a tree, the exporter makes one from a
 * diagram, and lower.c gives it its meaning.
 */
#ifndef CALLGATE_FORMAT_PROFILE_H
#define CALLGATE_FORMAT_PROFILE_H

#include "base/buffer.h"
#include "callgate-format.h"
#include "format/names.h"
#include "format/tree.h"

#define PROFILE_ARGUMENTS 6

struct profile_argument {
	uint64_t index;
	uint64_t value;
	uint64_t value_two;
	const struct operator_name *operator;
	struct callgate_span span;
	struct profile_argument *next;
};

struct profile_name {
	struct str name;
	const struct syscall *call; /* or NULL, set by lower.c */
	struct callgate_span span;
	struct profile_name *next;
};

struct profile_action {
	const struct action_name *name; /* NULL: not given */
	struct callgate_span span;
	bool has_errno;
	uint16_t number; /* errnoRet or what stands for it */
	struct callgate_span errno_span;
};

/* One element of `syscalls`. */
struct profile_rule {
	struct profile_action action;
	struct profile_name *names;
	struct profile_argument *arguments;
	struct callgate_span span;
	struct profile_rule *next;
};

struct profile_arch {
	const struct arch_name *arch;
	struct callgate_span span;
	struct profile_arch *next;
};

struct profile {
	struct profile_action action; /* the default one */
	struct profile_arch *arches;
	struct profile_rule *rules;
	uint32_t flags;
	const char *listener_path, *listener_metadata; /* or NULL */
	struct callgate_span listener_span, metadata_span;
};

/* Who reads the object: each takes some fields that the others do not. */
enum dialect {
	DIALECT_RUNTIME = 1,  /* config.json */
	DIALECT_TEMPLATE = 2, /* a profile of the container engines */
	DIALECT_SPO = 4,
};

/* A text that profiles are in. */
struct import_text {
	const char *name;
	const struct tree *root;       /* NULL: it is broken */
	char *owned_text, *owned_name; /* malloc'ed by the reader, or NULL */
	size_t length;
	struct import_text *next;
};

/* An import under way. */
struct import {
	struct report *report;
	struct arena *arena;
	struct import_text *texts; /* of SeccompProfiles, the first one at the end */
	const struct callgate_import_options *options;
	const struct abi *machine;
	kernel_version kernel;
	enum dialect dialect;
};

/*
 * What a format leaves open or a runtime passes over: a warning, in strict mode an
 * error.
 */
#define import_doubt(import, ...)                                                \
	((import)->options->strict ? report_error((import)->report, __VA_ARGS__) \
				   : report_warning((import)->report, __VA_ARGS__))

/* The verdict of an action: a number that is missing is EPERM, as the runtimes have it.
 */
uint32_t profile_verdict(const struct profile_action *action);

/* --- fields (fields.c) ------------------------------------------------------------ */

/* A member that an object may have, and how its value is taken into `target`. */
struct field {
	const char *name;
	enum tree_kind kind;
	void (*read)(struct import *import, const struct tree *value, void *target);
	unsigned dialects; /* 0: all */
};

/* Reads an object's members by a table that ends with an entry without a name. */
void fields_read(struct import *import, const struct tree *object,
		 const struct field *fields, void *target);
/* False, with a report: the value is of another kind. */
bool fields_expect(struct import *import, const struct tree *value,
		   enum tree_kind kind);
/* A whole number up to `max`; false, with a report: it is none. */
bool fields_number(struct import *import, const struct tree *value, uint64_t max,
		   uint64_t *ret_number);
/*
 * The row of a table of names that `value` names; rows are `size` bytes and begin with
 * their name. NULL, with a report: there is none.
 */
const void *fields_name(struct import *import, const struct tree *value,
			const void *rows, size_t size, const char *what);

/* --- objects ---------------------------------------------------------------------- */

/* profile.c: the object that has `defaultAction`; false: nothing is left to look at. */
bool profile_read(struct import *import, const struct tree *object,
		  struct profile *ret_profile);

/* oci.c, spo.c: finds that object in a text's tree. NULL, with a report: no profile. */
const struct tree *oci_find(struct import *import, const struct tree *root);
const struct tree *spo_find(struct import *import, const struct tree *root);
/* spo.c: whether a document is one of its kinds, or a list that may hold some. */
bool spo_is_resource(const struct tree *document);
/* spo.c: a stream of documents, items of lists in their list's place. NULL: no memory. */
const struct tree *spo_stream(struct arena *arena, const struct tree *documents);
/* spo.c: the object of the profile called so; NULL: there is none. */
const struct tree *spo_named(const struct tree *root, struct str name);
/* spo.c: the name of the profile that this object adds to; NULL: it adds to none. */
const struct tree *spo_base(const struct tree *spec);

/* import.c: NULL, with a report: the text is broken. */
const struct tree *import_parse(struct import *import, const struct import_text *text);

/*
 * base.c: adds the rules of what the object adds to, which is in the one text that there
 * is. What is not to be had is reported.
 */
void base_merge(struct import *import, const struct tree *spec,
		struct profile *profile);
void base_texts_done(struct import *import);

#define BASE_DEPTH 15 /* of the operator, too */

/* moby.c: what an element of `syscalls` says beside the rule itself. */
bool moby_applies(struct import *import, const struct tree *rule);
void moby_read_arch_map(struct import *import, const struct tree *map,
			struct profile *profile);

/* lower.c: into an empty policy. */
void profile_lower(struct import *import, const struct profile *profile,
		   struct callgate_policy *policy);

/* --- writing ---------------------------------------------------------------------- */

/* write.c */
void profile_write_oci(const struct profile *profile, struct buffer *ret_text);
void profile_write_spo(const struct profile *profile, const char *name,
		       struct buffer *ret_text);

#endif
