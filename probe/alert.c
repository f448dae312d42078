// SPDX-License-Identifier: MIT
/*
 * Two threads wait on two processors, so that one of them is not the processor of the one who
 * waits for them, and before all that can be made to wait, where that is permitted. The first
 * one to see it acts.
 */
#include "alert.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREADS 2

struct alert {
	int descriptor;
	void (*act)(void *own);
	void *own;
	int stop; /* eventfd */
	int is_taken;
	int started;
	struct waiter {
		struct alert *alert;
		size_t processor;
		pthread_t thread;
	} waiters[THREADS];
};

/* Neither has to succeed. */
static void be_urgent(size_t processor)
{
	const struct sched_param least = { .sched_priority = 1 };
	cpu_set_t own;

	CPU_ZERO(&own);
	CPU_SET(processor, &own);
	sched_setaffinity(0, sizeof(own), &own);
	sched_setscheduler(0, SCHED_FIFO, &least);
}

static void *wait_for_it(void *own)
{
	const struct waiter *waiter = own;
	struct alert *alert = waiter->alert;
	struct pollfd files[] = {
		{ .fd = alert->descriptor, .events = POLLIN },
		{ .fd = alert->stop, .events = POLLIN },
	};

	be_urgent(waiter->processor);
	while (poll(files, 2, -1) < 0 && errno == EINTR)
		;
	if (files[0].revents && !__sync_lock_test_and_set(&alert->is_taken, 1))
		alert->act(alert->own);
	return NULL;
}

static int start_threads(struct alert *alert)
{
	cpu_set_t permitted;

	CPU_ZERO(&permitted);
	if (sched_getaffinity(0, sizeof(permitted), &permitted))
		return -errno;
	if (CPU_COUNT(&permitted) < THREADS)
		return -EDEADLK;
	for (size_t i = 0; i < CPU_SETSIZE && alert->started < THREADS; i++) {
		struct waiter *waiter = &alert->waiters[alert->started];
		int error;

		if (!CPU_ISSET(i, &permitted))
			continue;
		*waiter = (struct waiter){ .alert = alert, .processor = i };
		error = pthread_create(&waiter->thread, NULL, wait_for_it, waiter);
		if (error)
			return -error;
		alert->started++;
	}
	return 0;
}

int alert_start(int descriptor, void (*act)(void *own), void *own,
		struct alert **ret_alert)
{
	struct alert *alert = malloc(sizeof(*alert));
	int error;

	if (!alert)
		return -ENOMEM;
	*alert = (struct alert){
		.descriptor = descriptor,
		.act = act,
		.own = own,
		.stop = eventfd(0, EFD_CLOEXEC),
	};
	error = alert->stop < 0 ? -errno : start_threads(alert);
	if (error) {
		alert_stop(alert);
		return error;
	}
	*ret_alert = alert;
	return 0;
}

void alert_stop(struct alert *alert)
{
	if (!alert)
		return;
	if (alert->started)
		eventfd_write(alert->stop, 1);
	for (int i = 0; i < alert->started; i++)
		pthread_join(alert->waiters[i].thread, NULL);
	if (alert->stop >= 0)
		close(alert->stop);
	free(alert);
}
