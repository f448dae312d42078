// SPDX-License-Identifier: MIT
/*
 * Core files of processes that ended by SIGSYS.
 *
 * The kernel writes the thread that made the call first: its registers and the signal's
 * information, which has the call's number and architecture. Memory is that of the file,
 * and where a mapping was left out, of the program's or library's own file, if libdw finds
 * that it is the same one by its build id.
 */
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/diag.h"
#include "data/data.h"
#include "explain/stack.h"
#include "os/images.h"

#define SYS_SECCOMP_CODE 1
#define SIGNAL_SYS	 31

struct core {
	struct callgate_explain_core core; /* first: free() gets its address */
	Elf *elf;
	Dwfl *dwfl;
	bool is_narrow; /* of a 32-bit process */
	bool has_registers, has_signal;
	struct callgate_explain_registers registers;
	uint64_t words[64]; /* the registers as the kernel has them */
	char program[17];
	struct callgate_explain_call *call;
	struct callgate_explain_stack *stack;
};

static uint64_t number_at(const Elf_Data *data, size_t offset, size_t size)
{
	uint32_t narrow;
	uint64_t wide;

	if (offset + size > data->d_size)
		return 0;
	if (size == sizeof(narrow)) {
		memcpy(&narrow, (const char *)data->d_buf + offset, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, (const char *)data->d_buf + offset, sizeof(wide));
	return wide;
}

/* --- notes ------------------------------------------------------------------------ */

/* struct elf_prstatus: linux/elfcore.h; the registers are before its last word. */
static void take_status(struct core *core, const Elf_Data *data)
{
	size_t width = core->is_narrow ? 4 : 8;
	size_t registers = core->is_narrow ? 72 : 112;
	size_t tail = core->is_narrow ? 4 : 8; /* pr_fpvalid, padded */
	size_t size;

	if (core->has_registers || data->d_size < registers + tail)
		return;
	core->core.tid = (int)number_at(data, core->is_narrow ? 24 : 32, 4);
	size = data->d_size - registers - tail;
	if (callgate_explain_registers_of((const char *)data->d_buf + registers, size,
					  &core->registers))
		return;
	for (size_t i = 0; i < size / width && i < 64; i++)
		core->words[i] = number_at(data, registers + i * width, width);
	core->has_registers = true;
}

/* siginfo_t of the kernel: three numbers, then the address, the call and its ABI. */
static void take_signal(struct core *core, const Elf_Data *data)
{
	size_t address = core->is_narrow ? 12 : 16, width = core->is_narrow ? 4 : 8;
	struct callgate_explain_core *out = &core->core;

	if (core->has_signal || number_at(data, 0, 4) != SIGNAL_SYS ||
	    number_at(data, 8, 4) != SYS_SECCOMP_CODE)
		return;
	out->value = (uint16_t)number_at(data, 4, 4);
	out->data.instruction_pointer = number_at(data, address, width);
	out->data.nr = (int)(uint32_t)number_at(data, address + width, 4);
	out->data.arch = (uint32_t)number_at(data, address + width + 4, 4);
	core->has_signal = true;
}

/* struct elf_prpsinfo */
static void take_process(struct core *core, const Elf_Data *data)
{
	size_t name = core->is_narrow ? 28 : 40;

	core->core.pid = (int)number_at(data, core->is_narrow ? 12 : 24, 4);
	if (data->d_size >= name + 16)
		memcpy(core->program, (const char *)data->d_buf + name, 16);
}

static void take_notes(struct core *core, Elf_Data *data)
{
	size_t offset = 0, name, desc;
	GElf_Nhdr note;

	while ((offset = gelf_getnote(data, offset, &note, &name, &desc))) {
		const Elf_Data part = { .d_buf = (char *)data->d_buf + desc,
					.d_size = note.n_descsz };

		if (note.n_type == NT_PRSTATUS)
			take_status(core, &part);
		else if (note.n_type == NT_SIGINFO)
			take_signal(core, &part);
		else if (note.n_type == NT_PRPSINFO)
			take_process(core, &part);
	}
}

static void read_notes(struct core *core)
{
	size_t count = 0;
	GElf_Phdr segment;

	elf_getphdrnum(core->elf, &count);
	for (size_t i = 0; i < count; i++) {
		Elf_Data *data;

		if (!gelf_getphdr(core->elf, (int)i, &segment) ||
		    segment.p_type != PT_NOTE)
			continue;
		data = elf_getdata_rawchunk(core->elf, (int64_t)segment.p_offset,
					    segment.p_filesz, ELF_T_NHDR);
		if (data)
			take_notes(core, data);
	}
}

/* --- memory ----------------------------------------------------------------------- */

/* Of a core file or a program, whose addresses are `bias` higher in memory. */
static size_t read_segments(Elf *elf, uint64_t bias, uint64_t address, void *buffer,
			    size_t size)
{
	size_t count = 0;
	GElf_Phdr segment;

	elf_getphdrnum(elf, &count);
	for (size_t i = 0; i < count; i++) {
		uint64_t offset;
		Elf_Data *data;

		if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD)
			continue;
		offset = address - (segment.p_vaddr + bias);
		if (offset >= segment.p_filesz)
			continue;
		if (size > segment.p_filesz - offset)
			size = segment.p_filesz - offset;
		data = elf_getdata_rawchunk(elf, (int64_t)(segment.p_offset + offset),
					    size, ELF_T_BYTE);
		if (!data)
			return 0;
		memcpy(buffer, data->d_buf, size);
		return size;
	}
	return 0;
}

