/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_JOURNAL_H
#define OVSDB_JOURNAL_H

/* journal: a file of JSON records, each with its length and a checksum, that survives crashes.
 *
 * Model    "OVSDB JSON LENGTH SHA1\n" followed by LENGTH bytes of JSON that end in a newline; again and
 *          again.  That is the format of ovsdb-tool.  What the records mean is file.c's business.
 * Rules    J1 A record is appended and synced as a whole, or the file ends where it ended before.
 *          J2 While the file is read nothing is written; a tail cut short by a crash is dropped only by
 *             ovsdb_journal_start().
 *          J3 One process at a time: a lock beside the file, the one that ovsdb-tool respects.
 * Life     open -> read until the end -> start -> append* / replace* -> close.
 * Owner    The database.
 * Threads  main.
 * See      tests/unit/ovsdb/journal_test.c. */

#include <jansson.h>
#include <stdint.h>

#include "base/compiler.h"

struct err;
struct ovsdb_journal;

/* Opens and locks 'path', which is created empty if it is missing.  Returns: 0, -EBUSY if another
 * process has it, or -errno.  Blocks: on the disk. */
int MUST_CHECK ovsdb_journal_open(
	const char *path, struct ovsdb_journal **journalp, struct err *err);
void ovsdb_journal_close(struct ovsdb_journal *journal);

/* Reads the next record: '*recordp' is NULL at the end, and at a record that a crash cut short.
 * Returns: 0, -EPROTO for damage that is followed by intact records or in a first record, -errno.
 * Owner: the caller's reference. */
int MUST_CHECK ovsdb_journal_read(struct ovsdb_journal *journal, json_t **recordp, struct err *err);

/* Ends reading and allows writing: cuts off an incomplete tail, with a warning. */
int MUST_CHECK ovsdb_journal_start(struct ovsdb_journal *journal, struct err *err);

/* Appends 'record' and syncs it.  Returns: 0, or -errno with the file as before; if even that cannot be
 * had, all further appends fail until ovsdb_journal_replace() succeeds. */
int MUST_CHECK ovsdb_journal_append(
	struct ovsdb_journal *journal, const json_t *record, struct err *err);

/* Puts a new file with the 'n' 'records' in the place of the old one.  Returns: 0, or -errno with the
 * old file in use. */
int MUST_CHECK ovsdb_journal_replace(
	struct ovsdb_journal *journal, const json_t *const *records, size_t n, struct err *err);

/* Keeps the file as it is now under 'path' + 'suffix' as well. */
int MUST_CHECK ovsdb_journal_keep_copy(
	struct ovsdb_journal *journal, const char *suffix, struct err *err);

/* Bytes now, and right after the last replacement (or start). */
uint64_t ovsdb_journal_size(const struct ovsdb_journal *journal);
uint64_t ovsdb_journal_base_size(const struct ovsdb_journal *journal);

/* The file's name, for messages. */
const char *ovsdb_journal_path(const struct ovsdb_journal *journal);

#endif /* OVSDB_JOURNAL_H */
