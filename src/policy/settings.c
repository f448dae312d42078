// SPDX-License-Identifier: MIT
/*
 * What stands once for the whole policy: abi, arch, default, unknown, badarch. They are
 * looked at ahead of everything else, wherever they stand.
 */
#include <linux/seccomp.h>

#include "data/verdict.h"
#include "policy/check.h"

#define SETTING_COUNT (STATEMENT_BADARCH + 1)

#define ERRNO_MAX 4095

static const char *const setting_names[SETTING_COUNT] = {
	[STATEMENT_ABI] = "abi",	 [STATEMENT_ARCH] = "arch",
	[STATEMENT_DEFAULT] = "default", [STATEMENT_UNKNOWN] = "unknown",
	[STATEMENT_BADARCH] = "badarch",
};

/* --- actions ---------------------------------------------------------------------- */

static struct verdicts everywhere(uint32_t verdict)
{
	struct verdicts verdicts;

	for (size_t i = 0; i < ABI_MAX; i++)
		verdicts.on[i] = verdict;
	return verdicts;
}

/* An error by name. NULL, or an ABI among `abis` that has none of that name. */
static const struct abi *find_errno(struct str name, abi_mask abis,
				    struct verdicts *ret_verdicts)
{
	const struct abi *missing = NULL;
	uint16_t number;

	*ret_verdicts = everywhere(SECCOMP_RET_ERRNO);
	for (size_t i = 0; i < abi_count(); i++) {
		const struct abi *abi = abi_at(i);

		if (errno_by_name(name, abi, &number))
			ret_verdicts->on[abi->index] = SECCOMP_RET_ERRNO | number;
		else if (!missing && (abis & abi_bit(abi)))
			missing = abi;
	}
	return missing;
}

static void report_errno(struct checker *checker, const struct syntax_name *name,
			 const struct abi *abi)
{
	struct str_nearest nearest = str_nearest_to(name->text);
	uint16_t number;

	if (errno_by_name(name->text, abi_native(), &number)) {
		report_error(checker->report, "unknown-errno", name->span,
			     "name its ABIs in a block: arch X { … }",
			     "there is no error '%.*s' on %s", STR_ARG(name->text),
			     abi->name);
		return;
	}
	for (uint16_t i = 1; i < ERRNO_MAX; i++) {
		const char *known = errno_name(i, abi);

		if (known)
			str_nearest_offer(&nearest, known);
	}
	report_error(checker->report, "unknown-errno", name->span,
		     report_nearest(checker->report, &nearest,
				    "write a name such as EPERM, or a number"),
		     "there is no error '%.*s'", STR_ARG(name->text));
}

static bool check_data(struct checker *checker, const struct syntax_action *action,
		       uint64_t max)
{
	if (action->number <= max)
		return true;
	report_error(checker->report, "data-range", action->argument.span, NULL,
		     "the number is over %llu, the largest here",
		     (unsigned long long)max);
	return false;
}

static bool check_errno(struct checker *checker, const struct syntax_action *action,
			abi_mask abis, struct verdicts *ret_verdicts)
{
	const struct abi *missing;

	if (action->has_number) {
		*ret_verdicts =
			everywhere(SECCOMP_RET_ERRNO | (uint32_t)action->number);
		return check_data(checker, action, ERRNO_MAX);
	}
	missing = find_errno(action->argument.text, abis, ret_verdicts);
	if (missing)
		report_errno(checker, &action->argument, missing);
	return !missing;
}

static bool check_deny(struct checker *checker, const struct syntax_action *action,
		       struct verdicts *ret_verdicts)
{
	const struct callgate_policy *policy = checker->policy;

	*ret_verdicts = everywhere(policy->default_verdict);
	for (size_t i = 0; i < policy->abi_count; i++)
		if (policy->abis[i].default_errno)
			ret_verdicts->on[policy->abis[i].abi->index] =
				SECCOMP_RET_ERRNO | policy->abis[i].default_errno;
	if (!verdict_is_allow(policy->default_verdict))
		return true;
	report_error(checker->report, "deny-allows", action->span,
		     "say how it is denied: errno EPERM, or kill",
		     "'deny' is the default action, which lets the call through");
	return false;
}

uint32_t check_first_verdict(const struct checker *checker,
			     const struct verdicts *verdicts, abi_mask abis)
{
	const struct callgate_policy *policy = checker->policy;

	for (size_t i = 0; i < policy->abi_count; i++)
		if (abis & abi_bit(policy->abis[i].abi))
			return verdicts->on[policy->abis[i].abi->index];
	return verdicts->on[abi_native()->index];
}

