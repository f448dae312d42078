// SPDX-License-Identifier: MIT
/*
 * Stacks by libdw.
 *
 * The files of a process are looked at once: as long as the same ones are mapped at the
 * same addresses, what libdw read of them is kept. Files are opened as the process sees
 * them and only if they are what it mapped; debug information may also be the host's, by
 * build id. Nothing is asked of debuginfod: its lookups are in find_debuginfo callbacks
 * that are not used here.
 */
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "explain/images.h"
#include "explain/stack.h"
#include "os/process.h"

#define PROCESSES_MAX 32

/* A process whose files are known. */
struct process {
	int pid;
	int folder; /* process_open(), while it is being looked at; or -1 */
	uint64_t used;
	struct arena arena; /* of `images` */
	struct images images;
	Dwfl *dwfl;
	bool attached;
	bool is_narrow; /* a 32-bit one */
	const char *trouble;
	const struct callgate_explain_thread *thread; /* that is being unwound */
};

struct callgate_explain_unwinder {
	uint64_t clock;
	bool demangles; /* `demangler` was asked for */
	void *demangler;
	struct process processes[PROCESSES_MAX];
};

/* One unwinding. */
struct unwinding {
	struct callgate_explain_unwinder *unwinder;
	struct process *process;
	struct stack_builder *builder;
};

bool callgate_explain_can_unwind(void)
{
	return true;
}

/* --- files ------------------------------------------------------------------------ */

/* Hands a file to libdw: it frees the name and closes the descriptor. */
static int give_file(int fd, const char *path, char **ret_name)
{
	*ret_name = fd >= 0 ? strdup(path) : NULL;
	if (fd >= 0 && !*ret_name) {
		close(fd);
		fd = -1;
	}
	return fd < 0 ? -1 : fd;
}

/*
 * The same of a file that the process may cut short at any time: it is read and not mapped,
 * for what is gone of a mapping ends who looks at it.
 */
static int give_elf(int fd, const char *path, char **ret_name, Elf **ret_elf)
{
	elf_version(EV_CURRENT);
	*ret_elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (fd >= 0 && !*ret_elf)
		close(fd);
	fd = give_file(*ret_elf ? fd : -1, path, ret_name);
	if (fd < 0) {
		elf_end(*ret_elf);
		*ret_elf = NULL;
	}
	return fd;
}

static struct process *process_of(void **userdata)
{
	return *userdata;
}

static int find_elf(Dwfl_Module *module, void **userdata, const char *name,
		    Dwarf_Addr base, char **ret_name, Elf **ret_elf)
{
	struct process *process = process_of(userdata);
	const struct image *image = process ? images_at(&process->images, base) : NULL;

	*ret_elf = NULL;
	if (strncmp(name, "[vdso: ", 7) == 0)
		return dwfl_linux_proc_find_elf(module, userdata, name, base, ret_name,
						ret_elf);
	if (!image || process->folder < 0)
		return -1;
	return give_elf(image_open(process->folder, &image->file), name, ret_name,
			ret_elf);
}

/* "/usr/lib/debug/.build-id/12/3456….debug" */
static bool debug_path(Dwfl_Module *module, struct buffer *ret_path)
{
	const unsigned char *id;
	GElf_Addr address;
	int length = dwfl_module_build_id(module, &id, &address);

	if (length < 2)
		return false;
	buffer_printf(ret_path, "/usr/lib/debug/.build-id/%02x/", id[0]);
	for (int i = 1; i < length; i++)
		buffer_printf(ret_path, "%02x", id[i]);
	buffer_text(ret_path, ".debug");
	return !ret_path->failed;
}

static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *name,
			  Dwarf_Addr base, const char *file, const char *link,
			  GElf_Word crc, char **ret_name)
{
	struct process *process = process_of(userdata);
	struct buffer path = { 0 };
	int fd = -1;

	(void)name, (void)base, (void)file, (void)link, (void)crc;
	if (process && debug_path(module, &path)) {
		fd = open(path.data, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && process->folder >= 0)
			fd = image_copy_path(process->folder, path.data);
		fd = give_file(fd, path.data, ret_name);
	}
	buffer_done(&path);
	return fd;
}

