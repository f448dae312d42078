// SPDX-License-Identifier: MIT
/*
 * What stands once for the whole policy: abi, arch, default, unknown, badarch. They are
 * looked at ahead of everything else, wherever they stand.
 */
#include <linux/seccomp.h>

#include "policy/check.h"

#define SETTING_COUNT (STATEMENT_BADARCH + 1)

#define ERRNO_MAX 4095

static const char *const setting_names[SETTING_COUNT] = {
	[STATEMENT_ABI] = "abi",	 [STATEMENT_ARCH] = "arch",
	[STATEMENT_DEFAULT] = "default", [STATEMENT_UNKNOWN] = "unknown",
	[STATEMENT_BADARCH] = "badarch",
};

/* --- actions ---------------------------------------------------------------------- */

/* An errno's number; on ABIs that differ there is no one number for a rule. */
static bool find_errno(struct checker *checker, const struct syntax_name *name,
		       abi_mask abis, uint16_t *ret_number)
{
	struct report *report = checker->report;
	const struct abi *first = NULL;
	uint16_t number;

	for (size_t i = 0; i < abi_count(); i++) {
		const struct abi *abi = abi_at(i);

		if (!(abis & abi_bit(abi)))
			continue;
		if (!errno_by_name(name->text, abi, &number))
			return false;
		if (first && number != *ret_number) {
			report_error(report, "errno-differs", name->span,
				     "write one rule for each in blocks: arch X { … }",
				     "'%.*s' is %u on %s but %u on %s",
				     STR_ARG(name->text), *ret_number, first->name,
				     number, abi->name);
			return true;
		}
		first = abi;
		*ret_number = number;
	}
	return first != NULL;
}

static void report_errno(struct checker *checker, const struct syntax_name *name)
{
	struct str_nearest nearest = str_nearest_to(name->text);

	for (uint16_t i = 1; i < ERRNO_MAX; i++) {
		const char *known = errno_name(i, abi_native());

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
			abi_mask abis, uint32_t *ret_verdict)
{
	uint16_t number = 0;

	if (action->has_number) {
		*ret_verdict = SECCOMP_RET_ERRNO | (uint32_t)action->number;
		return check_data(checker, action, ERRNO_MAX);
	}
	if (abis && !find_errno(checker, &action->argument, abis, &number)) {
		report_errno(checker, &action->argument);
		return false;
	}
	*ret_verdict = SECCOMP_RET_ERRNO | number;
	return true;
}

/* What a rule for several ABIs denies with must be one verdict. */
static void check_one_default(struct checker *checker,
			      const struct syntax_action *action, abi_mask abis,
			      uint32_t *verdict)
{
	const struct policy_abi *first = NULL;

	for (size_t i = 0; i < checker->policy->abi_count; i++) {
		const struct policy_abi *table = &checker->policy->abis[i];

		if (!(abis & abi_bit(table->abi)))
			continue;
		if (!first)
			first = table;
		if (table->default_errno != first->default_errno) {
			report_error(checker->report, "errno-differs", action->span,
				     "write one rule for each in blocks: arch X { … }",
				     "the error of 'deny' has another number on %s "
				     "than on %s",
				     first->abi->name, table->abi->name);
			return;
		}
	}
	if (first && first->default_errno)
		*verdict = SECCOMP_RET_ERRNO | first->default_errno;
}

static bool check_deny(struct checker *checker, const struct syntax_action *action,
		       abi_mask abis, uint32_t *ret_verdict)
{
	uint32_t verdict = checker->policy->default_verdict;

	check_one_default(checker, action, abis, &verdict);
	*ret_verdict = verdict;
	if ((verdict & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ALLOW &&
	    (verdict & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_LOG)
		return true;
	report_error(checker->report, "deny-allows", action->span,
		     "say how it is denied: errno EPERM, or kill",
		     "'deny' is the default action, which lets the call through");
	return false;
}

bool check_action(struct checker *checker, const struct syntax_action *action,
		  abi_mask abis, uint32_t *ret_verdict)
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
		return check_deny(checker, action, abis, ret_verdict);
	if (action->kind == ACTION_ERRNO)
		return check_errno(checker, action, abis, ret_verdict);
	*ret_verdict = values[action->kind] | (uint32_t)(action->number & 0xffff);
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

/*
 * The action of `default` and `unknown`, which no rule stands for: an error of the same
 * name has its own number on each ABI.
 */
static void check_fallback(struct checker *checker, const struct syntax_action *action,
			   uint32_t *ret_verdict, uint16_t *(*own)(struct policy_abi *))
{
	struct callgate_policy *policy = checker->policy;
	uint16_t number;

	if (action->kind != ACTION_ERRNO || action->has_number || !policy->abi_count) {
		check_action(checker, action, 0, ret_verdict);
		return;
	}
	if (!check_action(checker, action, abi_bit(policy->abis[0].abi), ret_verdict))
		return;
	for (size_t i = 1; i < policy->abi_count; i++) {
		struct policy_abi *table = &policy->abis[i];

		if (!errno_by_name(action->argument.text, table->abi, &number))
			report_error(checker->report, "unknown-errno",
				     action->argument.span, NULL,
				     "there is no error '%.*s' on %s",
				     STR_ARG(action->argument.text), table->abi->name);
		else if ((SECCOMP_RET_ERRNO | number) != *ret_verdict)
			*own(table) = number;
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
	if (statement && statement->action.kind == ACTION_DENY)
		for (size_t i = 0; i < policy->abi_count; i++)
			policy->abis[i].unknown_errno = policy->abis[i].default_errno;
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

static void check_badarch(struct checker *checker,
			  const struct syntax_statement *statement,
			  const struct syntax_statement *arch)
{
	struct callgate_policy *policy = checker->policy;

	policy->badarch_verdict = SECCOMP_RET_KILL_PROCESS;
	if (statement && statement->name.text.ptr)
		check_badarch_like(checker, &statement->name);
	else if (statement)
		check_action(checker, &statement->action, checker->abis,
			     &policy->badarch_verdict);
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
