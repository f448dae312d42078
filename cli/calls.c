// SPDX-License-Identifier: MIT
/*
 * What `callgate test` and `callgate emulate` share: one input, many calls.
 *
 * Expect lines are not asked: they are for `callgate check`.
 */
#include "calls.h"

#include "output.h"

enum cli_status calls_ask(const struct cli *cli, const char *key,
			  enum cli_status (*ask)(const struct input *input,
						 const char *call, json_t *list))
{
	const struct input_how how = { .compile.without_expects = true };
	json_t *list = cli->json ? cli_need(json_array()) : NULL, *object;
	struct input input;
	enum cli_status worst = input_open(cli, &cli->sources[0], &how, &input);

	for (size_t i = 0; input.filter && i < cli->word_count; i++) {
		enum cli_status status = ask(&input, cli->words[i], list);

		worst = status > worst ? status : worst;
	}
	if (list) {
		object = input_json(&input);
		json_object_set_new(object, key, list);
		json_print(object);
	} else {
		input_report(&input);
	}
	input_done(&input);
	return worst;
}