static size_t read_core(void *context, uint64_t address, void *buffer, size_t size)
{
	const struct core *core = context;
	size_t done = read_segments(core->elf, 0, address, buffer, size);
	Dwfl_Module *module = done ? NULL : dwfl_addrmodule(core->dwfl, address);
	GElf_Addr bias;
	Elf *elf = module ? dwfl_module_getelf(module, &bias) : NULL;

	/* What is behind the file's end in memory is not the file's. */
	return elf ? read_segments(elf, bias, address, buffer, size) : done;
}

/* --- the call --------------------------------------------------------------------- */

/* Which of the kernel's words of registers have the arguments. */
static const uint8_t *argument_words(const struct core *core)
{
#if defined(__x86_64__) || defined(__i386__)
	static const uint8_t narrow[6] = { 0, 1, 2, 3, 4, 5 };
	static const uint8_t wide[6] = { 14, 13, 12, 7, 9, 8 };
	static const uint8_t compat[6] = { 5, 11, 12, 13, 14, 4 }; /* int 0x80 */
	const struct abi *abi = abi_of(core->core.data.arch, 0);

	if (core->is_narrow)
		return narrow;
	return abi && abi->bits == 32 ? compat : wide;
#else
	static const uint8_t first[6] = { 0, 1, 2, 3, 4, 5 };

	(void)core;
	return first;
#endif
}

static int decode_call(struct core *core)
{
	const struct callgate_explain_memory memory = { read_core, NULL, core };
	const uint8_t *words = argument_words(core);

	for (size_t i = 0; i < 6; i++)
		core->core.data.args[i] = core->words[words[i]];
	return callgate_explain_decode(&core->core.data, &memory, &core->call);
}

/* --- the stack -------------------------------------------------------------------- */

static int find_elf(Dwfl_Module *module, void **userdata, const char *name,
		    Dwarf_Addr base, char **ret_name, Elf **ret_elf)
{
	int fd = name[0] == '/' ? open_regular(AT_FDCWD, name, 0) : -1;

	(void)module, (void)userdata, (void)base;
	*ret_elf = NULL;
	*ret_name = fd >= 0 ? strdup(name) : NULL;
	return fd;
}

static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *name,
			  Dwarf_Addr base, const char *file, const char *link,
			  GElf_Word crc, char **ret_name)
{
	(void)module, (void)userdata, (void)name, (void)base;
	(void)file, (void)link, (void)crc;
	*ret_name = NULL;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
};

static const char *keep(struct stack_builder *builder, const char *text)
{
	return text ? arena_copy(&builder->arena, str_of(text)) : NULL;
}

/* A stack, and what its names are made readable with. */
struct walk {
	struct stack_builder *builder;
	void *demangler;
	int tid;    /* of the thread whose stack it is */
	int result; /* of libdw, about that thread */
};

static const char *keep_function(const struct walk *walk, const char *name)
{
	char *plain =
		strncmp(name, "_Z", 2) == 0 ? demangle(walk->demangler, name) : NULL;
	const char *kept = keep(walk->builder, plain ? plain : name);

	free(plain);
	return kept;
}

static void name_frame(const struct walk *walk, Dwfl_Module *module, Dwarf_Addr pc,
		       struct callgate_explain_frame *frame)
{
	struct stack_builder *builder = walk->builder;
	Dwarf_Addr start = 0;
	GElf_Sym symbol;
	GElf_Off offset;
	const char *path =
		dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
	const char *name =
		dwfl_module_addrinfo(module, pc, &offset, &symbol, NULL, NULL, NULL);
	Dwfl_Line *line = dwfl_module_getsrc(module, pc);
	int number = 0;