bool check_action(struct checker *checker, const struct syntax_action *action,
		  abi_mask abis, struct verdicts *ret_verdicts)
{
	static const uint32_t values[] = {
		[ACTION_ALLOW] = SECCOMP_RET_ALLOW,
		[ACTION_LOG] = SECCOMP_RET_LOG,
		[ACTION_ERRNO] = SECCOMP_RET_ERRNO,
		[ACTION_TRAP] = SECCOMP_RET_TRAP,
		[ACTION_TRACE] = SECCOMP_RET_TRACE,
		[ACTION_NOTIFY] = SECCOMP_RET_USER_NOTIF,
		[ACTION_KILL] = SECCOMP_RET_KILL_PROCESS,
		[ACTION_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
	};

	if (action->kind == ACTION_DENY)
		return check_deny(checker, action, ret_verdicts);
	if (action->kind == ACTION_ERRNO)
		return check_errno(checker, action, abis, ret_verdicts);
	*ret_verdicts =
		everywhere(values[action->kind] | (uint32_t)(action->number & 0xffff));
	return check_data(checker, action, 0xffff);
}

/* --- collecting ------------------------------------------------------------------- */

static void note_setting(struct checker *checker,
			 const struct syntax_statement *statement,
			 const struct syntax_statement **said)
{
	const struct syntax_statement *first = said[statement->kind];

	if (!first) {
		said[statement->kind] = statement;
		return;
	}
	if (report_error(checker->report, "said-twice", statement->span,
			 "keep one of them", "'%s' is said twice",
			 setting_names[statement->kind]))
		diag_note(checker->report->diagnostics, first->span,
			  "it is said here first");
}

static void refuse_settings(struct checker *checker,
			    const struct syntax_statement *statements)
{
	const struct syntax_statement *at;

	for (at = statements; at; at = at->next) {
		if (at->kind < SETTING_COUNT)
			report_error(
				checker->report, "misplaced-setting", at->span,
				"move it out of the block",
				"'%s' stands for the whole policy, not for one ABI",
				setting_names[at->kind]);
		if (at->kind == STATEMENT_BLOCK)
			refuse_settings(checker, at->body);
	}
}

/* --- one setting after another ---------------------------------------------------- */

static bool take_digits(struct str *text, unsigned *ret_number)
{
	size_t length = 0;

	*ret_number = 0;
	while (length < text->len && length < 4 && text->ptr[length] >= '0' &&
	       text->ptr[length] <= '9')
		*ret_number = *ret_number * 10 + (unsigned)(text->ptr[length++] - '0');
	text->ptr += length;
	text->len -= length;
	return length > 0 && *ret_number < 256;
}

/* linux-M.N, or linux-M.N.P of which P is not looked at. */
static bool parse_version(struct str text, kernel_version *ret_version)
{
	static const char prefix[] = "linux-";
	unsigned major, minor, patch;

	if (text.len < sizeof(prefix) || memcmp(text.ptr, prefix, 6) != 0)
		return false;
	text.ptr += 6;
	text.len -= 6;
	if (!take_digits(&text, &major) || text.len == 0 || *text.ptr != '.')
		return false;
	text.ptr++;
	text.len--;
	if (!take_digits(&text, &minor))
		return false;
	if (text.len && *text.ptr == '.') {
		text.ptr++;
		text.len--;
		if (!take_digits(&text, &patch))
			return false;
	}
	*ret_version = VERSION(major, minor);
	return text.len == 0;
}

static void check_version(struct checker *checker,
			  const struct syntax_statement *statement)
{
	kernel_version newest = version_newest();

	checker->policy->version = VERSION_LATEST;
	if (!statement)
		return;
	if (!parse_version(statement->name.text, &checker->policy->version))
		report_error(checker->report, "bad-version", statement->name.span,
			     "write abi linux-6.1", "'%.*s' is no kernel version",
			     STR_ARG(statement->name.text));
	else if (checker->policy->version > newest)
		report_warning(checker->report, "newer-than-tables",
			       statement->name.span,
			       "calls that are newer are unknown ones",
			       "the newest kernel known here is Linux %d.%d",
			       newest / 256, newest % 256);
}

static void add_abi(struct checker *checker, const struct abi *abi)
{
	struct callgate_policy *policy = checker->policy;

	policy->abis[policy->abi_count++].abi = abi;
	checker->abis |= abi_bit(abi);
}

static void check_arch(struct checker *checker,
		       const struct syntax_statement *statement)
{
	const struct syntax_names *at = statement ? statement->names : NULL;

	for (; at; at = at->next) {
		const struct abi *abi = resolve_abi(checker, &at->name);

		if (!abi)
			continue;
		if (!(checker->abis & abi_bit(abi)))
			add_abi(checker, abi);
		else
			report_error(checker->report, "said-twice", at->name.span,
				     "keep one of them", "'%s' is listed twice",
				     abi->name);
	}
	if (checker->abis == 0)
		add_abi(checker, abi_native());
}

/* The caller's choice of ABIs, instead of the policy's. */
static void override_arch(struct checker *checker)
{
	const char *const *names = checker->options->abis;

	if (!check_is_narrowed(checker))
		return;
	checker->policy->abi_count = 0;
	checker->abis = 0;
	for (; *names; names++) {
		struct syntax_name name = { str_of(*names), SPAN_NONE };
		const struct abi *abi = resolve_abi(checker, &name);

		if (abi && !(checker->abis & abi_bit(abi)))
			add_abi(checker, abi);
	}
}

/* The action of `default` and `unknown`, which no rule stands for. */
static void check_fallback(struct checker *checker, const struct syntax_action *action,
			   uint32_t *ret_verdict, uint16_t *(*own)(struct policy_abi *))
{
	struct callgate_policy *policy = checker->policy;
	struct verdicts verdicts;

	if (!check_action(checker, action, checker->abis, &verdicts))
		return;
	*ret_verdict = check_first_verdict(checker, &verdicts, checker->abis);
	for (size_t i = 0; i < policy->abi_count; i++) {
		struct policy_abi *table = &policy->abis[i];
		uint32_t verdict = verdicts.on[table->abi->index];

		if (verdict != *ret_verdict)
			*own(table) = verdict & SECCOMP_RET_DATA;
	}
}

static uint16_t *default_errno_of(struct policy_abi *table)
{
	return &table->default_errno;
}

static uint16_t *unknown_errno_of(struct policy_abi *table)
{
	return &table->unknown_errno;
}

static void check_default(struct checker *checker,
			  const struct syntax_statement *statement)
{
	uint32_t *verdict = &checker->policy->default_verdict;
	static const struct syntax_action silent = {
		.kind = ACTION_ERRNO,
		.argument = { { "EPERM", 5 }, { 0 } },
	};

	if (statement && statement->action.kind == ACTION_DENY)
		report_error(checker->report, "default-deny", statement->action.span,
			     "write default errno EPERM",
			     "'deny' is the default action: say which it is");
	else
		check_fallback(checker, statement ? &statement->action : &silent,
			       verdict, default_errno_of);
	if (statement)
		checker->policy->default_span = statement->span;
}

/* `version` is the `abi` statement, which makes newer calls unknown. */
static void check_unknown(struct checker *checker,
			  const struct syntax_statement *statement,
			  const struct syntax_statement *version)
{
	struct callgate_policy *policy = checker->policy;
	static const struct syntax_action silent = {
		.kind = ACTION_ERRNO,
		.argument = { { "ENOSYS", 6 }, { 0 } },
	};

	policy->has_unknown =
		statement || (version && !checker->options->unknown_is_default);
	policy->unknown_verdict = policy->default_verdict;
	if (!policy->has_unknown)
		return;
	check_fallback(checker, statement ? &statement->action : &silent,
		       &policy->unknown_verdict, unknown_errno_of);
	policy->unknown_span = statement ? statement->span : version->span;
}

/* `arch` is the statement that lists the ABIs. */
static void check_badarch_like(struct checker *checker, const struct syntax_name *name)
{
	const struct abi *abi = resolve_abi(checker, name);

	if (!abi)
		return;
	if (!(checker->abis & abi_bit(abi)) && !check_is_narrowed(checker))
		report_error(checker->report, "abi-not-listed", name->span,
			     "add it to 'arch'", "%s is not an ABI here", abi->name);
	checker->policy->badarch_like = abi;
}

/* An ABI that nobody listed: nobody knows how it numbers an error. */
static void check_badarch_action(struct checker *checker,
				 const struct syntax_action *action)
{
	struct callgate_policy *policy = checker->policy;
	struct verdicts verdicts;
	uint32_t first;

	if (!check_action(checker, action, checker->abis, &verdicts))
		return;
	first = check_first_verdict(checker, &verdicts, checker->abis);
	policy->badarch_verdict = first;
	for (size_t i = 1; i < policy->abi_count; i++) {
		const struct abi *abi = policy->abis[i].abi;

		if (verdicts.on[abi->index] == first)
			continue;
		report_error(checker->report, "errno-differs", action->span,
			     "write its number",
			     "this error is %u on %s but %u on %s, and those other "
			     "ABIs may be like either",
			     first & SECCOMP_RET_DATA, policy->abis[0].abi->name,
			     verdicts.on[abi->index] & SECCOMP_RET_DATA, abi->name);
		return;
	}
}

static void check_badarch(struct checker *checker,
			  const struct syntax_statement *statement,
			  const struct syntax_statement *arch)
{
	struct callgate_policy *policy = checker->policy;

	policy->badarch_verdict = SECCOMP_RET_KILL_PROCESS;
	if (statement && statement->name.text.ptr)
		check_badarch_like(checker, &statement->name);
	else if (statement)
		check_badarch_action(checker, &statement->action);
	if (statement || arch)
		policy->badarch_span = statement ? statement->span : arch->span;
}

void check_settings(struct checker *checker, const struct syntax_statement *statements)
{
	const struct syntax_statement *said[SETTING_COUNT] = { 0 }, *at;

	for (at = statements; at; at = at->next) {
		if (at->kind < SETTING_COUNT)
			note_setting(checker, at, said);
		else if (at->kind == STATEMENT_BLOCK)
			refuse_settings(checker, at->body);
	}
	check_version(checker, said[STATEMENT_ABI]);
	check_arch(checker, said[STATEMENT_ARCH]);
	override_arch(checker);
	check_default(checker, said[STATEMENT_DEFAULT]);
	check_unknown(checker, said[STATEMENT_UNKNOWN], said[STATEMENT_ABI]);
	check_badarch(checker, said[STATEMENT_BADARCH], said[STATEMENT_ARCH]);
}
