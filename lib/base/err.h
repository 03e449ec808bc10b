/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* err: the text that tells a human why something failed.
 *
 * Model    a fixed buffer in the caller's frame.  The function that knows the cause writes it, callers put
 *          context in front.  A text has no final newline: object first, cause last.
 * Rules    I1 every function here accepts NULL, for callers that do not want the text.
 *          I2 a text that does not fit ends in "...".
 * Owner    the caller owns the buffer; nothing is allocated.
 * Threads  any; one err belongs to one thread. */

#include "base/compiler.h"

struct err {
	char text[512]; /* NUL ended; "" when nothing was set. */
};

#define ERR_INIT           \
	{                  \
		.text = "" \
	}

/* Replaces the text.  The arguments may point into 'err'.  Role: any. */
void err_set(struct err *err, const char *fmt, ...) PRINTF_FORMAT(2, 3);

/* Puts a text and ": " in front of the present one.  Role: any. */
void err_prefix(struct err *err, const char *fmt, ...) PRINTF_FORMAT(2, 3);

/* Makes the text empty.  Role: any. */
void err_clear(struct err *err);

/* Sets "<text>: <strerror of 'error'>" and hands 'error' back, so that callers can write
 * "return err_errno(err, -errno, ...)".  'error' is a negative errno.  Returns: 'error'.  Role: any. */
int err_errno(struct err *err, int error, const char *fmt, ...) PRINTF_FORMAT(3, 4);

#endif /* BASE_ERR_H */
