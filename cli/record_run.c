// SPDX-License-Identifier: MIT
/*
 * A recording while it runs: waits, shows progress, keeps checkpoints, writes.
 *
 *	running --SIGINT, --duration, --until-idle--> ending --the program ends--> over
 *	                                              ending --SIGINT again------> over
 *
 * A program that callgate started gets the signal too, and its ending is recorded; what ran
 * before is let alone. A checkpoint is written soon after something new was seen, and else
 * seldom, so that whatever ends callgate, little is lost.
 */
#include "record_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "recording.h"

#define CHECKPOINT_SOON 1.0 /* seconds, when there is something new */
#define CHECKPOINT_ELSE 10.0
#define ENDING_MOST	10.0 /* seconds that a program has which nobody watches */
#define STATUS_SIGNAL	128

enum phase {
	RUNNING,
	ENDING, /* the program was told to end */
	OVER,
};

struct session {
	const struct cli *cli;
	const struct record_options *options;
	struct recorder *recorder;
	struct callgate_run run;
	char *command;	       /* what is recorded, for people */
	char *checkpoint;      /* the file; NULL: none */
	sigset_t signals;      /* as they were blocked before */
	bool ignores_children; /* SIGCHLD was ignored before */
	int signal_file;
	enum phase phase;
	bool shows_progress;
	double next_look; /* by recorder_progress.seconds: when to look again */
	double next_checkpoint;
	size_t known;  /* distinct calls at the last checkpoint */
	double newest; /* when something new was seen, at the last checkpoint */
	double began;  /* by now() */
	double until;  /* when a program is given up that does not end; 0: never */
};

/* --- messages ------------------------------------------------------------------------- */

void record_complain(const char *what, const char *text)
{
	fputs("callgate record: ", stderr);
	print_safe(stderr, what);
	if (text)
		fputs(": ", stderr);
	if (text)
		print_safe(stderr, text);
	fputc('\n', stderr);
}

static void explain(const struct recorder_failure *failure)
{
	record_complain(failure->problem, NULL);
	if (failure->hint)
		fprintf(stderr, "  hint: %s\n", failure->hint);
}

/* "1,204" */
static void print_count(FILE *stream, uint64_t count)
{
	if (count >= 1000) {
		print_count(stream, count / 1000);
		fprintf(stream, ",%03u", (unsigned)(count % 1000));
	} else {
		fprintf(stream, "%u", (unsigned)count);
	}
}

static void erase_progress(const struct session *session)
{
	if (session->shows_progress)
		fputs("\r\033[K", stderr);
}

static void show_progress(const struct session *session,
			  const struct recorder_progress *progress)
{
	if (!session->shows_progress)
		return;
	erase_progress(session);
	if (!progress->has_begun) {
		fputs("waiting for the start", stderr);
		return;
	}
	print_count(stderr, progress->calls);
	fprintf(stderr, " calls, %zu different, ", progress->distinct);
	print_count(stderr,
		    (uint64_t)((double)progress->calls /
			       (progress->seconds > 1 ? progress->seconds : 1)));
	fprintf(stderr, "/s, nothing new for %.0f s%s", progress->quiet,
		session->phase == ENDING ? " (ending)" : "; ^C ends");
}

static void print_summary(const struct session *session)
{
	struct recorder_progress progress;
	const char *reason = recorder_reason(session->recorder), *remark;

	recorder_progress(session->recorder, &progress);
	erase_progress(session);
	fputs("callgate record: ", stderr);
	print_count(stderr, progress.calls);
	fprintf(stderr, " calls, %zu different, by %s", progress.distinct,
		recorder_name(session->recorder));
	if (reason)
		fprintf(stderr, " (%s)", reason);
	fputc('\n', stderr);
	for (size_t i = 0; (remark = recorder_remark(session->recorder, i)); i++)
		record_complain(remark, NULL);
	if (session->options->target.kind == RECORDER_PID)
		record_complain("how it started is not in the recording: make one of "
				"that, and merge them",
				NULL);
}

/* --- what is recorded ------------------------------------------------------------------ */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char *join_words(char *const *words)
{
	char *text;
	size_t size;
	FILE *stream = cli_need(open_memstream(&text, &size));

	for (size_t i = 0; words[i]; i++)
		fprintf(stream, "%s%s", i ? " " : "", words[i]);
	fclose(stream);
	return cli_need(text);
}

