// SPDX-License-Identifier: MIT
// Every library that is installed, in one program: a profile is read, and a call decoded.
#include <callgate-explain.h>
#include <callgate-format.h>
#include <callgate-inspect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int judge(const struct callgate_policy *policy)
{
	struct callgate_filter *filter;
	struct callgate_answer answer;
	int error = callgate_policy_compile(policy, NULL, NULL, &filter);
	char *text;

	if (error)
		return error;
	error = callgate_policy_ask(policy, filter, "read", NULL, &answer);
	callgate_filter_free(filter);
	if (error)
		return error;
	text = callgate_verdict_text(answer.verdict.value);
	printf("%s, %s\n", text, callgate_explain_rule(policy, &answer.call).kind);
	free(text);
	return 0;
}

int main(int argc, char **argv)
{
	struct callgate_policy *policy;

	if (argc != 2 ||
	    callgate_policy_import(argv[1], strlen(argv[1]), NULL, NULL, &policy))
		return 2;
	if (judge(policy))
		return 1;
	callgate_policy_free(policy);
	return 0;
}
