/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the header of jansson where that is not at hand: what the command uses
 * of it. json_without.c has every function: each says so and ends the command, before
 * anything was printed, since a document is printed when it is whole.
 */
#ifndef JANSSON_H
#define JANSSON_H

#include <stddef.h>
#include <stdio.h>

typedef struct json_t json_t;
typedef struct json_error_t json_error_t;
typedef long long json_int_t;

#define JSON_COMPACT	  0u
#define JSON_ENSURE_ASCII 0u
#define JSON_INDENT(n)	  0u

/* F(type, name, (parameters)) for each of them. */
#define JSON_FUNCTIONS(F)                                                              \
	F(json_t *, json_object, (void))                                               \
	F(json_t *, json_array, (void))                                                \
	F(json_t *, json_null, (void))                                                 \
	F(json_t *, json_true, (void))                                                 \
	F(json_t *, json_boolean, (int value))                                         \
	F(json_t *, json_integer, (json_int_t value))                                  \
	F(json_t *, json_string, (const char *text))                                   \
	F(json_t *, json_stringn, (const char *text, size_t length))                   \
	F(json_t *, json_sprintf, (const char *format, ...))                           \
	F(json_t *, json_pack, (const char *format, ...))                              \
	F(json_t *, json_loads, (const char *text, size_t flags, json_error_t *error)) \
	F(json_t *, json_object_get, (const json_t *object, const char *key))          \
	F(json_t *, json_array_get, (const json_t *array, size_t index))               \
	F(size_t, json_array_size, (const json_t *array))                              \
	F(int, json_object_set_new, (json_t * object, const char *key, json_t *value)) \
	F(int, json_object_update, (json_t * object, json_t * other))                  \
	F(int, json_array_append_new, (json_t * array, json_t * value))                \
	F(int, json_is_integer, (const json_t *value))                                 \
	F(int, json_is_boolean, (const json_t *value))                                 \
	F(int, json_is_string, (const json_t *value))                                  \
	F(int, json_is_object, (const json_t *value))                                  \
	F(int, json_is_true, (const json_t *value))                                    \
	F(json_int_t, json_integer_value, (const json_t *value))                       \
	F(const char *, json_string_value, (const json_t *value))                      \
	F(size_t, json_string_length, (const json_t *value))                           \
	F(const char *, json_first_key, (const json_t *object))                        \
	F(char *, json_dumps, (const json_t *value, size_t flags))                     \
	F(int, json_dumpf, (const json_t *value, FILE *stream, size_t flags))

#define JSON_DECLARE(type, name, parameters) type name parameters;
JSON_FUNCTIONS(JSON_DECLARE)
#undef JSON_DECLARE

/* There are no values: nothing to free, nothing to walk. */
static inline void json_decref(json_t *value)
{
	(void)value;
}

#define json_object_foreach(object, key, value) \
	for ((key) = json_first_key(object), (value) = NULL; (key);)

#endif
