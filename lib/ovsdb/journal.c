/* SPDX-License-Identifier: Apache-2.0 */
/* The file of records under a database.
 *
 * Reads the whole file at open, tells a tail that a crash cut short from damage, appends with fdatasync()
 * and replaces the file by rename().  Knows JSON and checksums, nothing of tables. */

#include "ovsdb/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"

#define LOG_THIS LOG_journal
#include "base/log.h"

#define MAGIC "OVSDB JSON "
#define SHA1_HEX_LEN 40
#define MAX_HEADER_LEN 100

struct ovsdb_journal {
	char *path; /* With symbolic links resolved. */
	int fd;
	int lock_fd;
	char *data; /* The content while reading, else NULL. */
	size_t data_len;
	uint64_t size; /* Where the next record goes. */
	uint64_t base_size; /* 'size' when there was no history. */
	bool is_broken; /* The end of the file is not known to be clean. */
};

/* Writes the SHA-1 of 'data' as hexadecimal digits. */
static void
sha1_hex(const void *data, size_t len, char hex[SHA1_HEX_LEN + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	EVP_Digest(data, len, digest, &n, EVP_sha1(), NULL);
	for (unsigned int i = 0; i < SHA1_HEX_LEN / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* Takes the lock beside the file: ".NAME.~lock~" in its directory. */
static int
take_lock(struct ovsdb_journal *journal, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *dir_copy = xstrdup(journal->path), *base_copy = xstrdup(journal->path);
	char *name = xasprintf("%s/.%s.~lock~", dirname(dir_copy), basename(base_copy));
	int error = 0;

	journal->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (journal->lock_fd < 0) {
		error = -errno;
		err_set(err, "%s: cannot create the lock: %s", name, strerror(-error));
	} else if (fcntl(journal->lock_fd, F_SETLK, &lock) != 0) {
		error = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
		err_set(err, "%s: %s", journal->path,
			error == -EBUSY ? "in use by another process" : strerror(-error));
	}
	free(name);
	free(base_copy);
	free(dir_copy);
	return error;
}

/* Reads the whole file. */
static int
load(struct ovsdb_journal *journal, struct err *err)
{
	struct stat st;
	int error;

	if (fstat(journal->fd, &st) != 0)
		goto err_errno;
	if (!S_ISREG(st.st_mode)) {
		err_set(err, "%s: not a regular file", journal->path);
		return -EINVAL;
	}
	journal->data = malloc((size_t)st.st_size + 1);
	if (journal->data == NULL) {
		err_set(err, "%s: not enough memory for %lld bytes", journal->path,
			(long long int)st.st_size);
		return -ENOMEM;
	}
	while (journal->data_len < (size_t)st.st_size) {
		ssize_t n = pread(journal->fd, journal->data + journal->data_len,
			(size_t)st.st_size - journal->data_len, (off_t)journal->data_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto err_errno;
		if (n == 0)
			break;
		journal->data_len += (size_t)n;
	}
	journal->data[journal->data_len] = '\0';
	return 0;

err_errno:
	error = -errno;
	err_set(err, "%s: cannot read: %s", journal->path, strerror(-error));
	return error;
}

int
ovsdb_journal_open(const char *path, struct ovsdb_journal **journalp, struct err *err)
{
	struct ovsdb_journal *journal = xzalloc(sizeof *journal);
	int error;

	*journalp = NULL;
	journal->lock_fd = -1;
	journal->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (journal->fd < 0) {
		error = -errno;
		err_set(err, "%s: cannot open: %s", path, strerror(-error));
		goto err_close;
	}
	journal->path = realpath(path, NULL);
	if (journal->path == NULL) {
		error = -errno;
		err_set(err, "%s: %s", path, strerror(-error));
		goto err_close;
	}
	error = take_lock(journal, err);
	if (error == 0)
		error = load(journal, err);
	if (error != 0)
		goto err_close;
	*journalp = journal;
	return 0;

err_close:
	ovsdb_journal_close(journal);
	return error;
}

void
ovsdb_journal_close(struct ovsdb_journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->lock_fd >= 0)
		close(journal->lock_fd);
	free(journal->data);
	free(journal->path);
	free(journal);
}

/* Finds the record at 'pos'.  Returns: true if it is complete and intact; then '*bodyp' and '*lenp' are
 * its JSON and '*nextp' the position behind it. */
static bool
parse_record(const struct ovsdb_journal *journal, size_t pos, const char **bodyp, size_t *lenp,
	size_t *nextp)
{
	const char *p = journal->data + pos;
	size_t room = journal->data_len - pos;
	const char *eol = memchr(p, '\n', MIN(room, (size_t)MAX_HEADER_LEN));
	char expected[SHA1_HEX_LEN + 1], found[SHA1_HEX_LEN + 1];
	unsigned long long int len;
	int n = -1;

	if (eol == NULL || strncmp(p, MAGIC, strlen(MAGIC)) != 0 || p[strlen(MAGIC)] < '0'
		|| p[strlen(MAGIC)] > '9')
		return false;
	if (sscanf(p + strlen(MAGIC), "%18llu %40[0-9a-f]%n", &len, expected, &n) != 2
		|| p + strlen(MAGIC) + n != eol || strlen(expected) != SHA1_HEX_LEN)
		return false;
	if (len > room - (size_t)(eol + 1 - p))
		return false;
	sha1_hex(eol + 1, len, found);
	if (strcmp(expected, found) != 0)
		return false;
	*bodyp = eol + 1;
	*lenp = len;
	*nextp = (size_t)(eol + 1 - journal->data) + len;
	return true;
}

/* Whether an intact record begins anywhere after 'pos'. */
static bool
has_record_after(const struct ovsdb_journal *journal, size_t pos)
{
	const char *body, *p;
	size_t len, next;

	for (;;) {
		p = memmem(
			journal->data + pos + 1, journal->data_len - pos - 1, MAGIC, strlen(MAGIC));
		if (p == NULL)
			return false;
		pos = (size_t)(p - journal->data);
		if (parse_record(journal, pos, &body, &len, &next))
			return true;
	}
}

/* Says what is wrong with a file whose first record cannot be read. */
static int
fail_first(const struct ovsdb_journal *journal, struct err *err)
{
	if (strncmp(journal->data, "OVSDB CLUSTER", strlen("OVSDB CLUSTER")) == 0)
		err_set(err,
			"%s: belongs to a clustered database; use its servers with --db, or "
			"convert it with \"ovsdb-tool cluster-to-standalone\"",
			journal->path);
	else if (strncmp(journal->data, MAGIC, strlen(MAGIC)) == 0)
		err_set(err, "%s: the schema record at offset 0 is damaged", journal->path);
	else
		err_set(err, "%s: not an OVSDB file", journal->path);
	return -EPROTO;
}

int
ovsdb_journal_read(struct ovsdb_journal *journal, json_t **recordp, struct err *err)
{
	size_t pos = (size_t)journal->size, len, next;
	json_error_t json_error;
	const char *body;

	*recordp = NULL;
	if (pos >= journal->data_len)
		return 0;
	if (!parse_record(journal, pos, &body, &len, &next)) {
		if (pos == 0)
			return fail_first(journal, err);
		if (!has_record_after(journal, pos))
			return 0;
		err_set(err,
			"%s: damaged at offset %zu with intact records behind; restore it from "
			"a backup, or cut it there to lose what follows",
			journal->path, pos);
		return -EPROTO;
	}
	*recordp = json_loadb(body, len, JSON_REJECT_DUPLICATES, &json_error);
	if (*recordp == NULL) {
		err_set(err, "%s: record at offset %zu: %s", journal->path, pos, json_error.text);
		return -EPROTO;
	}
	journal->size = next;
	return 0;
}

int
ovsdb_journal_start(struct ovsdb_journal *journal, struct err *err)
{
	int error;

	if (journal->size < journal->data_len) {
		LOG_WARN("%s: dropping the last %zu bytes, a record that was never completed",
			journal->path, journal->data_len - (size_t)journal->size);
		if (ftruncate(journal->fd, (off_t)journal->size) != 0
			|| fdatasync(journal->fd) != 0) {
			error = -errno;
			err_set(err, "%s: cannot cut off the incomplete tail: %s", journal->path,
				strerror(-error));
			return error;
		}
	}
	free(journal->data);
	journal->data = NULL;
	journal->data_len = 0;
	journal->base_size = journal->size;
	return 0;
}

/* The record as it stands in the file.  Owner: the caller frees it. */
static char *
format_record(const json_t *record, size_t *lenp)
{
	char *json = json_dumps(record, JSON_COMPACT);
	size_t json_len = strlen(json);
	char *text = xmalloc(MAX_HEADER_LEN + json_len + 2);
	char hex[SHA1_HEX_LEN + 1];
	size_t n;

	json[json_len] = '\n'; /* In the place of the NUL: the checksum covers it. */
	sha1_hex(json, json_len + 1, hex);
	n = (size_t)snprintf(text, MAX_HEADER_LEN, MAGIC "%zu %s\n", json_len + 1, hex);
	memcpy(text + n, json, json_len + 1);
	*lenp = n + json_len + 1;
	free(json);
	return text;
}

static int
write_all(int fd, const char *data, size_t len, uint64_t pos)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)pos);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		data += n;
		len -= (size_t)n;
		pos += (uint64_t)n;
	}
	return 0;
}

