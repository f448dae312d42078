// SPDX-License-Identifier: MIT
/*
 * Figures and their tables.
 *
 * Figures stay in the order in which they were noted; a table is made of those of one
 * group, and says "-" where a row has no figure for a column.
 */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void figure_note(struct bench *bench, const char *group, const char *row,
		 const char *column, double value)
{
	if (bench->figure_count == bench->figure_capacity) {
		bench->figure_capacity = 2 * bench->figure_capacity + 64;
		bench->figures =
			need(realloc(bench->figures,
				     bench->figure_capacity * sizeof(*bench->figures)));
	}
	bench->figures[bench->figure_count++] =
		(struct figure){ group, text("%s", row), column, value };
}

static bool is_of(const struct figure *figure, const char *group, const char *row)
{
	return strcmp(figure->group, group) == 0 &&
	       (!row || strcmp(figure->row, row) == 0);
}

bool figure_find(const struct bench *bench, const char *group, const char *row,
		 const char *column, double *ret_value)
{
	for (size_t i = 0; i < bench->figure_count; i++) {
		const struct figure *figure = &bench->figures[i];

		if (!is_of(figure, group, row) || strcmp(figure->column, column) != 0)
			continue;
		*ret_value = figure->value;
		return !isnan(figure->value);
	}
	return false;
}

void figure_ratio(struct bench *bench, const char *group, const char *row,
		  const char *by)
{
	const char *name = text("%s : callgate", row);
	size_t count = bench->figure_count;
	double divisor;

	for (size_t i = 0; i < count; i++) {
		struct figure figure = bench->figures[i];

		if (is_of(&figure, group, row) &&
		    figure_find(bench, group, by, figure.column, &divisor))
			figure_note(bench, group, name, figure.column,
				    figure.value / divisor);
	}
}

static bool is_other(const char *row)
{
	return !strstr(row, "callgate") && !strstr(row, "hand-made") &&
	       strcmp(row, "no filter") != 0;
}

bool figure_best_other(const struct bench *bench, const char *group, const char *column,
		       const char **ret_row, double *ret_value)
{
	*ret_row = NULL;
	for (size_t i = 0; i < bench->figure_count; i++) {
		const struct figure *figure = &bench->figures[i];

		if (!is_of(figure, group, NULL) || isnan(figure->value) ||
		    strcmp(figure->column, column) != 0 || !is_other(figure->row))
			continue;
		if (*ret_row && figure->value >= *ret_value)
			continue;
		*ret_row = figure->row;
		*ret_value = figure->value;
	}
	return *ret_row;
}

static bool is_first_of_row(const struct bench *bench, size_t index)
{
	const struct figure *figure = &bench->figures[index];

	for (size_t i = 0; i < index; i++)
		if (is_of(&bench->figures[i], figure->group, figure->row))
			return false;
	return true;
}

static void print_row(const struct bench *bench, const struct figure *first,
		      const struct column *columns, size_t count)
{
	bool is_ratio = strstr(first->row, " : ");
	double value;

	printf("%-30s", first->row);
	for (size_t i = 0; i < count; i++) {
		if (figure_find(bench, first->group, first->row, columns[i].name,
				&value))
			printf(" %7.*f", is_ratio ? 2 : columns[i].decimals, value);
		else
			printf(" %7s", "-");
	}
	putchar('\n');
}

/* "uncached real" takes two lines. */
static void print_heading(const struct column *columns, size_t count)
{
	bool is_two_lines = false;

	for (size_t i = 0; i < count; i++)
		is_two_lines |= strchr(columns[i].name, ' ') != NULL;
	for (size_t i = 0; i < count && is_two_lines; i++) {
		int split = (int)strcspn(columns[i].name, " ");

		printf("%*s %7.*s", i ? 0 : 30, "", columns[i].name[split] ? split : 0,
		       columns[i].name);
	}
	printf("%s%-30s", is_two_lines ? "\n" : "", "");
	for (size_t i = 0; i < count; i++) {
		const char *space = strchr(columns[i].name, ' ');

		printf(" %7s", space ? space + 1 : columns[i].name);
	}
	putchar('\n');
}

void figures_print(const struct bench *bench, const char *group,
		   const struct column *columns, size_t count)
{
	printf("\n%s\n", group);
	print_heading(columns, count);
	for (size_t i = 0; i < bench->figure_count; i++)
		if (is_of(&bench->figures[i], group, NULL) && is_first_of_row(bench, i))
			print_row(bench, &bench->figures[i], columns, count);
	fflush(stdout);
}
