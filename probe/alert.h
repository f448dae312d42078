/* SPDX-License-Identifier: MIT */
/*
 * Doing something at once when a descriptor becomes readable, while the one who made it so
 * may occupy a processor until it is done.
 */
#ifndef CALLGATE_PROBE_ALERT_H
#define CALLGATE_PROBE_ALERT_H

struct alert;

/*
 * `act` is called once, in a thread of its own. 0 or a negative errno; -EDEADLK: there is
 * but one processor, so that nobody can be waited for.
 */
int alert_start(int descriptor, void (*act)(void *own), void *own,
		struct alert **ret_alert);
/* Ends it, whether it came to act or not. Accepts NULL. */
void alert_stop(struct alert *alert);

#endif
