/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPENFLOW_TEXT_PRIV_H
#define OPENFLOW_TEXT_PRIV_H

/* text_priv: what the files of the text grammar share. */

#include <stdint.h>

struct err;
struct str;

#define TEXT_DEPTH_MAX 8 /* Lists of actions inside lists of actions. */
#define TEXT_ACTIONS_MAX 60000 /* Bytes of decoded actions. */
#define NOTE_MAX 4096 /* Bytes of a note. */

/* Appends "1.234s". */
void of_text_duration_format(uint32_t sec, uint32_t nsec, struct str *s);

/* Reads 's', decimal or with 0x, as a number of at most 'max'; 'what' is said in the error.
 * Returns: 0 or -EINVAL. */
int of_text_number(const char *what, const char *s, uint64_t max, uint64_t *v, struct err *err);

#endif /* OPENFLOW_TEXT_PRIV_H */
