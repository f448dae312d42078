/* SPDX-License-Identifier: MIT */
/*
 * The inside of an audit: each file looks for one kind of flaw and adds findings.
 *
 * A finding's calls come out of the diagram; the simulator then runs the program on them,
 * and what it answers is what is reported.
 */
#ifndef CALLGATE_AUDIT_AUDIT_H
#define CALLGATE_AUDIT_AUDIT_H

#include "base/arena.h"
#include "bpf/filter.h"
#include "callgate.h"
#include "data/hazard.h"

/* A quarter of the usual steps: four times what the largest filters of others take. */
#define AUDIT_LIMITS ((struct meaning_limits){ 1u << 19, 1000 * 1000 })

struct callgate_audit {
	struct arena arena;
	struct callgate_finding *findings;
	const char **subjects; /* of each finding: what it is about, within its code */
	size_t count, capacity, subject_count, subject_capacity;
};

struct auditor {
	const struct bpf_program *program;
	struct callgate_audit *audit;
	struct meaning *store;
	meaning_ref lifted;   /* the program's meaning, verdict for verdict */
	meaning_ref verdicts; /* … as the kernel reads them */
	meaning_ref allows;   /* predicate: the call goes on to the kernel */
	/* The ABIs that the filter was written for, as far as it shows. */
	const struct abi *abis[ABI_MAX];
	size_t abi_count;
	bool has_open_abi; /* one that it was not written for is let through */
};

/* A system call on one ABI; the two are functions of the arguments alone. */
struct subject {
	const struct abi *abi;
	const struct syscall *syscall;
	uint32_t number;
	meaning_ref verdicts, allows;
};

/* False: the ABI has no such call. */
bool subject_find(const struct auditor *auditor, const struct abi *abi,
		  const struct syscall *syscall, struct subject *ret_subject);
/* Likewise for any number; `syscall` may then be NULL. */
struct subject subject_of_number(const struct auditor *auditor, const struct abi *abi,
				 uint32_t number);
/* A number of the ABI that is no call yet. */
uint32_t subject_newer(const struct abi *abi);

/*
 * The condition of a hazard, "call(condition)": TRUE without one. False: the ABI has no
 * such call, or cannot express it.
 */
bool audit_condition(const struct auditor *auditor, const struct abi *abi,
		     struct str hazard, struct subject *ret_subject,
		     meaning_ref *ret_condition);

/* A call of the subject whose arguments satisfy the predicate; false: there is none. */
bool audit_example(const struct auditor *auditor, const struct subject *subject,
		   meaning_ref predicate, struct seccomp_data *ret_call);

/*
 * Adds a finding; its texts are copied and its verdicts filled in. `subject` tells it
 * from others of the same code: of two with the same, the first stays.
 */
void audit_add(struct auditor *auditor, const struct callgate_finding *finding,
	       const char *subject, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A text in the audit's arena; "" when memory is short. */
const char *audit_text(struct auditor *auditor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* How the language writes a verdict. */
const char *audit_verdict(struct auditor *auditor, const struct abi *abi,
			  uint32_t verdict);

void audit_abis(struct auditor *auditor);      /* abi.c; finds auditor->abis too */
void audit_arguments(struct auditor *auditor); /* argument.c */
void audit_evasions(struct auditor *auditor);  /* evade.c */
void audit_hazards(struct auditor *auditor);   /* hazard.c */
void audit_program(struct auditor *auditor);   /* program.c */
void audit_cost(struct auditor *auditor);      /* cost.c */

#endif