/* " (nginx)", or nothing. */
static const char *name_process(pid_t pid, char *ret_name, size_t size)
{
	char path[32], *end;
	FILE *file;

	ret_name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (file && fgets(ret_name + 2, (int)size - 3, file)) {
		memcpy(ret_name, " (", 2);
		end = ret_name + strcspn(ret_name, "\n");
		memcpy(end, ")", 2);
	}
	if (file)
		fclose(file);
	return ret_name;
}

static char *describe(const struct recorder_target *target)
{
	char *text, name[32];
	int length = -1;

	switch (target->kind) {
	case RECORDER_PROGRAM:
		return join_words(target->argv);
	case RECORDER_PID:
		length = asprintf(&text, "process %d%s", (int)target->pid,
				  name_process(target->pid, name, sizeof(name)));
		break;
	case RECORDER_CGROUP:
		length = asprintf(&text, "cgroup %s", target->cgroup);
		break;
	case RECORDER_USER:
		length = asprintf(&text, "user %u", (unsigned)target->user);
		break;
	}
	return cli_need(length < 0 ? NULL : text);
}

/* app.gate has app.cgrec beside it. */
static char *name_checkpoint(const char *output)
{
	size_t length;
	char *name;

	if (!output)
		return NULL;
	if (!recording_is_policy(output))
		return cli_need(strdup(output));
	length = strlen(output) - strlen(".gate");
	if (asprintf(&name, "%.*s.cgrec", (int)length, output) < 0)
		cli_need(NULL);
	return name;
}

static struct callgate_recording *read_recording(const struct session *session)
{
	struct callgate_recording *recording;

	if (recorder_read(session->recorder, &session->run, &recording))
		cli_need(NULL);
	return recording;
}

/* --- checkpoints ----------------------------------------------------------------------- */

static int write_recording(const char *file, const struct callgate_recording *recording)
{
	size_t length;
	char *text;
	int error;

	if (callgate_recording_print(recording, &text, &length))
		cli_need(NULL);
	error = callgate_write_file(file, text, length);
	free(text);
	return error;
}

/* One that fails is no reason to stop: the end will tell. */
static void write_checkpoint(struct session *session,
			     const struct recorder_progress *progress)
{
	struct callgate_recording *recording;

	if (!session->checkpoint)
		return;
	recording = read_recording(session);
	write_recording(session->checkpoint, recording);
	callgate_recording_free(recording);
	session->known = progress->distinct;
	session->newest = progress->seconds - progress->quiet;
}

static bool is_news(const struct session *session,
		    const struct recorder_progress *progress)
{
	return progress->distinct != session->known ||
	       progress->seconds - progress->quiet > session->newest + 0.001;
}

/* --- the files at the end -------------------------------------------------------------- */

/* A new file in a folder where others may write, too. */
static bool save_in(const char *folder, const char *text, size_t length)
{
	char *name;
	FILE *file;
	int descriptor;
	bool is_whole;

	if (asprintf(&name, "%s/callgate-XXXXXX.cgrec", folder) < 0)
		cli_need(NULL);
	descriptor = mkostemps(name, (int)strlen(".cgrec"), O_CLOEXEC);
	file = descriptor < 0 ? NULL : cli_need(fdopen(descriptor, "w"));
	is_whole = file && fwrite(text, 1, length, file) == length;
	if (file && fclose(file))
		is_whole = false;
	if (is_whole)
		record_complain("the recording was kept in", name);
	else if (file)
		unlink(name);
	free(name);
	return is_whole;
}

/* Where there may be room when there is none beside the policy. */
static enum cli_status save_elsewhere(const struct callgate_recording *recording)
{
	const char *const folders[] = { getenv("TMPDIR"), "/tmp", "/dev/shm" };
	bool is_saved = false;
	size_t length;
	char *text;

	if (callgate_recording_print(recording, &text, &length))
		cli_need(NULL);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders) && !is_saved; i++)
		is_saved = folders[i] && save_in(folders[i], text, length);
	if (!is_saved)
		record_complain("the recording could not be kept anywhere", NULL);
	free(text);
	return STATUS_SYSTEM;
}

