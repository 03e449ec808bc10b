/* SPDX-License-Identifier: Apache-2.0 */
/* config: from commits to what runs, and back.  Room: vswitchd. */

#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#define LOG_THIS LOG_config
#include "base/log.h"
#include "base/loop.h"
#include "cores.h"
#include "datapath/datapath.h"
#include "eal.h"
#include "ovsdb/txn.h"
#include "status.h"
#include "wiring.h"

#define RUN_MS 1000
#define STATISTICS_MS 5000
#define STATISTICS_MIN_MS 100
#define SLEEP_MAX_US 250 /* Longest sleep of an idle pmd, by default. */

struct config {
	struct config_env env;
	struct live live;
	struct wanted *wanted; /* Applied last; NULL: nothing yet. */
	bool dirty;
	bool status_due; /* Not all that clients wait for is written: the disk may have been full. */
	struct loop_timer run_timer, statistics_timer;
	int statistics_ms; /* How often statistics are written. */
	struct loop_work wake_work;
	atomic_flag wake_posted;
	char **remotes; /* Listened on because of manager_options. */
	size_t n_remotes;
	size_t n_managers_failed; /* Their address or port may become free. */
	char *pmd_words; /* pmd-cpu-mask and pmd-sleep-max as applied. */
};

static void
on_commit(void *config_, bool by_self)
{
	struct config *config = config_;

	if (!by_self)
		config->dirty = true;
}

static ROLE_MAIN void
write_status(struct config *config, bool with_config, bool with_statistics)
{
	struct status_request r = {
		.db = config->env.db,
		.server = config->env.server,
		.live = &config->live,
		.wanted = config->wanted,
		.with_config = with_config,
		.with_statistics = with_statistics,
	};

	if (status_write(&r) != 0)
		config->status_due |= with_config;
	else if (with_config)
		config->status_due = false;
}

/* The Open_vSwitch row: tools expect one row there, and make it only by "init". */
static void
make_root(struct ovsdb_db *db)
{
	struct ovsdb_txn *txn;
	struct ovsdb_err err;

	if (ovsdb_table_first(ovsdb_db_table(db, "Open_vSwitch")) != NULL)
		return;
	txn = ovsdb_txn_create(db);
	(void)ovsdb_txn_insert(txn, "Open_vSwitch", NULL);
	if (ovsdb_txn_commit(txn, &err) != 0) {
		struct err text;

		ovsdb_err_copy(&text, &err);
		LOG_ERR("the database cannot be initialised: %s", text.text);
	}
}

void
config_read_other(struct ovsdb_db *db, struct smap *map)
{
	const struct ovsdb_row *root;

	make_root(db);
	root = ovsdb_table_first(ovsdb_db_table(db, "Open_vSwitch"));
	if (root != NULL)
		ovsdb_row_smap(root, "other_config", map);
}

/* Listens where manager_options says. */
static ROLE_MAIN void
apply_managers(struct config *config, const struct wanted *s, bool is_retry)
{
	struct err err = ERR_INIT;

	config->n_managers_failed = 0;
	for (size_t i = 0; i < config->n_remotes; i++) {
		bool wanted = false;

		for (size_t k = 0; k < s->n_managers; k++)
			wanted |= strcmp(config->remotes[i], s->managers[k]) == 0;
		if (wanted)
			continue;
		(void)ovsdb_server_remove_remote(config->env.server, config->remotes[i]);
		free(config->remotes[i]);
		config->remotes[i--] = config->remotes[--config->n_remotes];
	}
	for (size_t k = 0; k < s->n_managers; k++) {
		bool there = false;

		for (size_t i = 0; i < config->n_remotes; i++)
			there |= strcmp(config->remotes[i], s->managers[k]) == 0;
		if (there)
			continue;
		if (ovsdb_server_add_remote(config->env.server, s->managers[k], &err) != 0) {
			config->n_managers_failed++;
			if (!is_retry)
				LOG_WARN_RL("manager %s: %s", s->managers[k], err.text);
			continue;
		}
		config->remotes =
			xrealloc(config->remotes, (config->n_remotes + 1) * sizeof(char *));
		config->remotes[config->n_remotes++] = xstrdup(s->managers[k]);
	}
}

/* Pmds follow pmd-cpu-mask.  Done when the words change only, since it looks at the machine. */
static void
apply_pmds(struct config *config, const struct wanted *s)
{
	const char *mask = smap_get_def(&s->other_config, "pmd-cpu-mask", "");
	const char *sleep = smap_get_def(&s->other_config, "pmd-sleep-max", "");
	char *words = xasprintf("%s %s", mask, sleep);
	struct datapath_pmd_config pmds = { 0 };
	struct err err = ERR_INIT;
	uint16_t cores[DATAPATH_MAX_PMDS];

	if (config->pmd_words != NULL && strcmp(words, config->pmd_words) == 0) {
		free(words);
		return;
	}
	free(config->pmd_words);
	config->pmd_words = words;
	pmds.n_cores = cores_parse_mask(mask, cores, ARRAY_SIZE(cores), &err);
	if (err.text[0] != '\0')
		LOG_WARN("other_config:pmd-cpu-mask: %s", err.text);
	if (pmds.n_cores == 0)
		pmds.n_cores = cores_default(cores, ARRAY_SIZE(cores));
	pmds.cores = cores;
	pmds.sleep_max_us =
		(uint32_t)MAX(smap_get_int(&s->other_config, "pmd-sleep-max", SLEEP_MAX_US), 0);
	config->live.n_txq = pmds.n_cores;
	err_clear(&err);
	if (datapath_set_pmds(config->env.datapath, &pmds, &err) != 0)
		LOG_ERR("poll threads: %s", err.text);
}

