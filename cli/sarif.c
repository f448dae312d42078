// SPDX-License-Identifier: MIT
/*
 * Findings as a SARIF document: one run of one tool, its rules all codes of an audit.
 */
#include "sarif.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

/* SARIF has no more than three levels. */
static const char *level_of(enum callgate_risk risk)
{
	switch (risk) {
	case CALLGATE_RISK_HIGH:
		return "error";
	case CALLGATE_RISK_MEDIUM:
		return "warning";
	default:
		return "note";
	}
}

/* A file's name as a relative or absolute reference of RFC 3986. */
static json_t *uri_of(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-._~/"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *text = NULL;
	size_t size;
	json_t *uri;
	FILE *stream = cli_need(open_memstream(&text, &size));

	for (; *name; name++) {
		if (strchr(plain, *name))
			fputc(*name, stream);
		else
			fprintf(stream, "%%%02X", (unsigned char)*name);
	}
	fclose(stream);
	uri = json_text(cli_need(text));
	free(text);
	return uri;
}

static json_t *location_of(const struct input *input,
			   const struct callgate_finding *finding)
{
	json_t *location =
		cli_need(json_pack("{s:{s:{s:o}}}", "physicalLocation",
				   "artifactLocation", "uri", uri_of(input->name)));
	char *call;

	if (finding->has_call) {
		call = cli_need(callgate_call_text(&finding->call));
		json_object_set_new(location, "logicalLocations",
				    json_pack("[{s:o}]", "fullyQualifiedName",
					      json_text(call)));
		free(call);
	}
	return location;
}

static json_t *text_of(const struct callgate_finding *finding)
{
	char *text = NULL, *call, *verdict;
	size_t size;
	json_t *object;
	FILE *stream = cli_need(open_memstream(&text, &size));

	fprintf(stream, "%s; %s.", finding->message, finding->reason);
	if (finding->has_call) {
		call = cli_need(callgate_call_text(&finding->call));
		verdict = cli_need(
			callgate_verdict_text_for(&finding->call, finding->verdict));
		fprintf(stream, " For example %s: %s.", call, verdict);
		free(call);
		free(verdict);
	}
	fprintf(stream, " To mend it: %s", finding->mend);
	fclose(stream);
	object = json_pack("{s:o}", "text", json_text(cli_need(text)));
	free(text);
	return cli_need(object);
}

static json_t *result_of(const struct input *input,
			 const struct callgate_finding *finding)
{
	return cli_need(json_pack("{s:s, s:s, s:o, s:[o]}", "ruleId", finding->code,
				  "level", level_of(finding->risk), "message",
				  text_of(finding), "locations",
				  location_of(input, finding)));
}

static json_t *rules(void)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; callgate_audit_code(i); i++)
		json_array_append_new(list, json_pack("{s:s, s:{s:s}}", "id",
						      callgate_audit_code(i),
						      "shortDescription", "text",
						      callgate_audit_code_help(i)));
	return list;
}

void sarif_print(const struct input *input, const struct callgate_audit *audit,
		 size_t count)
{
	json_t *results = cli_need(json_array());

	for (size_t i = 0; i < count; i++)
		json_array_append_new(results,
				      result_of(input, callgate_audit_at(audit, i)));
	json_print(json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[{s:b}], s:o}]}",
			     "version", "2.1.0", "$schema",
			     "https://json.schemastore.org/sarif-2.1.0.json", "runs",
			     "tool", "driver", "name", "callgate", "version",
			     callgate_version(), "rules", rules(), "invocations",
			     "executionSuccessful", audit != NULL, "results", results));
}