	frame->module = keep(builder, path);
	frame->module_offset = frame->pc - start;
	frame->is_system = module_is_system(path);
	if (name && (!symbol.st_size || offset < symbol.st_size)) {
		frame->function = keep_function(walk, name);
		frame->offset = offset + (frame->pc - pc);
	}
	path = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	frame->file = keep(builder, path);
	frame->line = (unsigned)number;
}

static int add_frame(Dwfl_Frame *state, void *context)
{
	const struct walk *walk = context;
	struct callgate_explain_frame *frame;
	Dwfl_Module *module;
	bool is_exact;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, &is_exact) || pc == 0)
		return DWARF_CB_ABORT;
	frame = stack_push(walk->builder);
	if (!frame)
		return DWARF_CB_ABORT;
	frame->pc = pc;
	pc -= !is_exact;
	module = dwfl_addrmodule(dwfl_thread_dwfl(dwfl_frame_thread(state)), pc);
	if (module)
		name_frame(walk, module, pc, frame);
	return DWARF_CB_OK;
}

/*
 * Goes on to the last thread, whatever it finds: libdw lets go of what it allocates for
 * the walk when there are no more threads, and only then.
 */
static int unwind_thread(Dwfl_Thread *thread, void *context)
{
	struct walk *walk = context;

	if (dwfl_thread_tid(thread) == walk->tid)
		walk->result = dwfl_thread_getframes(thread, add_frame, walk);
	return DWARF_CB_OK;
}

static int unwind(struct core *core)
{
	struct stack_builder *builder = stack_new();
	struct walk walk = { builder, NULL, core->core.tid, 0 };

	if (!builder)
		return -ENOMEM;
	walk.demangler = demangler_open();
	if (dwfl_core_file_attach(core->dwfl, core->elf) < 0)
		stack_note(builder, "no stack: %s", dwfl_errmsg(-1));
	else if ((dwfl_getthreads(core->dwfl, unwind_thread, &walk) || walk.result) &&
		 !builder->stack.note)
		stack_note(builder, "the stack ends here: %s", dwfl_errmsg(-1));
	demangler_close(walk.demangler);
	return stack_finish(builder, &core->stack);
}

/* --- all of it -------------------------------------------------------------------- */

static int report(struct callgate_diagnostics *diagnostics, int error,
		  const char *message, const char *hint)
{
	diag_error(diagnostics, "no-core", SPAN_NONE, hint, "%s", message);
	return error;
}

static int check(struct core *core, struct callgate_diagnostics *diagnostics)
{
	GElf_Ehdr header;

	if (!core->elf || !gelf_getehdr(core->elf, &header) || header.e_type != ET_CORE)
		return report(diagnostics, -EINVAL, "this is no core file",
			      "coredumpctl dump writes one; core(5) tells where others "
			      "are");
	core->is_narrow = gelf_getclass(core->elf) == ELFCLASS32;
	read_notes(core);
	if (!core->has_registers)
		return report(diagnostics, -EINVAL,
			      "the core file is of another machine, or damaged",
			      "look at it on a machine of its kind");
	if (!core->has_signal)
		return report(diagnostics, -ENOENT,
			      "the process did not end by a seccomp filter",
			      "a filter ends a process by SIGSYS, with SYS_SECCOMP as "
			      "its code");
	return 0;
}

static int look(struct core *core, int descriptor,
		struct callgate_diagnostics *diagnostics)
{
	int error;

	elf_version(EV_CURRENT);
	core->elf = elf_begin(descriptor, ELF_C_READ_MMAP, NULL);
	error = check(core, diagnostics);
	if (error)
		return error;
	core->dwfl = dwfl_begin(&callbacks);
	if (!core->dwfl)
		return -ENOMEM;
	dwfl_report_begin(core->dwfl);
	dwfl_core_file_report(core->dwfl, core->elf, NULL);
	dwfl_report_end(core->dwfl, NULL, NULL);
	error = decode_call(core);
	return error ? error : unwind(core);
}

int callgate_explain_core_read(int descriptor, struct callgate_diagnostics *diagnostics,
			       struct callgate_explain_core **ret_core)
{
	struct core *core = calloc(1, sizeof(*core));
	int error;

	if (!core)
		return -ENOMEM;
	error = look(core, descriptor, diagnostics);
	core->core.program = core->program;
	core->core.call = core->call;
	core->core.stack = core->stack;
	if (error)
		callgate_explain_core_free(&core->core);
	else
		*ret_core = &core->core;
	return error;
}

void callgate_explain_core_free(struct callgate_explain_core *core)
{
	struct core *whole = (struct core *)core;

	if (!whole)
		return;
	callgate_explain_call_free(whole->call);
	callgate_explain_stack_free(whole->stack);
	if (whole->dwfl)
		dwfl_end(whole->dwfl);
	if (whole->elf)
		elf_end(whole->elf);
	free(whole);
}
