/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_OPTION_H
#define PORT_OPTION_H

/* option: reading a port's options column without guessing.
 *
 * Model    An option is absent (the default holds), well formed and in range, or an error with a text that names
 *          option, value and what would be right.  Options that a driver does not know are logged, not ignored.
 * Threads  main. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;
struct port_config;
struct smap;

/* Reads a whole number from 'min' to 'max'.  Returns: 0, or -EINVAL with 'err'. */
int option_uint(const struct smap *options, const char *key, uint32_t def, uint32_t min,
	uint32_t max, uint32_t *valuep, struct err *err) MUST_CHECK;

/* Reads true or false.  Returns: 0, or -EINVAL with 'err'. */
int option_bool(const struct smap *options, const char *key, bool def, bool *valuep,
	struct err *err) MUST_CHECK;

/* A number that changes when the options do (nearly always); 0 for none. */
uint32_t option_hash(const struct smap *options);

/* Logs a warning for each option of 'config' that is not in 'known' (NULL ended; NULL: none is).  Returns: how many. */
size_t option_warn_unknown(const struct port_config *config, const char *const *known);

#endif /* PORT_OPTION_H */
