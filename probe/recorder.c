// SPDX-License-Identifier: MIT
/*
 * Recorders: the choice of a back end, and what is the same with each.
 */
#include "recorder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>

#include "backend.h"

int recorder_fail(struct recorder_failure *failure, int error, const char *hint,
		  const char *format, ...)
{
	va_list arguments;

	failure->error = error;
	failure->hint = hint;
	va_start(arguments, format);
	vsnprintf(failure->problem, sizeof(failure->problem), format, arguments);
	va_end(arguments);
	return error;
}

static int open_with(const struct recorder_backend_ops *ops,
		     const struct recorder_target *target,
		     struct recorder **ret_recorder, struct recorder_failure *failure)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return recorder_fail(failure, -ENOMEM, NULL, "there is no memory");
	recorder->ops = ops;
	recorder->target = *target;
	if (ops->open(recorder, failure)) {
		recorder_close(recorder);
		return failure->error;
	}
	*ret_recorder = recorder;
	return 0;
}

/* eBPF cannot be used: says what else can. */
static int offer_notification(bool is_program, struct recorder_failure *failure)
{
	failure->hint = is_program ? "without --backend ebpf it is recorded by "
				     "notification, which needs no privilege"
				   : "a program that callgate starts can be recorded "
				     "without: -- CMD...";
	return failure->error;
}

int recorder_open(const struct recorder_target *target, enum recorder_backend backend,
		  struct recorder **ret_recorder, struct recorder_failure *ret_failure)
{
	const bool is_program = target->kind == RECORDER_PROGRAM;
	struct recorder_failure second;
	int error;

	*ret_recorder = NULL;
	*ret_failure = (struct recorder_failure){ 0 };
	if (backend == RECORDER_NOTIFY && !is_program)
		return recorder_fail(
			ret_failure, -EOPNOTSUPP,
			"record it by eBPF, or have it started: -- CMD...",
			"what runs already cannot be recorded by notification");
	if (backend == RECORDER_NOTIFY)
		return open_with(&recorder_notify, target, ret_recorder, ret_failure);
	error = open_with(&recorder_ebpf, target, ret_recorder, ret_failure);
	if (!error || !ret_failure->is_backend)
		return error;
	if (backend == RECORDER_EBPF || !is_program)
		return offer_notification(is_program, ret_failure);
	if (open_with(&recorder_notify, target, ret_recorder, &second)) {
		*ret_failure = second;
		return second.error;
	}
	memcpy((*ret_recorder)->reason, ret_failure->problem,
	       sizeof((*ret_recorder)->reason));
	return 0;
}

int recorder_start(struct recorder *recorder, struct recorder_failure *ret_failure)
{
	return recorder->ops->start(recorder, ret_failure);
}

const char *recorder_name(const struct recorder *recorder)
{
	return recorder->ops->name;
}

const char *recorder_reason(const struct recorder *recorder)
{
	return recorder->reason[0] ? recorder->reason : NULL;
}

pid_t recorder_child(const struct recorder *recorder)
{
	return recorder->has_ended ? 0 : recorder->child;
}

bool recorder_ended(struct recorder *recorder, int *ret_status)
{
	if (!recorder->has_ended && recorder->child > 0)
		recorder->has_ended = waitpid(recorder->child, &recorder->status,
					      WNOHANG) == recorder->child;
	*ret_status = recorder->status;
	return recorder->has_ended;
}

/*
 * Both are asked in any case: the back end looks after its helpers, and before Linux 6.11 a
 * program keeps its filter, and so its listener open, until it was waited for.
 */
bool recorder_is_over(struct recorder *recorder)
{
	const bool is_over = recorder->ops->is_over(recorder);
	int status;

	return (!recorder->child || recorder_ended(recorder, &status)) && is_over;
}

long recorder_tasks(const struct recorder *recorder)
{
	return recorder->ops == &recorder_ebpf && recorder->target.kind <= RECORDER_PID
		       ? (long)recorder->tally->tasks
		       : -1;
}

void recorder_mark(struct recorder *recorder)
{
	__sync_val_compare_and_swap(&recorder->tally->start, 0, tally_now());
	recorder->tally->marked = 1;
}

void recorder_progress(const struct recorder *recorder,
		       struct recorder_progress *ret_progress)
{
	tally_progress(recorder, ret_progress);
}

int recorder_read(const struct recorder *recorder, const struct callgate_run *run,
		  struct callgate_recording **ret_recording)
{
	return tally_read(recorder, run, ret_recording);
}

const char *recorder_remark(const struct recorder *recorder, size_t index)
{
	static const char lost[] =
		"memory ran short: calls may be missing from this recording";

	if (recorder->tally->lost && index-- == 0)
		return lost;
	return recorder->ops->remark(recorder, index);
}

void recorder_close(struct recorder *recorder)
{
	if (!recorder)
		return;
	recorder->ops->close(recorder);
	free(recorder);
}
