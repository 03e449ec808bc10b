/* SPDX-License-Identifier: Apache-2.0 */
/* A database server on its own: for trying clients by hand and for system tests of the ovsdb room.
 *
 * Usage: ovsdb_test_server SCHEMA FILE REMOTE...   It runs until SIGTERM. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loop.h"
#include "ovsdb/db.h"
#include "ovsdb/server.h"

static struct loop *main_loop;

static void
stop(int signal_number UNUSED)
{
	loop_stop(main_loop);
}

int
main(int argc, char *argv[])
{
	struct err err = ERR_INIT;
	struct ovsdb_server *server;
	struct ovsdb_db *db;
	size_t len;
	char *schema;

	role_enter(&role_main);
	if (argc < 4) {
		fprintf(stderr, "usage: %s SCHEMA FILE REMOTE...\n", argv[0]);
		return EXIT_FAILURE;
	}
	if (fs_read_file(argv[1], 1 << 20, &schema, &len, &err) != 0
		|| ovsdb_db_open(argv[2], schema, &db, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	free(schema);
	main_loop = loop_create();
	server = ovsdb_server_create(main_loop);
	if (ovsdb_server_add_db(server, db, &err) != 0)
		goto err_server;
	for (int i = 3; i < argc; i++) {
		if (ovsdb_server_add_remote(server, argv[i], &err) != 0)
			goto err_server;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGPIPE, SIG_IGN);
	loop_run(main_loop);
	ovsdb_server_destroy(server);
	loop_destroy(main_loop);
	ovsdb_db_destroy(db);
	return EXIT_SUCCESS;

err_server:
	fprintf(stderr, "%s\n", err.text);
	ovsdb_server_destroy(server);
	loop_destroy(main_loop);
	ovsdb_db_destroy(db);
	return EXIT_FAILURE;
}