/* Makes the file end where the last good record ends. */
static void
rewind_tail(struct ovsdb_journal *journal)
{
	journal->is_broken =
		ftruncate(journal->fd, (off_t)journal->size) != 0 || fdatasync(journal->fd) != 0;
	if (journal->is_broken)
		LOG_ERR("%s: cannot remove a record that could not be completed: %s", journal->path,
			strerror(errno));
}

int
ovsdb_journal_append(struct ovsdb_journal *journal, const json_t *record, struct err *err)
{
	char *text;
	size_t len;
	int error;

	if (journal->is_broken)
		rewind_tail(journal);
	if (journal->is_broken) {
		err_set(err, "%s: not writable since an earlier error", journal->path);
		return -EIO;
	}
	text = format_record(record, &len);
	error = write_all(journal->fd, text, len, journal->size);
	free(text);
	if (error == 0 && fdatasync(journal->fd) != 0)
		error = -errno;
	if (error != 0) {
		err_set(err, "%s: cannot write: %s", journal->path, strerror(-error));
		rewind_tail(journal);
		return error;
	}
	journal->size += len;
	return 0;
}

/* Syncs the directory of 'path', so that a rename in it lasts. */
static int
sync_dir(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (fd < 0 || fsync(fd) != 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return error;
}

/* Gives 'fd' mode and owner of the journal's file, as far as we may. */
static void
copy_ownership(const struct ovsdb_journal *journal, int fd)
{
	struct stat st;

	if (fstat(journal->fd, &st) == 0
		&& (fchmod(fd, st.st_mode & 07777) != 0 || fchown(fd, st.st_uid, st.st_gid) != 0))
		LOG_WARN("%s: cannot keep mode and owner: %s", journal->path, strerror(errno));
}

int
ovsdb_journal_replace(
	struct ovsdb_journal *journal, const json_t *const *records, size_t n, struct err *err)
{
	char *tmp = xasprintf("%s.tmp", journal->path);
	uint64_t size = 0;
	int fd, error = 0;

	fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0) {
		error = -errno;
		err_set(err, "%s: cannot create: %s", tmp, strerror(-error));
		goto out;
	}
	copy_ownership(journal, fd);
	for (size_t i = 0; i < n && error == 0; i++) {
		size_t len;
		char *text = format_record(records[i], &len);

		error = write_all(fd, text, len, size);
		size += len;
		free(text);
	}
	if (error == 0 && fsync(fd) != 0)
		error = -errno;
	if (error == 0 && rename(tmp, journal->path) != 0)
		error = -errno;
	if (error != 0) {
		err_set(err, "%s: cannot write: %s", tmp, strerror(-error));
		unlink(tmp);
		close(fd);
		goto out;
	}
	close(journal->fd);
	journal->fd = fd;
	journal->size = journal->base_size = size;
	journal->is_broken = false;
	error = sync_dir(journal->path);
	if (error != 0)
		err_set(err, "%s: cannot sync its directory: %s", journal->path, strerror(-error));
out:
	free(tmp);
	return error;
}

int
ovsdb_journal_keep_copy(struct ovsdb_journal *journal, const char *suffix, struct err *err)
{
	char *copy = xasprintf("%s%s", journal->path, suffix);
	int error = 0;

	if (link(journal->path, copy) != 0 && errno != EEXIST) {
		error = -errno;
		err_set(err, "%s: cannot create: %s", copy, strerror(-error));
	}
	free(copy);
	return error;
}

uint64_t
ovsdb_journal_size(const struct ovsdb_journal *journal)
{
	return journal->size;
}

uint64_t
ovsdb_journal_base_size(const struct ovsdb_journal *journal)
{
	return journal->base_size;
}

const char *
ovsdb_journal_path(const struct ovsdb_journal *journal)
{
	return journal->path;
}