static const Dwfl_Callbacks file_callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
};

static void report_image(struct process *process, const struct image *image)
{
	struct buffer name = { 0 };
	Dwfl_Module *module;
	void **userdata;

	if (strcmp(image->file.path, "[vdso]") == 0)
		buffer_printf(&name, "[vdso: %d]", process->pid);
	else
		buffer_text(&name, image->file.path);
	module = name.failed ? NULL
			     : dwfl_report_module(process->dwfl, name.data,
						  image->file.start, image->last);
	if (module) {
		dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
		*userdata = process;
	}
	buffer_done(&name);
}

/* --- threads ---------------------------------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread)
{
	struct process *process = context;

	(void)dwfl;
	if (*thread)
		return 0;
	*thread = process;
	return process->thread->tid;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *context, void **ret_thread)
{
	struct process *process = context;

	(void)dwfl;
	*ret_thread = process;
	return process->thread->tid == tid;
}

/* A word of the process, which is half as wide in a 32-bit one. */
static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *ret_word,
		      void *context)
{
	struct process *process = context;
	const struct callgate_explain_memory *memory = process->thread->memory;
	size_t size = process->is_narrow ? 4 : 8, first = 4096 - address % 4096, done;
	uint8_t bytes[8] = { 0 };
	uint32_t narrow;

	(void)dwfl;
	if (first > size)
		first = size;
	done = memory->read(memory->context, address, bytes, first);
	if (done == first && first < size)
		done += memory->read(memory->context, address + first, bytes + first,
				     size - first);
	memcpy(&narrow, bytes, sizeof(narrow));
	memcpy(ret_word, bytes, sizeof(*ret_word));
	if (process->is_narrow)
		*ret_word = narrow;
	return done == size;
}

/* The stack pointer's number in DWARF. */
static int number_of_sp(const struct process *process)
{
	(void)process;
#if defined(__x86_64__) || defined(__i386__)
	return process->is_narrow ? 4 : 7;
#elif defined(__aarch64__)
	return 31;
#elif defined(__riscv)
	return 2;
#elif defined(__powerpc__)
	return 1;
#elif defined(__arm__)
	return 13;
#else
	return 15;
#endif
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
	struct process *process = context;
	const struct callgate_explain_registers *registers = process->thread->registers;
	const Dwarf_Word sp = registers->sp;

	dwfl_thread_state_register_pc(thread, registers->pc);
	if (registers->count)
		return dwfl_thread_state_registers(thread, 0,
						   (unsigned)registers->count,
						   registers->values);
	return dwfl_thread_state_registers(thread, number_of_sp(process), 1, &sp);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = read_word,
	.set_initial_registers = set_registers,
};

/* --- processes -------------------------------------------------------------------- */

static void process_done(struct process *process)
{
	if (process->dwfl)
		dwfl_end(process->dwfl);
	arena_done(&process->arena);
	*process = (struct process){ .folder = -1 };
}

static int is_narrow(Dwfl_Module *module, void **userdata, const char *name,
		     Dwarf_Addr start, void *context)
{
	bool *ret_narrow = context;
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);

	(void)userdata, (void)name, (void)start;
	*ret_narrow = elf && gelf_getclass(elf) == ELFCLASS32;
	return elf ? DWARF_CB_ABORT : DWARF_CB_OK;
}

/* Modules that were there before keep what libdw knows of them. */
static void report_images(struct process *process)
{
	dwfl_report_begin(process->dwfl);
	for (size_t i = 0; i < process->images.count; i++)
		report_image(process, &process->images.list[i]);
	dwfl_report_end(process->dwfl, NULL, NULL);
}

