// SPDX-License-Identifier: MIT
/*
 * filter → policy text: lifts the program, has its meaning put in words, and says in a
 * comment what the text was made from.
 */
#include <errno.h>

#include "bpf/filter.h"

/* FNV-1a over the instructions as the kernel takes them; tells filters apart, no more. */
static uint64_t digest(const struct bpf_program *program)
{
	const unsigned char *bytes = (const unsigned char *)program->code;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < program->length * sizeof(*program->code); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash;
}

/* A name may hold anything; a comment must end with its line. */
static void print_name(const char *name, struct buffer *ret_text)
{
	for (; *name; name++)
		buffer_printf(ret_text, "%c",
			      (unsigned char)*name < ' ' || *name == 0x7f ? '?'
									  : *name);
}

static void print_header(const struct callgate_filter *filter,
			 const struct callgate_decompile_options *options,
			 struct buffer *ret_text)
{
	buffer_text(ret_text, "# Decompiled from ");
	print_name(options->name ? options->name : "a filter", ret_text);
	buffer_printf(ret_text, ": %zu instruction%s, FNV-1a %016llx.\n",
		      filter->program.length, filter->program.length == 1 ? "" : "s",
		      (unsigned long long)digest(&filter->program));
	if (!options->abis || !options->abis[0]) {
		buffer_text(ret_text,
			    "# Proven: this text and the filter mean the same.\n\n");
		return;
	}
	buffer_text(ret_text, "# Proven: this text and the filter mean the same for");
	for (const char *const *name = options->abis; *name; name++)
		buffer_printf(ret_text, " %s", *name);
	buffer_text(ret_text, ".\n\n");
}

/* Where an ABI's calls are, as a predicate. */
static meaning_ref calls_of(struct meaning *store, const struct abi *abi)
{
	meaning_ref arch =
		meaning_range(store, WORD_ARCH, abi->audit_arch, abi->audit_arch);
	meaning_ref x32 = meaning_range(store, WORD_NR, 0x40000000, UINT32_MAX - 1);

	if (abi->number_base)
		return meaning_and(store, arch, x32);
	if (abi_of(abi->audit_arch, 0x40000000) != abi)
		return meaning_and(store, arch, meaning_not(store, x32));
	return arch;
}

/* The meaning with all but the named ABIs killed. */
static int narrow(struct meaning *store, const char *const *names,
		  struct callgate_diagnostics *diagnostics, meaning_ref *meaning)
{
	meaning_ref kept = MEANING_FALSE;

	if (!names || !names[0])
		return 0;
	for (; *names; names++) {
		const struct abi *abi = abi_by_name(str_of(*names));

		if (!abi) {
			diag_error(diagnostics, "unknown-abi", SPAN_NONE, NULL,
				   "there is no ABI '%s'", *names);
			return -EINVAL;
		}
		kept = meaning_or(store, kept, calls_of(store, abi));
	}
	*meaning = meaning_ite(store, kept, *meaning,
			       meaning_terminal(store, SECCOMP_RET_KILL_PROCESS));
	return 0;
}

static int decompile(struct meaning *store, const struct callgate_filter *filter,
		     const struct callgate_decompile_options *options,
		     struct callgate_diagnostics *diagnostics, struct buffer *ret_text)
{
	const struct bpf_program *program = &filter->program;
	meaning_ref meaning = meaning_of_program(store, program->code, program->length,
						 program->big_endian);
	int error;

	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	error = narrow(store, options->abis, diagnostics, &meaning);
	if (error)
		return error;
	print_header(filter, options, ret_text);
	return meaning_decompile(store, meaning, diagnostics, ret_text);
}

/* What it was that could not be followed. */
static void report_complex(const struct meaning *store,
			   struct callgate_diagnostics *diagnostics)
{
	size_t at = meaning_failed_at(store);

	if (at == SIZE_MAX)
		diag_error(diagnostics, "too-complex", SPAN_NONE,
			   "'callgate show' lists the instructions",
			   "the filter is too complex to be said: its meaning has %u "
			   "nodes",
			   meaning_node_count(store));
	else if (meaning_has_many_verdicts(store))
		diag_error(diagnostics, "too-many-verdicts", SPAN_NONE,
			   "a policy has a rule for each of its verdicts",
			   "instruction %zu returns what the filter computes of the "
			   "call: more verdicts than can be listed",
			   at);
	else
		diag_error(diagnostics, "too-complex", SPAN_NONE,
			   "'callgate show' lists the instructions",
			   "the filter is too complex: what instruction %zu makes of "
			   "the call's words has over %u nodes",
			   at, meaning_node_count(store) - 1);
}

int callgate_filter_decompile(const struct callgate_filter *filter,
			      const struct callgate_decompile_options *options,
			      struct callgate_diagnostics *diagnostics, char **ret_text)
{
	static const struct callgate_decompile_options defaults;
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct buffer text = { 0 };
	int error;

	*ret_text = NULL;
	if (!store)
		return -ENOMEM;
	error = decompile(store, filter, options ? options : &defaults, diagnostics,
			  &text);
	if (error == -E2BIG && meaning_error(store))
		report_complex(store, diagnostics);
	meaning_free(store);
	if (!error) {
		*ret_text = buffer_take(&text);
		return *ret_text ? 0 : -ENOMEM;
	}
	buffer_done(&text);
	return error;
}
