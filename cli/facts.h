/* SPDX-License-Identifier: MIT */
/* What `callgate syscall` looks up, as tables for people and as JSON for programs. */
#ifndef CALLGATE_CLI_FACTS_H
#define CALLGATE_CLI_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ABIs that are asked about, in order. */
struct abi_choice {
	size_t *indices;
	size_t count;
};

/* For people, on standard output. The lists of groups and ABIs ignore the choice. */
void facts_print_syscall(size_t syscall, const struct abi_choice *abis);
void facts_print_number(size_t number, const struct abi_choice *abis);
void facts_print_group(size_t group, const struct abi_choice *abis);
void facts_print_promise(size_t promise, const struct abi_choice *abis);
void facts_print_constant(size_t constant, const struct abi_choice *abis);
void facts_print_syscalls(const struct abi_choice *abis);
void facts_print_groups(const struct abi_choice *abis);
void facts_print_abis(const struct abi_choice *abis);

/* The same as objects. */
json_t *facts_json_syscall(size_t syscall, const struct abi_choice *abis);
json_t *facts_json_number(size_t number, const struct abi_choice *abis);
json_t *facts_json_group(size_t group, const struct abi_choice *abis);
json_t *facts_json_promise(size_t promise, const struct abi_choice *abis);
json_t *facts_json_constant(size_t constant, const struct abi_choice *abis);
json_t *facts_json_syscalls(const struct abi_choice *abis);
json_t *facts_json_groups(const struct abi_choice *abis);
json_t *facts_json_abis(const struct abi_choice *abis);

/* The call of a number that stands in a table or in a filter (x32: bit 30 or not). */
size_t facts_by_number(size_t abi, uint64_t number);
bool facts_group_has(size_t group, size_t syscall);
const char *facts_abi_name(size_t abi);

#endif