/* To the standard output; a reader who has seen enough is no failure. */
static enum cli_status print_policy(const struct session *session,
				    const struct callgate_recording *recording)
{
	char *text;
	enum cli_status status = recording_policy(session->cli, recording, &text);

	if (status == STATUS_DONE)
		fputs(text, stdout);
	free(text);
	if (status == STATUS_DONE && fflush(stdout) && errno != EPIPE)
		status = STATUS_SYSTEM;
	return status;
}

/* The recording comes first: all others can be made of it. */
static enum cli_status save(const struct session *session)
{
	const char *output = session->options->output;
	struct callgate_recording *recording = read_recording(session);
	enum cli_status status = STATUS_DONE;

	if (session->checkpoint && recording_is_policy(output)) {
		int error = write_recording(session->checkpoint, recording);

		if (error)
			record_complain(strerror(-error), session->checkpoint);
		if (error)
			status = STATUS_SYSTEM;
	}
	if (output) {
		enum cli_status other =
			recording_write(session->cli, recording, output);

		status = other > status ? other : status;
	} else {
		status = print_policy(session, recording);
	}
	if (status == STATUS_SYSTEM)
		status = save_elsewhere(recording);
	callgate_recording_free(recording);
	return status;
}

/* --- signals --------------------------------------------------------------------------- */

static void take_signals(struct session *session)
{
	static const int taken[] = {
		SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGPIPE
	};
	sigset_t signals;

	/* Else nobody could wait for the program. */
	session->ignores_children = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		sigaddset(&signals, taken[i]);
	sigprocmask(SIG_BLOCK, &signals, &session->signals);
	sigdelset(&signals, SIGPIPE);
	session->signal_file = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->signal_file < 0)
		cli_need(NULL);
}

/* Has the program end, if there is one to be told; it may take its time. */
static void end(struct session *session, int signal)
{
	pid_t child = recorder_child(session->recorder);

	if (session->phase == ENDING || !child) {
		session->phase = OVER;
		return;
	}
	session->phase = ENDING;
	if (signal)
		kill(child, signal);
}

static void obey(struct session *session, const struct signalfd_siginfo *info)
{
	const int signal = (int)info->ssi_signo;

	if (signal == SIGUSR1)
		recorder_mark(session->recorder);
	else if (signal != SIGCHLD)
		/* A terminal sends it to the program as well. */
		end(session, info->ssi_code == SI_KERNEL ? 0 : signal);
}

static void read_signals(struct session *session)
{
	struct signalfd_siginfo info;

	while (read(session->signal_file, &info, sizeof(info)) == sizeof(info))
		obey(session, &info);
}

/* --- while it runs --------------------------------------------------------------------- */

/* Whether the recording is to end by itself. */
static bool is_time(const struct record_options *options, double seconds,
		    const struct recorder_progress *progress)
{
	if (options->duration > 0 && seconds >= options->duration)
		return true;
	return options->until_idle > 0 && progress->has_begun &&
	       progress->quiet >= options->until_idle;
}

/* Nobody may be there who would send a second signal. */
static void end_in_time(struct session *session, double time)
{
	if (session->phase == RUNNING) {
		end(session, SIGTERM);
		session->until = time + ENDING_MOST;
	} else if (session->until > 0 && time >= session->until) {
		session->phase = OVER;
		record_complain("the program does not end: what it does from here on "
				"is not recorded",
				NULL);
	}
}

static void look(struct session *session)
{
	const struct record_options *options = session->options;
	struct recorder_progress progress;
	double time = now();

	if (time < session->next_look)
		return;
	session->next_look = time + 0.5;
	recorder_progress(session->recorder, &progress);
	show_progress(session, &progress);
	if (time >= session->next_checkpoint ||
	    (is_news(session, &progress) &&
	     time >= session->next_checkpoint - CHECKPOINT_ELSE + CHECKPOINT_SOON)) {
		write_checkpoint(session, &progress);
		session->next_checkpoint = time + CHECKPOINT_ELSE;
	}
	if (is_time(options, time - session->began, &progress))
		end_in_time(session, time);
}

/* In milliseconds: what has no descriptor to wait for is looked at so often. */
static int patience(const struct session *session)
{
	return recorder_child(session->recorder) ? 200 : 20;
}

static void watch(struct session *session)
{
	struct recorder *recorder = session->recorder;
	struct pollfd signals = { .fd = session->signal_file, .events = POLLIN };

	while (session->phase != OVER && !recorder_is_over(recorder)) {
		poll(&signals, 1, patience(session));
		read_signals(session);
		look(session);
	}
}

