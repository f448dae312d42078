// SPDX-License-Identifier: MIT
/*
 * 64-bit fields, low word first.
 *
 * The diagram tests a field's high word before its low one. Where the low word alone
 * decides for most values (socket's domain, of which two are refused), testing it first
 * saves the load and the test of the high word:
 *
 *                high = 0   high > 0             the columns' boundaries cut the low word
 *      low < 38     A          A       ─► A      into rows; a row with one result needs
 *      low = 38     D          A       ─► high   no high word
 *      low > 38     A          A       ─► A
 */
#include "bpf/emitter.h"

#define COLUMNS_MAX 4

/* The low word's intervals under one interval of the high word. */
struct column {
	struct branch high;
	struct branch rows[ARGUMENT_INTERVALS];
	size_t count, at;
};

struct field {
	struct column columns[COLUMNS_MAX];
	size_t count;
};

static bool make_column(struct emitter *emitter, unsigned low_word,
			struct column *column)
{
	meaning_ref ref = column->high.ref;

	if (meaning_word(emitter->store, ref) != low_word) {
		column->rows[0] = (struct branch){ .ref = ref };
		column->count = 1;
		return true;
	}
	column->count = branches_of(emitter, ref, low_word, UINT32_MAX, column->rows,
				    ARGUMENT_INTERVALS);
	return column->count > 0;
}

static bool make_field(struct emitter *emitter, meaning_ref ref, unsigned word,
		       struct field *field)
{
	struct branch highs[COLUMNS_MAX];

	field->count = branches_of(emitter, ref, word, UINT32_MAX, highs, COLUMNS_MAX);
	for (size_t i = 0; i < field->count; i++) {
		field->columns[i].high = highs[i];
		field->columns[i].at = 0;
		if (!make_column(emitter, word + 1, &field->columns[i]))
			return false;
	}
	return field->count > 0;
}

static meaning_ref result_at(const struct field *field, size_t column)
{
	return field->columns[column].rows[field->columns[column].at].ref;
}

/* The row that all columns stand at: decided, or by the high word. */
static struct branch make_row(struct emitter *emitter, const struct field *field,
			      unsigned word, uint32_t first)
{
	struct branch row = { .first = first, .ref = result_at(field, 0) };
	struct branch highs[COLUMNS_MAX];
	bool is_decided = true;

	for (size_t i = 0; i < field->count; i++) {
		highs[i] = field->columns[i].high;
		highs[i].ref = result_at(field, i);
		highs[i].shape = body_of(emitter, highs[i].ref);
		is_decided = is_decided && highs[i].ref == row.ref;
	}
	if (is_decided) {
		row.shape = body_of(emitter, row.ref);
		return row;
	}
	branches_weigh(emitter, word, highs, field->count);
	row.shape =
		shape_load(emitter, word, branches_join(emitter, highs, field->count));
	return row;
}

/* Moves to the next boundary of any column; false at the end. */
static bool advance(struct field *field, uint32_t *first)
{
	uint32_t next = 0;

	for (size_t i = 0; i < field->count; i++) {
		const struct column *column = &field->columns[i];

		if (column->at + 1 < column->count &&
		    (next == 0 || column->rows[column->at + 1].first < next))
			next = column->rows[column->at + 1].first;
	}
	for (size_t i = 0; i < field->count && next; i++) {
		struct column *column = &field->columns[i];

		if (column->at + 1 < column->count &&
		    column->rows[column->at + 1].first == next)
			column->at++;
	}
	*first = next;
	return next != 0;
}

struct shape field_low_first(struct emitter *emitter, meaning_ref ref, unsigned word)
{
	struct field field;
	struct branch rows[ARGUMENT_INTERVALS];
	size_t count = 0;
	uint32_t first = 0;

	if (!make_field(emitter, ref, word, &field))
		return NO_SHAPE;
	do {
		if (count == ARGUMENT_INTERVALS)
			return NO_SHAPE;
		rows[count++] = make_row(emitter, &field, word, first);
		if (emitter->failed)
			return NO_SHAPE;
	} while (advance(&field, &first));
	branches_weigh(emitter, word + 1, rows, count);
	for (size_t i = 0; i < count; i++)
		rows[i].single =
			i + 1 < count && rows[i + 1].first - rows[i].first == 1;
	rows[count - 1].single = rows[count - 1].first == UINT32_MAX;
	return shape_load(emitter, word + 1, branches_join(emitter, rows, count));
}
