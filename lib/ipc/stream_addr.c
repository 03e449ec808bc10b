/* SPDX-License-Identifier: Apache-2.0 */
/* stream_addr: the addresses in stream names.
 *
 * HOST:PORT and PORT:IP for TCP, and unix paths of any length: a path that does not fit into a
 * sockaddr_un is reached through its directory, opened, as /proc/self/fd/N/FILE. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ipc/stream_priv.h"

static int
parse_port(const char *text, uint16_t default_port, uint16_t *port, struct err *err)
{
	char *end;
	unsigned long value;

	if (*text == '\0') {
		*port = default_port;
		return 0;
	}
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || value > UINT16_MAX) {
		err_set(err, "\"%s\" is not a port number", text);
		return -EINVAL;
	}
	*port = (uint16_t)value;
	return 0;
}

/* Resolves 'host' (a literal, or a name if 'names' is true) and 'port'. */
static int
resolve(const char *host, uint16_t port, bool names, struct stream_addr *addr, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC };
	struct addrinfo *ai = NULL;
	char service[8];
	int rc;

	snprintf(service, sizeof service, "%u", port);
	hints.ai_flags = AI_NUMERICSERV | (names ? AI_ADDRCONFIG : AI_NUMERICHOST);
	/* AI_ADDRCONFIG would refuse ::1 on a host with nothing but a loopback. */
	if (strchr(host, ':') != NULL)
		hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
	rc = getaddrinfo(host, service, &hints, &ai);
	if (rc == EAI_NONAME && names) {
		hints.ai_flags = AI_NUMERICSERV;
		rc = getaddrinfo(host, service, &hints, &ai);
	}
	if (rc != 0) {
		err_set(err, "\"%s\" does not resolve: %s", host, gai_strerror(rc));
		return rc == EAI_AGAIN ? -EAGAIN : -EINVAL;
	}
	memcpy(&addr->sa, ai->ai_addr, ai->ai_addrlen);
	addr->len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return 0;
}

/* Splits "[v6]REST" or "hostREST" where REST begins with a colon or is empty. */
static int
split_host(char *text, char **hostp, const char **restp, struct err *err)
{
	char *end;

	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
			err_set(err, "\"%s\" is not an IPv6 address in brackets", text);
			return -EINVAL;
		}
		*end++ = '\0';
		*hostp = text + 1;
	} else {
		end = strchr(text, ':');
		if (end == NULL)
			end = text + strlen(text);
		if (*end == ':' && strchr(end + 1, ':') != NULL) {
			err_set(err, "\"%s\": an IPv6 address must stand in brackets", text);
			return -EINVAL;
		}
		*hostp = text;
	}
	if (*end == ':')
		*end++ = '\0';
	*restp = end;
	return 0;
}

int
stream_addr_parse_active(
	const char *text, uint16_t default_port, struct stream_addr *addr, struct err *err)
{
	char *copy = xstrdup(text);
	const char *rest;
	char *host;
	uint16_t port;
	int error;

	error = split_host(copy, &host, &rest, err);
	if (error == 0)
		error = parse_port(rest, default_port, &port, err);
	if (error == 0 && (port == 0 || host[0] == '\0')) {
		err_set(err, "\"%s\" does not name a host and a port", text);
		error = -EINVAL;
	}
	if (error == 0)
		error = resolve(host, port, true, addr, err);
	free(copy);
	return error;
}

int
stream_addr_parse_passive(
	const char *text, uint16_t default_port, struct stream_addr *addr, struct err *err)
{
	char *copy = xstrdup(text);
	char *colon = strchr(copy, ':');
	const char *host = "0.0.0.0";
	uint16_t port;
	int error;

	if (colon != NULL) {
		char *h;
		const char *rest;

		*colon++ = '\0';
		error = split_host(colon, &h, &rest, err);
		if (error == 0 && *rest != '\0') {
			err_set(err, "\"%s\" is not of the form PORT:IP", text);
			error = -EINVAL;
		}
		if (error != 0)
			goto out;
		if (*h != '\0')
			host = h;
	}
	error = parse_port(copy, default_port, &port, err);
	if (error == 0)
		error = resolve(host, port, false, addr, err);
out:
	free(copy);
	return error;
}

uint16_t
stream_addr_port(const struct sockaddr_storage *sa)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (sa->ss_family == AF_INET) {
		memcpy(&sin, sa, sizeof sin);
		return ntohs(sin.sin_port);
	}
	if (sa->ss_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof sin6);
		return ntohs(sin6.sin6_port);
	}
	return 0;
}

void
stream_addr_format_ip(const struct sockaddr_storage *sa, char *buf, size_t size)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	buf[0] = '\0';
	if (sa->ss_family == AF_INET) {
		memcpy(&sin, sa, sizeof sin);
		(void)inet_ntop(AF_INET, &sin.sin_addr, buf, (socklen_t)size);
	} else if (sa->ss_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof sin6);
		(void)inet_ntop(AF_INET6, &sin6.sin6_addr, buf, (socklen_t)size);
	}
}

void
stream_addr_format(const struct sockaddr_storage *sa, char *buf, size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	stream_addr_format_ip(sa, ip, sizeof ip);
	if (sa->ss_family == AF_INET6)
		snprintf(buf, size, "[%s]:%u", ip, stream_addr_port(sa));
	else
		snprintf(buf, size, "%s:%u", ip, stream_addr_port(sa));
}

/* Opens the directory of 'path' and writes a path through it to 'buf'.  Returns: the descriptor, or
 * -errno. */
static int
unix_shorten(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *file = slash != NULL ? slash + 1 : path;
	char *dir = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + 1);
	int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = errno;

	free(dir);
	if (dir_fd < 0)
		return -error;
	if ((size_t)snprintf(buf, size, "/proc/self/fd/%d/%s", dir_fd, file) >= size) {
		close(dir_fd);
		return -ENAMETOOLONG;
	}
	return dir_fd;
}

/* Calls 'op', bind() or connect(), with the address of 'path'. */
static int
unix_do(int fd, const char *path, int (*op)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int dir_fd = -1;
	int error = 0;

	if (strlen(path) < sizeof sun.sun_path) {
		memcpy(sun.sun_path, path, strlen(path) + 1);
	} else {
		dir_fd = unix_shorten(path, sun.sun_path, sizeof sun.sun_path);
		if (dir_fd < 0)
			return dir_fd;
	}
	if (op(fd, (const struct sockaddr *)&sun, sizeof sun) != 0)
		error = -errno;
	if (dir_fd >= 0)
		close(dir_fd);
	return error;
}

int
stream_addr_unix_connect(int fd, const char *path)
{
	return unix_do(fd, path, connect);
}

int
stream_addr_unix_bind(int fd, const char *path)
{
	return unix_do(fd, path, bind);
}