/* As a shell says it. */
static enum cli_status program_status(struct session *session)
{
	int status;

	if (!recorder_ended(session->recorder, &status))
		return STATUS_DONE;
	if (WIFSIGNALED(status))
		return (enum cli_status)(STATUS_SIGNAL + WTERMSIG(status));
	return (enum cli_status)WEXITSTATUS(status);
}

static enum cli_status failure_status(const struct session *session,
				      const struct recorder_failure *failure)
{
	const enum recorder_kind kind = session->options->target.kind;
	/* A back end has errors of its own of that number. */
	const bool is_missing = !failure->is_backend &&
				(failure->error == -ENOENT || failure->error == -ESRCH);

	if (failure->is_program)
		return (enum cli_status)(is_missing ? 127 : 126);
	if (kind != RECORDER_PROGRAM && is_missing)
		return STATUS_INPUT;
	return STATUS_SYSTEM;
}

static enum cli_status record(struct session *session)
{
	struct recorder_target target = session->options->target;
	struct recorder_progress progress;
	struct recorder_failure failure = { 0 };
	enum cli_status status;
	bool is_first;

	target.signals = &session->signals;
	target.ignores_children = session->ignores_children;
	if (recorder_open(&target, session->options->backend, &session->recorder,
			  &failure)) {
		explain(&failure);
		return failure_status(session, &failure);
	}
	recorder_progress(session->recorder, &progress);
	is_first = session->checkpoint && access(session->checkpoint, F_OK);
	if (is_first)
		write_checkpoint(session, &progress);
	if (recorder_start(session->recorder, &failure)) {
		if (is_first)
			unlink(session->checkpoint);
		explain(&failure);
		return failure_status(session, &failure);
	}
	/* Of what cannot be started the old recording stays. */
	if (!is_first)
		write_checkpoint(session, &progress);
	session->began = now();
	watch(session);
	print_summary(session);
	status = save(session);
	return status == STATUS_DONE ? program_status(session) : status;
}

/* What would only come to light when all has been recorded. */
static enum cli_status check_file(const char *file)
{
	const char *slash = strrchr(file, '/');
	const size_t length = slash ? (size_t)(slash - file) + 1 : 0;
	char *folder = cli_need(length ? strndup(file, length) : strdup("."));
	struct stat status;
	int error = 0;

	if (stat(file, &status) == 0 && S_ISDIR(status.st_mode))
		error = EISDIR;
	else if (lstat(file, &status) == 0 && !S_ISREG(status.st_mode))
		error = access(file, W_OK) ? errno : 0;
	else if (access(folder, W_OK | X_OK))
		error = errno;
	free(folder);
	if (!error)
		return STATUS_DONE;
	fputs("callgate record: cannot write ", stderr);
	print_safe(stderr, file);
	fprintf(stderr, ": %s\n", strerror(error));
	return STATUS_SYSTEM;
}

static enum cli_status check(const struct session *session)
{
	const char *const files[] = { session->options->output, session->checkpoint,
				      session->cli->frequencies };
	struct callgate_recording *empty;
	enum cli_status status = STATUS_DONE;
	char *text;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !status; i++)
		if (files[i])
			status = check_file(files[i]);
	if (status)
		return status;
	if (callgate_recording_new(&session->run, &empty))
		cli_need(NULL);
	status = recording_policy(session->cli, empty, &text);
	callgate_recording_free(empty);
	free(text);
	return status;
}

enum cli_status record_run(const struct cli *cli, const struct record_options *options)
{
	struct callgate_features features;
	struct session session = {
		.cli = cli,
		.options = options,
		.shows_progress = isatty(STDERR_FILENO),
		.command = describe(&options->target),
		.checkpoint = name_checkpoint(options->output),
	};
	enum cli_status status;

	if (!callgate_features_probe(&features))
		session.run.kernel = features.version;
	session.run.command = session.command;
	if (getrandom(session.run.id, sizeof(session.run.id), 0) < 0)
		cli_need(NULL);
	fflush(NULL);
	status = check(&session);
	if (status == STATUS_DONE) {
		take_signals(&session);
		status = record(&session);
		recorder_close(session.recorder);
		close(session.signal_file);
	}
	free(session.command);
	free(session.checkpoint);
	return status;
}