static int process_begin(struct process *process)
{
	process->dwfl = dwfl_begin(&file_callbacks);
	if (!process->dwfl)
		return -ENOMEM;
	report_images(process);
	dwfl_getmodules(process->dwfl, is_narrow, &process->is_narrow, 0);
	process->attached = dwfl_attach_state(process->dwfl, NULL, process->pid,
					      &thread_callbacks, process);
	if (!process->attached)
		process->trouble = dwfl_errmsg(-1);
	return 0;
}

/* The entry of a process, or the one that was not used for the longest time. */
static struct process *find_process(struct callgate_explain_unwinder *unwinder, int pid)
{
	struct process *oldest = &unwinder->processes[0];

	for (size_t i = 0; i < PROCESSES_MAX; i++) {
		struct process *process = &unwinder->processes[i];

		if (process->pid == pid)
			return process;
		if (process->used < oldest->used)
			oldest = process;
	}
	process_done(oldest);
	oldest->pid = pid;
	return oldest;
}

/* Whether files came and went, but no execve(2) in between. */
static bool is_same_program(const struct images *now, const struct images *before)
{
	struct images first = { now->list, 1, 1 }, other = { before->list, 1, 1 };

	return now->count && before->count && images_equal(&first, &other);
}

/* Makes the entry one of the files that are mapped now. */
static int refresh(struct process *process, struct str maps)
{
	struct process fresh = { .pid = process->pid,
				 .folder = process->folder,
				 .used = process->used };

	arena_init(&fresh.arena, ARENA_DEFAULT_LIMIT);
	images_parse(&fresh.arena, maps, &fresh.images);
	if (fresh.arena.failed ||
	    (process->attached && images_equal(&fresh.images, &process->images))) {
		arena_done(&fresh.arena);
		return fresh.arena.failed ? -ENOMEM : 0;
	}
	if (process->attached && is_same_program(&fresh.images, &process->images)) {
		arena_done(&process->arena);
		process->arena = fresh.arena;
		process->images = fresh.images;
		report_images(process);
		return 0;
	}
	process_done(process);
	*process = fresh;
	return process_begin(process);
}

static int look_at(struct callgate_explain_unwinder *unwinder, int pid,
		   struct process **ret_process)
{
	int folder = process_open(pid), error;
	struct process *process;
	size_t length;
	char *maps;

	if (folder < 0)
		return folder;
	error = process_file(folder, "maps", &maps, &length);
	if (error) {
		close(folder);
		return error;
	}
	process = find_process(unwinder, pid);
	process->folder = folder;
	process->used = ++unwinder->clock;
	*ret_process = process;
	error = refresh(process, (struct str){ maps, length });
	free(maps);
	return error;
}

/* --- frames ----------------------------------------------------------------------- */

static const char *keep(struct stack_builder *builder, const char *text)
{
	return text ? arena_copy(&builder->arena, str_of(text)) : NULL;
}

static char *plain_name(struct callgate_explain_unwinder *unwinder, const char *name)
{
	if (strncmp(name, "_Z", 2) != 0)
		return NULL;
	if (!unwinder->demangles)
		unwinder->demangler = demangler_open();
	unwinder->demangles = true;
	return demangle(unwinder->demangler, name);
}

static void name_function(const struct unwinding *unwinding, Dwfl_Module *module,
			  Dwarf_Addr pc, struct callgate_explain_frame *frame)
{
	GElf_Sym symbol;
	GElf_Off offset;
	const char *name =
		dwfl_module_addrinfo(module, pc, &offset, &symbol, NULL, NULL, NULL);
	char *plain;

	/* Of what was stripped, the nearest name is not the function's. */
	if (!name || (symbol.st_size && offset >= symbol.st_size))
		return;
	plain = plain_name(unwinding->unwinder, name);
	frame->function = keep(unwinding->builder, plain ? plain : name);
	frame->offset = offset + (frame->pc - pc);
	free(plain);
}

