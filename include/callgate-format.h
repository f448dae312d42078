/* SPDX-License-Identifier: MIT */
/*
 * callgate-format: policies out of and into the formats of others.
 *
 * A library of its own (libcallgate-format), because it needs jansson and libyaml where
 * libcallgate needs libc alone. The conventions are those of callgate.h.
 */
#ifndef CALLGATE_FORMAT_H
#define CALLGATE_FORMAT_H

#include <callgate.h>

#ifdef __cplusplus
extern "C" {
#endif

enum callgate_profile_format {
	CALLGATE_PROFILE_AUTO, /* import alone: by the content */
	/*
	 * JSON: the `linux.seccomp` object of the OCI runtime specification, alone or in
	 * a whole config.json, or a template of the container engines.
	 */
	CALLGATE_PROFILE_OCI,
	/* YAML: SeccompProfile of Kubernetes' Security Profiles Operator. */
	CALLGATE_PROFILE_SPO,
};

/* Zero is the default of every member. */
struct callgate_import_options {
	const char *name; /* of the source, for diagnostics */
	enum callgate_profile_format format;
	bool strict; /* what the format leaves undefined is an error, no warning */
	const char *machine;	 /* its ABI; NULL: abis[0], or this library's own */
	const char *const *abis; /* NULL-terminated; instead of the profile's */
	/* What a template's conditions look at: */
	const char *const
		*capabilities; /* NULL-terminated, "CAP_SYS_ADMIN"; NULL: none */
	uint16_t kernel;       /* M * 256 + N; 0: the newest that is known */
	const char *profile;   /* metadata.name, where a text has several */
	/*
	 * Where the profile is that a SeccompProfile's baseProfileName names: in its own
	 * text, or `reader` reads it; callgate_read_file() will do. NULL-terminated names
	 * of texts to look into, or NULL; then NAME.yaml and NAME.yml beside. Without a
	 * reader there is the profile's own text alone.
	 */
	const struct callgate_reader *reader;
	const char *const *bases;
};

/* Whether a text is a profile rather than a policy in callgate's language. */
CALLGATE_API bool callgate_text_is_profile(const char *text, size_t length);

/*
 * Reads a profile as the container runtimes do (runc and crun, by way of libseccomp): see
 * callgate-convert(1) and doc/formats.md for what they make of what the format does not
 * define, each case of which is a warning. All errors found (up to 20) go to
 * `diagnostics`.
 * Returns 0; -EINVAL: the text has errors; -E2BIG: it is over 16 MiB or too complex.
 */
CALLGATE_API int callgate_policy_import(const char *text, size_t length,
					const struct callgate_import_options *options,
					struct callgate_diagnostics *diagnostics,
					struct callgate_policy **ret_policy);

/*
 * What the profile asks of who loads its filter: SECCOMP_FILTER_FLAG_…, and the socket
 * of a supervisor that wants the listener, or NULL. Of other policies 0 and NULL.
 */
CALLGATE_API uint32_t callgate_policy_flags(const struct callgate_policy *policy);
CALLGATE_API const char *
callgate_policy_listener_path(const struct callgate_policy *policy);

/* Zero is the default of every member. */
struct callgate_export_options {
	const char *name; /* SPO: metadata.name; NULL: "policy" */
	bool strict;	  /* what the runtimes would weaken is an error, no warning */
};

/*
 * Writes a policy as a profile that means the same: the text is imported again and its
 * meaning compared. *ret_text is malloc'ed and NUL-terminated, the caller frees it.
 * Returns 0; -EINVAL: the format cannot say it, `diagnostics` has the reason and a call;
 * -E2BIG: too complex.
 */
CALLGATE_API int callgate_policy_export(const struct callgate_policy *policy,
					enum callgate_profile_format format,
					const struct callgate_export_options *options,
					struct callgate_diagnostics *diagnostics,
					char **ret_text, size_t *ret_length);

#ifdef __cplusplus
}
#endif

#endif