/* A new interval holds at once, not when the old one has passed. */
static void
apply_statistics(struct config *config, const struct wanted *s)
{
	int ms = smap_get_int(&s->other_config, "stats-update-interval", STATISTICS_MS);

	ms = MAX(ms, STATISTICS_MIN_MS);
	if (ms == config->statistics_ms)
		return;
	config->statistics_ms = ms;
	loop_timer_arm_ms(&config->statistics_timer, ms);
}

static void
log_plan(const struct plan *plan)
{
	struct str text = STR_INIT;

	if (!log_is_enabled(LOG_THIS, LOG_LEVEL_DBG))
		return;
	plan_print(plan, &text);
	LOG_DBG("plan: %s", str_cstr(&text));
	str_uninit(&text);
}

/* Tells of what is asked for and has no effect, once per change. */
static void
report_unsupported(const struct wanted *old, const struct wanted *new)
{
	for (size_t i = 0; i < new->n_bridges; i++) {
		struct wanted_bridge *br = new->bridges[i],
				     *was = wanted_find_bridge(old, br->name);

		if (br->unsupported.len > 0
			&& (was == NULL
				|| strcmp(str_cstr(&was->unsupported), str_cstr(&br->unsupported))
					!= 0))
			LOG_WARN("bridge %s: not supported and without effect: %s", br->name,
				str_cstr(&br->unsupported));
		for (size_t k = 0; k < br->n_ifaces; k++) {
			struct wanted_iface *iface = br->ifaces[k];
			struct wanted_iface *before = wanted_find_iface(was, iface->name);

			if (iface->unsupported.len > 0
				&& (before == NULL
					|| strcmp(str_cstr(&before->unsupported),
						   str_cstr(&iface->unsupported))
						!= 0))
				LOG_WARN("interface %s: not supported and without effect: %s",
					iface->name, str_cstr(&iface->unsupported));
		}
	}
}

void
config_run(struct config *config)
{
	struct wanted *new;
	struct plan plan;

	if (!config->dirty)
		return;
	config->dirty = false;
	new = wanted_create(config->env.db);
	eal_report_changes(&new->other_config);
	report_unsupported(config->wanted, new);
	apply_managers(config, new, false);
	apply_pmds(config, new);
	apply_statistics(config, new);
	plan_make(&plan, config->wanted, new, live_has_failed, &config->live);
	log_plan(&plan);
	live_apply(&config->live, &plan);
	plan_uninit(&plan);
	wanted_destroy(config->wanted);
	config->wanted = new;
	write_status(config, true, false);
}

static ROLE_MAIN void
run_hook(void *config)
{
	config_run(config);
}

static ROLE_MAIN void
on_run_timer(void *config_)
{
	struct config *config = config_;

	live_run(&config->live);
	if (config->wanted != NULL && live_check_controllers(&config->live, config->wanted))
		config->status_due = true;
	if (config->n_managers_failed > 0)
		apply_managers(config, config->wanted, true);
	/* What failed is tried again now and then: a device may have come. */
	if (config->live.n_failed > 0)
		config->dirty = true;
	else if (config->wanted != NULL)
		write_status(config, config->status_due, false);
	loop_timer_arm_ms(&config->run_timer, RUN_MS);
}

static ROLE_MAIN void
on_statistics_timer(void *config_)
{
	struct config *config = config_;

	if (config->wanted != NULL)
		write_status(config, false, true);
	loop_timer_arm_ms(&config->statistics_timer, config->statistics_ms);
}

static ROLE_MAIN void
on_wake(struct loop_work *work)
{
	struct config *config = CONTAINER_OF(work, struct config, wake_work);

	atomic_flag_clear(&config->wake_posted);
	if (config->wanted == NULL)
		return;
	live_run(&config->live);
	write_status(config, false, false);
}

/* From any thread. */
static void
wake(void *config_)
{
	struct config *config = config_;

	if (!atomic_flag_test_and_set(&config->wake_posted))
		loop_post(config->env.loop, &config->wake_work);
}

struct config *
config_create(const struct config_env *env)
{
	struct config *config = xzalloc(sizeof *config);
	struct live_env live_env = {
		.loop = env->loop,
		.pipeline = env->pipeline,
		.datapath = env->datapath,
		.drivers = wiring_drivers,
		.rundir = env->rundir,
		.wake = wake,
		.wake_aux = config,
	};

	config->env = *env;
	config->dirty = true;
	config->statistics_ms = STATISTICS_MS;
	config->wake_work.cb = on_wake;
	atomic_flag_clear(&config->wake_posted);
	live_init(&config->live, &live_env);
	ovsdb_db_set_observer(env->db, on_commit, config);
	loop_add_hook(env->loop, run_hook, config);
	loop_timer_init(&config->run_timer, env->loop, on_run_timer, config);
	loop_timer_init(&config->statistics_timer, env->loop, on_statistics_timer, config);
	loop_timer_arm_ms(&config->run_timer, RUN_MS);
	loop_timer_arm_ms(&config->statistics_timer, STATISTICS_MIN_MS);
	return config;
}

void
config_destroy(struct config *config)
{
	if (config == NULL)
		return;
	loop_timer_disarm(&config->run_timer);
	loop_timer_disarm(&config->statistics_timer);
	loop_remove_hook(config->env.loop, run_hook, config);
	ovsdb_db_set_observer(config->env.db, NULL, NULL);
	wanted_destroy(config->wanted);
	config->wanted = NULL;
	live_uninit(&config->live);
	/* Nobody wakes us any more; what was posted before is ours. */
	loop_run_posted(config->env.loop);
	for (size_t i = 0; i < config->n_remotes; i++)
		free(config->remotes[i]);
	free(config->remotes);
	free(config->pmd_words);
	free(config);
}

const struct live *
config_live(const struct config *config)
{
	return &config->live;
}
