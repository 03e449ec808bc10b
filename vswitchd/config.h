/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_CONFIG_H
#define VSWITCHD_CONFIG_H

/* config: keeps what runs in line with what the database asks for.
 *
 * Model    A commit by anybody else marks the configuration dirty; before the loop sleeps, the rows become a
 *          wanted, the wanted and the one before become a plan, the plan is applied, and the outcome is
 *          written back in one transaction, cur_cfg included (status.h).
 * Rules    I1 cur_cfg follows next_cfg only after everything up to it was applied or has failed with a text.
 *          I2 Transactions of the daemon itself do not start another round.
 * Threads  main. */

#include "live.h"
#include "ovsdb/db.h"
#include "ovsdb/server.h"

struct config;

struct config_env {
	struct loop *loop;
	struct ovsdb_db *db;
	struct ovsdb_server *server;
	struct pipeline *pipeline;
	struct datapath *datapath;
	const char *rundir;
};

struct config *config_create(const struct config_env *) ROLE_MAIN;

/* Takes bridges and ports down; the database stays as it is.  Accepts NULL. */
void config_destroy(struct config *) ROLE_MAIN;

/* Applies what is pending now; the daemon calls it once before it says that it is ready. */
void config_run(struct config *) ROLE_MAIN;

/* What runs. */
const struct live *config_live(const struct config *);

/* Reads other_config of the Open_vSwitch row, which is made if it is missing.  'map' is initialised. */
void config_read_other(struct ovsdb_db *, struct smap *map);

#endif /* VSWITCHD_CONFIG_H */
