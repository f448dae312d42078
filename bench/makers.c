// SPDX-License-Identifier: MIT
/* The filters that are loaded and run under, one of each maker for the same rules. */
#include "bench.h"

const char *const maker_names[MAKER_COUNT] = {
	[MAKER_CALLGATE] = "callgate",
	[MAKER_DEFAULT] = "libseccomp default",
	[MAKER_TREE] = "libseccomp tree",
	[MAKER_HAND] = "hand-made tree",
};

void makers_make(const struct bench *bench, const struct subject *subject,
		 struct callgate_filter *ret_filters[MAKER_COUNT])
{
	struct callgate_policy *policy = subject_policy(bench, subject);
	struct rules rules;
	struct peer *peer;

	rules_read(text("%s/%s", bench->inputs, subject->profile), subject->three,
		   &rules);
	peer = peer_new(&rules);
	ret_filters[MAKER_CALLGATE] = compile_policy(policy, NULL);
	ret_filters[MAKER_DEFAULT] = peer_filter(peer, false);
	ret_filters[MAKER_TREE] = peer_filter(peer, true);
	ret_filters[MAKER_HAND] = subject->three ? NULL : handmade_filter(&rules);
	peer_free(peer);
	rules_done(&rules);
	callgate_policy_free(policy);
}

void makers_done(struct callgate_filter *filters[MAKER_COUNT])
{
	for (unsigned i = 0; i < MAKER_COUNT; i++)
		callgate_filter_free(filters[i]);
}
