// SPDX-License-Identifier: MIT
/*
 * Groups of system calls.
 *
 * Members are expanded and sorted when the tables are made; a lookup only reads.
 */
#include "data/data.h"
#include "data/tables.h"

#define GROUP_NAME_MAX 64

size_t group_count(void)
{
	return tables_group_count;
}

const struct group *group_at(size_t index)
{
	return &tables_groups[index];
}

const struct group *group_by_name(struct str name)
{
	char marked[GROUP_NAME_MAX] = "@";

	if (name.len > 0 && name.ptr[0] == '@')
		return tables_find(tables_groups, tables_group_count,
				   sizeof(*tables_groups), name);
	if (name.len == 0 || name.len >= sizeof(marked))
		return NULL;
	memcpy(marked + 1, name.ptr, name.len);
	return tables_find(tables_groups, tables_group_count, sizeof(*tables_groups),
			   (struct str){ marked, name.len + 1 });
}

const char *group_name(const struct group *group)
{
	return tables_text + group->name;
}

const char *group_help(const struct group *group)
{
	return tables_text + group->help;
}

size_t group_size(const struct group *group)
{
	return group->count;
}

const struct syscall *group_syscall(const struct group *group, size_t index)
{
	return &tables_syscalls[tables_group_members[group->first + index]];
}