static void name_source(struct stack_builder *builder, Dwfl_Module *module,
			Dwarf_Addr pc, struct callgate_explain_frame *frame)
{
	Dwfl_Line *line = dwfl_module_getsrc(module, pc);
	const char *file;
	int number = 0;

	file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	if (!file || number <= 0)
		return;
	frame->file = keep(builder, file);
	frame->line = (unsigned)number;
}

/* `pc` is inside of the call, `frame->pc` where it goes on. */
static void name_frame(const struct unwinding *unwinding, Dwarf_Addr pc,
		       struct callgate_explain_frame *frame)
{
	const struct process *process = unwinding->process;
	const struct image *image = images_at(&process->images, pc);
	Dwfl_Module *module = dwfl_addrmodule(process->dwfl, pc);

	if (image) {
		frame->module = keep(unwinding->builder, image->file.path);
		frame->module_offset = frame->pc - image->file.start;
		frame->is_system = module_is_system(image->file.path);
	}
	if (module) {
		name_function(unwinding, module, pc, frame);
		name_source(unwinding->builder, module, pc, frame);
	}
}

/* Whether a call instruction stands in front of an address: x86 has these. */
static bool is_after_call(const uint8_t bytes[7])
{
#if defined(__x86_64__) || defined(__i386__)
	static const struct {
		uint8_t length, mask, value; /* of the byte behind the opcode 0xff */
	} forms[] = {
		{ 2, 0xf8, 0xd0 }, /* call *%reg */
		{ 2, 0xf8, 0x10 }, { 3, 0xff, 0x14 }, { 3, 0xf8, 0x50 },
		{ 4, 0xff, 0x54 }, { 6, 0xff, 0x15 }, { 6, 0xf8, 0x90 },
		{ 7, 0xff, 0x14 }, { 7, 0xff, 0x94 },
	};

	if (bytes[2] == 0xe8) /* call rel32 */
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const uint8_t *at = bytes + 7 - forms[i].length;

		if (at[0] == 0xff && (at[1] & forms[i].mask) == forms[i].value)
			return true;
	}
	return bytes[5] == 0xcd || bytes[5] == 0x0f; /* int, syscall */
#else
	(void)bytes;
	return true;
#endif
}

/*
 * Without unwind tables libdw follows frame pointers, which may be any number: a frame
 * counts when its address can be returned to.
 */
static bool is_credible(const struct unwinding *unwinding,
			const struct callgate_explain_memory *memory, Dwarf_Addr pc)
{
	uint8_t bytes[7];

	if (!images_at(&unwinding->process->images, pc))
		return false;
	/* What lies across two pages is believed. */
	return !memory || !memory->read || pc % 4096 < sizeof(bytes) ||
	       memory->read(memory->context, pc - sizeof(bytes), bytes, sizeof(bytes)) <
		       sizeof(bytes) ||
	       is_after_call(bytes);
}

static int add_frame(Dwfl_Frame *state, void *context)
{
	struct unwinding *unwinding = context;
	struct callgate_explain_frame *frame;
	bool is_exact;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, &is_exact) || pc == 0)
		return DWARF_CB_ABORT;
	if (unwinding->builder->stack.count && !is_exact &&
	    !is_credible(unwinding, unwinding->process->thread->memory, pc)) {
		stack_note(unwinding->builder,
			   "the stack ends here: no unwind information");
		return DWARF_CB_ABORT;
	}
	frame = stack_push(unwinding->builder);
	if (!frame)
		return DWARF_CB_ABORT;
	frame->pc = pc;
	name_frame(unwinding, is_exact ? pc : pc - 1, frame);
	return DWARF_CB_OK;
}

static struct callgate_explain_frame *add_bare(struct stack_builder *builder,
					       uint64_t pc)
{
	struct callgate_explain_frame *frame = stack_push(builder);

	if (frame)
		frame->pc = pc;
	return frame;
}

