// SPDX-License-Identifier: MIT
/*
 * Profiles that people use: each one imports, compiles, is proven, and goes out and in
 * again with the same meaning. Arguments are files and folders; a file of several
 * documents is that many profiles.
 *
 *     test_profiles [--same FILE FILE] [FILE | FOLDER]...
 *
 * --same: the first two mean the same. Exit status 77: there is nothing to test with.
 */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "callgate-format.h"
#include "meaning/meaning.h"

static unsigned profiles, failures; /* nftw() hands nothing through */

static int complain(const char *name, const struct callgate_diagnostics *diagnostics)
{
	size_t count = callgate_diagnostics_count(diagnostics);

	for (size_t i = 0; i < count; i++) {
		const struct callgate_diagnostic *entry =
			callgate_diagnostics_at(diagnostics, i);

		if (entry->severity == CALLGATE_ERROR)
			printf("%s: %s\n", name, entry->message);
	}
	failures++;
	return -1;
}

static meaning_ref meaning_in(struct meaning *store,
			      const struct callgate_policy *policy)
{
	return meaning_normalize(store, meaning_of_policy(store, policy));
}

static bool is_same(const struct callgate_policy *a, const struct callgate_policy *b)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref one = meaning_in(store, a), other = meaning_in(store, b);
	bool same = one == other && !meaning_error(store);

	meaning_free(store);
	return same;
}

/* NULL, with a report unless it is no profile at all. */
static struct callgate_policy *import(const char *name, const char *text, size_t length)
{
	static const struct callgate_import_options options = { .machine = "x86_64" };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;

	if (callgate_policy_import(text, length, &options, diagnostics, &policy))
		complain(name, diagnostics);
	callgate_diagnostics_free(diagnostics);
	return policy;
}

static void check_compiles(const char *name, const struct callgate_policy *policy,
			   struct callgate_diagnostics *diagnostics)
{
	struct callgate_filter *filter;
	struct callgate_stats stats;

	if (callgate_policy_compile(policy, NULL, diagnostics, &filter)) {
		complain(name, diagnostics);
		return;
	}
	if (callgate_filter_stats(filter, &stats) || !stats.proven)
		complain(name, diagnostics);
	callgate_filter_free(filter);
}

static void check_returns(const char *name, const struct callgate_policy *policy,
			  enum callgate_profile_format format,
			  struct callgate_diagnostics *diagnostics)
{
	struct callgate_policy *again;
	size_t length;
	char *text;

	if (callgate_policy_export(policy, format, NULL, diagnostics, &text, &length)) {
		complain(name, diagnostics);
		return;
	}
	again = import(name, text, length);
	if (again && !is_same(policy, again)) {
		printf("%s: another meaning after a round\n", name);
		failures++;
	}
	callgate_policy_free(again);
	free(text);
}

static void check_text(const char *name, const char *text, size_t length)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = import(name, text, length);

	if (policy) {
		profiles++;
		check_compiles(name, policy, diagnostics);
		check_returns(name, policy, CALLGATE_PROFILE_OCI, diagnostics);
		/* The operator's format has no number for the default errno. */
		if ((policy->default_verdict & SECCOMP_RET_DATA) <= 1)
			check_returns(name, policy, CALLGATE_PROFILE_SPO, diagnostics);
	}
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

/* Other files lie among the profiles. */
static bool is_profile(const char *text)
{
	return strstr(text, "defaultAction") && !strstr(text, "\"$ref\"") &&
	       !strstr(text, "CustomResourceDefinition");
}

static void check_file(const char *name)
{
	size_t length;
	char *text, *document, *end;

	if (callgate_read_file(NULL, name, NULL, &text, &length, NULL)) {
		printf("%s: cannot be read\n", name);
		failures++;
		return;
	}
	for (document = text; document && is_profile(text); document = end) {
		end = strstr(document, "\n---\n");
		if (end)
			*end++ = '\0';
		if (strstr(document, "defaultAction"))
			check_text(name, document, strlen(document));
	}
	free(text);
}

static int visit(const char *path, const struct stat *status, int kind,
		 struct FTW *place)
{
	const char *suffix = strrchr(path, '.');

	(void)status;
	(void)place;
	if (kind == FTW_F && suffix &&
	    (strcmp(suffix, ".json") == 0 || strcmp(suffix, ".yaml") == 0))
		check_file(path);
	return 0;
}

static struct callgate_policy *import_file(const char *name)
{
	struct callgate_policy *policy;
	size_t length;
	char *text;

	if (callgate_read_file(NULL, name, NULL, &text, &length, NULL))
		exit(77);
	policy = import(name, text, length);
	free(text);
	return policy;
}

static void check_same(const char *one, const char *other)
{
	struct callgate_policy *a = import_file(one), *b = import_file(other);

	if (!a || !b || !is_same(a, b)) {
		printf("%s and %s differ\n", one, other);
		failures++;
	}
	callgate_policy_free(a);
	callgate_policy_free(b);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--same") == 0 && i + 2 < argc) {
			check_same(argv[i + 1], argv[i + 2]);
			i += 2;
		} else if (nftw(argv[i], visit, 16, FTW_PHYS)) {
			printf("%s: not there\n", argv[i]);
		}
	}
	if (profiles == 0 && failures == 0) {
		printf("skipped: no profiles beside the source\n");
		return 77;
	}
	printf("%u profiles, %u failures\n", profiles, failures);
	return failures != 0;
}
