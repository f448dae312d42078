// SPDX-License-Identifier: MIT
/*
 * Promises as texts. What they mean is the policy language's business: nothing here
 * reads them.
 */
#include "data/data.h"
#include "data/tables.h"

size_t promise_count(void)
{
	return tables_promise_count;
}

const struct promise *promise_at(size_t index)
{
	return &tables_promises[index];
}

const struct promise *promise_by_name(struct str name)
{
	return tables_find(tables_promises, tables_promise_count,
			   sizeof(*tables_promises), name);
}

const char *promise_name(const struct promise *promise)
{
	return tables_text + promise->name;
}

const char *promise_help(const struct promise *promise)
{
	return tables_text + promise->help;
}

const char *promise_text(const struct promise *promise)
{
	return tables_text + promise->text;
}