static void add_only(const struct unwinding *unwinding, uint64_t pc)
{
	struct callgate_explain_frame *frame = add_bare(unwinding->builder, pc);

	if (frame)
		name_frame(unwinding, pc, frame);
}

static const char *trouble(int error)
{
	if (error == -ESRCH)
		return "the process has ended";
	return error == -EACCES || error == -EPERM ? "its /proc may not be read"
						   : "its /proc cannot be read";
}

static void unwind(struct unwinding *unwinding)
{
	struct process *process = unwinding->process;
	struct stack_builder *builder = unwinding->builder;

	if (!process->attached) {
		add_only(unwinding, process->thread->registers->pc);
		stack_note(builder, "no stack: %s", process->trouble);
		return;
	}
	if (dwfl_getthread_frames(process->dwfl, process->thread->tid, add_frame,
				  unwinding) == 0)
		return;
	if (builder->stack.count == 0)
		add_only(unwinding, process->thread->registers->pc);
	if (!builder->stack.note)
		stack_note(builder, "the stack ends here: %s", dwfl_errmsg(-1));
}

static void put_away(struct process *process)
{
	if (process && process->folder >= 0)
		close(process->folder);
	if (process)
		process->folder = -1;
}

int callgate_explain_unwind(struct callgate_explain_unwinder *unwinder,
			    const struct callgate_explain_thread *thread,
			    struct callgate_explain_stack **ret_stack)
{
	struct unwinding unwinding = { unwinder, NULL, stack_new() };
	int error;

	if (!unwinding.builder)
		return -ENOMEM;
	error = look_at(unwinder, thread->pid, &unwinding.process);
	if (error == 0) {
		unwinding.process->thread = thread;
		unwind(&unwinding);
		unwinding.process->thread = NULL;
	} else {
		unwinding.builder->arena.failed |= error == -ENOMEM;
		add_bare(unwinding.builder, thread->registers->pc);
		stack_note(unwinding.builder, "no stack: %s", trouble(error));
	}
	put_away(unwinding.process);
	return stack_finish(unwinding.builder, ret_stack);
}

int callgate_explain_symbolize(struct callgate_explain_unwinder *unwinder, int pid,
			       const uint64_t *addresses, size_t count,
			       const struct callgate_explain_memory *memory,
			       struct callgate_explain_stack **ret_stack)
{
	struct unwinding unwinding = { unwinder, NULL, stack_new() };
	int error;

	if (!unwinding.builder)
		return -ENOMEM;
	error = look_at(unwinder, pid, &unwinding.process);
	unwinding.builder->arena.failed |= error == -ENOMEM;
	if (error)
		stack_note(unwinding.builder, "no names: %s", trouble(error));
	for (size_t i = 0; i < count; i++) {
		struct callgate_explain_frame *frame;

		if (i && !error && !is_credible(&unwinding, memory, addresses[i])) {
			stack_note(unwinding.builder,
				   "the stack ends here: no frame pointers");
			break;
		}
		frame = add_bare(unwinding.builder, addresses[i]);
		if (frame && !error)
			name_frame(&unwinding, addresses[i] - (i > 0), frame);
	}
	put_away(unwinding.process);
	return stack_finish(unwinding.builder, ret_stack);
}

int callgate_explain_unwinder_new(struct callgate_explain_unwinder **ret_unwinder)
{
	struct callgate_explain_unwinder *unwinder = calloc(1, sizeof(*unwinder));

	if (!unwinder)
		return -ENOMEM;
	for (size_t i = 0; i < PROCESSES_MAX; i++)
		unwinder->processes[i].folder = -1;
	*ret_unwinder = unwinder;
	return 0;
}

void callgate_explain_unwinder_free(struct callgate_explain_unwinder *unwinder)
{
	for (size_t i = 0; unwinder && i < PROCESSES_MAX; i++)
		process_done(&unwinder->processes[i]);
	if (unwinder)
		demangler_close(unwinder->demangler);
	free(unwinder);
}
