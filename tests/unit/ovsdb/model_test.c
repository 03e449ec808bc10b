/* SPDX-License-Identifier: Apache-2.0 */
/* Random transactions on a database with a file, compared with tests/model/ovsdb_model.h.
 *
 * After each one the rows must be the model's, a monitor that only heard of changes must know them, and from time
 * to time they must come back from the file. */

#include <time.h>
#include <unistd.h>

#include "../../model/ovsdb_model.h"
#include "base/compiler.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "ovsdb/monitor.h"
#include "ovsdb_fixture.h"

#define N_TRANSACTIONS 2000
#define MAX_IDS 4000 /* Then a new run begins: the model's sets have so much room. */

static unsigned int next_id; /* Of the next row that is inserted. */

enum kind {
	ROOT,
	KID,
	ITEM,
	N_KINDS
};

static unsigned int
id_at(const struct model *m, enum kind kind, size_t slot)
{
	switch (kind) {
	case ROOT: return m->roots[slot % 4].id;
	case KID: return m->kids[slot].id;
	case ITEM: return m->items[slot];
	case N_KINDS: break;
	}
	return MODEL_NONE;
}

/* Mostly the id of a row of 'kind', sometimes that of anything that is or was. */
static unsigned int
some_id(const struct model *m, enum kind kind)
{
	size_t start = random_range(MODEL_MAX_ROWS);

	for (size_t i = 0; i < MODEL_MAX_ROWS && random_range(300) > 0; i++) {
		unsigned int id = id_at(m, kind, (start + i) % MODEL_MAX_ROWS);

		if (id != MODEL_NONE)
			return id;
	}
	return random_range(next_id) + 1;
}

static void
put_ref(struct str *ops, unsigned int id)
{
	str_printf(ops, "['uuid','00000000-0000-0000-0000-%012x']", id);
}

static void
put_where(struct str *ops, unsigned int id)
{
	str_puts(ops, "'where':[['_uuid','==',");
	put_ref(ops, id);
	str_puts(ops, "]]");
}

static void
insert_item(struct model *m, struct str *ops)
{
	size_t i = 0;

	while (i < MODEL_MAX_ROWS && m->items[i] != MODEL_NONE)
		i++;
	if (i == MODEL_MAX_ROWS)
		return;
	m->items[i] = next_id++;
	str_printf(ops,
		",{'op':'insert','table':'Item','uuid':'00000000-0000-0000-0000-%012x','row':{}}",
		m->items[i]);
}

static void
insert_kid(struct model *m, struct str *ops)
{
	struct model_kid kid;
	size_t i = 0;

	while (i < MODEL_MAX_ROWS && m->kids[i].id != MODEL_NONE)
		i++;
	if (i == MODEL_MAX_ROWS)
		return;
	kid.id = next_id++;
	kid.name = (int)random_range(9);
	kid.next = random_range(3) == 0 ? some_id(m, KID) : MODEL_NONE;
	kid.best = some_id(m, ITEM);
	m->kids[i] = kid;
	str_printf(ops,
		",{'op':'insert','table':'Kid','uuid':'00000000-0000-0000-0000-%012x',"
		"'row':{'name':'%d','best':",
		kid.id, kid.name);
	put_ref(ops, kid.best);
	if (kid.next != MODEL_NONE) {
		str_puts(ops, ",'next':");
		put_ref(ops, kid.next);
	}
	str_puts(ops, "}}");
	if (random_range(4) > 0) { /* Most kids get a parent at once. */
		struct model_root *root = &m->roots[random_range(2)];

		if (root->id == MODEL_NONE)
			return;
		root->kids[kid.id] = true;
		str_puts(ops, ",{'op':'mutate','table':'Root',");
		put_where(ops, root->id);
		str_puts(ops, ",'mutations':[['kids','insert',");
		put_ref(ops, kid.id);
		str_puts(ops, "]]}");
	}
}

static void
insert_root(struct model *m, struct str *ops)
{
	for (size_t i = 0; i < 4; i++) {
		if (m->roots[i].id != MODEL_NONE)
			continue;
		m->roots[i].id = next_id++;
		str_printf(ops,
			",{'op':'insert','table':'Root','uuid':'00000000-0000-0000-0000-%012x','row':{}}",
			m->roots[i].id);
		return;
	}
}

static void
change_root(struct model *m, struct str *ops)
{
	struct model_root *root = &m->roots[random_range(4)];
	bool weak = random_range(2) == 0, add = random_range(2) == 0;
	unsigned int id = some_id(m, KID);

	if (root->id == MODEL_NONE)
		return;
	(weak ? root->friends : root->kids)[id] = add;
	str_puts(ops, ",{'op':'mutate','table':'Root',");
	put_where(ops, root->id);
	str_printf(ops, ",'mutations':[['%s','%s',", weak ? "friends" : "kids",
		add ? "insert" : "delete");
	put_ref(ops, id);
	str_puts(ops, "]]}");
}

static void
empty_root(struct model *m, struct str *ops)
{
	struct model_root *root = &m->roots[random_range(4)];

	if (root->id == MODEL_NONE)
		return;
	memset(root->kids, 0, sizeof root->kids);
	str_puts(ops, ",{'op':'update','table':'Root',");
	put_where(ops, root->id);
	str_puts(ops, ",'row':{'kids':['set',[]]}}");
}

static void
change_kid(struct model *m, struct str *ops)
{
	struct model_kid *kid = &m->kids[random_range(MODEL_MAX_ROWS)];
	bool is_best = random_range(2) == 0;
	unsigned int id = some_id(m, is_best ? ITEM : KID);

	if (kid->id == MODEL_NONE)
		return;
	str_puts(ops, ",{'op':'update','table':'Kid',");
	put_where(ops, kid->id);
	if (is_best) {
		kid->best = id;
		str_puts(ops, ",'row':{'best':");
		put_ref(ops, id);
	} else if (random_range(2) == 0) {
		kid->next = id;
		str_puts(ops, ",'row':{'next':");
		put_ref(ops, id);
	} else {
		kid->next = MODEL_NONE;
		str_puts(ops, ",'row':{'next':['set',[]]");
	}
	str_puts(ops, "}}");
}

static void
delete_row(struct model *m, struct str *ops)
{
	static const char *const tables[] = { "Root", "Kid", "Item" };
	uint32_t table = random_range(N_KINDS);
	unsigned int id = some_id(m, (enum kind)table);

	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		if (table == 0 && i < 4 && m->roots[i].id == id)
			memset(&m->roots[i], 0, sizeof m->roots[i]);
		if (table == 1 && m->kids[i].id == id)
			memset(&m->kids[i], 0, sizeof m->kids[i]);
		if (table == 2 && m->items[i] == id)
			m->items[i] = MODEL_NONE;
	}
	str_printf(ops, ",{'op':'delete','table':'%s',", tables[table]);
	put_where(ops, id);
	str_puts(ops, "}");
}

static void (*const changes[])(struct model *, struct str *) = {
	insert_item,
	insert_item,
	insert_kid,
	insert_kid,
	insert_kid,
	insert_root,
	change_root,
	change_root,
	change_kid,
	change_kid,
	empty_root,
	delete_row,
	delete_row,
};

static struct uuid
to_uuid(unsigned int id)
{
	return (struct uuid){ { 0, 0, 0, id } };
}

static bool
set_equal(const struct ovsdb_datum *datum, const bool *wanted)
{
	unsigned int n = 0;

	for (unsigned int id = 1; id < 4096; id++) {
		union ovsdb_atom atom;

		if (!wanted[id])
			continue;
		atom.uuid = to_uuid(id);
		n++;
		if (ovsdb_datum_find(datum, &atom, OVSDB_ATOM_UUID) < 0)
			return false;
	}
	return n == datum->n;
}

static bool
kids_equal(struct ovsdb_db *db, const struct model *m)
{
	struct ovsdb_table *table = ovsdb_db_table(db, "Kid");
	size_t n = 0;

	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		const struct model_kid *kid = &m->kids[i];
		struct uuid uuid = to_uuid(kid->id), next = to_uuid(kid->next),
			    best = to_uuid(kid->best);
		const struct ovsdb_row *row = ovsdb_table_lookup(table, &uuid);
		const struct ovsdb_datum *field;
		char name[16];

		if (kid->id == MODEL_NONE)
			continue;
		n++;
		snprintf(name, sizeof name, "%d", kid->name);
		if (row == NULL || ovsdb_table_find_string(table, "name", name) != row)
			return false;
		field = ovsdb_row_get(row, "next", NULL);
		if (field->n != (kid->next != MODEL_NONE)
			|| (field->n > 0 && !uuid_equal(&field->keys[0].uuid, &next)))
			return false;
		if (!uuid_equal(&ovsdb_row_get(row, "best", NULL)->keys[0].uuid, &best))
			return false;
	}
	return n == ovsdb_table_count(table);
}

static bool
states_equal(struct ovsdb_db *db, const struct model *m)
{
	size_t n_roots = 0, n_items = 0;

	for (size_t i = 0; i < 4; i++) {
		struct uuid uuid = to_uuid(m->roots[i].id);
		const struct ovsdb_row *row = ovsdb_db_row(db, "Root", &uuid);

		if (m->roots[i].id == MODEL_NONE)
			continue;
		n_roots++;
		if (row == NULL || !set_equal(ovsdb_row_get(row, "kids", NULL), m->roots[i].kids)
			|| !set_equal(ovsdb_row_get(row, "friends", NULL), m->roots[i].friends))
			return false;
	}
	for (size_t i = 0; i < MODEL_MAX_ROWS; i++) {
		struct uuid uuid = to_uuid(m->items[i]);

		if (m->items[i] != MODEL_NONE && ovsdb_db_row(db, "Item", &uuid) == NULL)
			return false;
		n_items += m->items[i] != MODEL_NONE;
	}
	return n_roots == ovsdb_table_count(ovsdb_db_table(db, "Root"))
		&& n_items == ovsdb_table_count(ovsdb_db_table(db, "Item")) && kids_equal(db, m);
}

/* Applies an update notification to what a client knows. */
static void
apply_update(void *mirror, const char *method UNUSED, json_t *params)
{
	const char *table, *uuid;
	json_t *rows, *row;

	json_object_foreach(json_array_get(params, 1), table, rows)
	{
		json_t *known = json_object_get(mirror, table);

		if (known == NULL) {
			known = json_object();
			json_object_set_new(mirror, table, known);
		}
		json_object_foreach(rows, uuid, row)
		{
			json_t *new = json_object_get(row, "new");

			if (new != NULL)
				json_object_set_new(known, uuid, json_pack("{sO}", "new", new));
			else
				json_object_del(known, uuid);
		}
		if (json_object_size(known) == 0)
			json_object_del(mirror, table);
	}
	json_decref(params);
}

static char dir[] = "/tmp/ovsdb-model-XXXXXX";
static char path[64];

static struct ovsdb_db *
open_file(void)
{
	char *schema = fixture_quote(FIXTURE_SCHEMA);
	struct err err = ERR_INIT;
	struct ovsdb_db *db;

	if (ovsdb_db_open(path, schema, &db, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	free(schema);
	return db;
}

/* One database with its model. */
struct pair {
	struct ovsdb_db *db;
	struct model model;
	struct ovsdb_monitor *monitor;
	json_t *mirror;
	unsigned int n_ok, n_failed;
};

static void
watch(struct pair *p)
{
	json_t *requests = fixture_json("{'Root':{},'Kid':{},'Item':{}}"), *id = json_integer(1);
	json_t *initial;

	p->mirror = json_object();
	if (ovsdb_monitor_create(p->db, OVSDB_MONITOR_V1, id, requests, apply_update, p->mirror,
		    &p->monitor, NULL)
		!= 0)
		abort();
	initial = ovsdb_monitor_initial(p->monitor);
	json_object_update(p->mirror, initial);
	json_decref(initial);
	json_decref(requests);
	json_decref(id);
}

static void
unwatch(struct pair *p)
{
	ovsdb_monitor_destroy(p->monitor);
	json_decref(p->mirror);
}

/* Does one random transaction to both.  Returns: whether they agree. */
static bool
step(struct pair *p)
{
	static struct model after;
	struct str ops = STR_INIT;
	uint32_t n = random_range(5) + 1;
	bool should_commit, did_commit, agree;
	json_t *initial;

	after = p->model;
	str_puts(&ops, "{'op':'comment','comment':'x'}");
	for (uint32_t i = 0; i < n; i++)
		changes[random_range(ARRAY_SIZE(changes))](&after, &ops);
	if (random_range(20) == 0) {
		str_puts(&ops, ",{'op':'abort'}");
		should_commit = false;
	} else {
		should_commit = model_commit(&after, &p->model);
	}
	did_commit = strcmp(fixture_try(p->db, str_cstr(&ops)), "ok") == 0;
	if (should_commit)
		p->model = after;
	p->n_ok += did_commit;
	p->n_failed += !did_commit;
	initial = ovsdb_monitor_initial(p->monitor);
	agree = should_commit == did_commit && states_equal(p->db, &p->model)
		&& json_equal(initial, p->mirror);
	if (!agree)
		fprintf(stderr, "model %s, database %s: %s\n",
			should_commit ? "commits" : "refuses", did_commit ? "commits" : "refuses",
			str_cstr(&ops));
	json_decref(initial);
	str_uninit(&ops);
	return agree;
}

static void
test_model_agrees_with_the_database(void)
{
	static struct pair p;
	bool agree = true;

	for (int i = 0; i < N_TRANSACTIONS && agree; i++) {
		if (i == 0 || next_id > MAX_IDS) {
			if (p.db != NULL) {
				unwatch(&p);
				ovsdb_db_destroy(p.db);
			}
			unlink(path);
			next_id = 1;
			memset(&p.model, 0, sizeof p.model);
			p.db = open_file();
			watch(&p);
		} else if (i % 100 == 0) {
			unwatch(&p);
			if (i % 300 == 0)
				CU_ASSERT_EQUAL(ovsdb_db_compact(p.db, NULL), 0);
			ovsdb_db_destroy(p.db);
			p.db = open_file();
			CU_ASSERT(states_equal(p.db, &p.model));
			watch(&p);
		}
		agree = step(&p);
	}
	CU_ASSERT(agree);
	CU_ASSERT(p.n_ok > N_TRANSACTIONS / 10); /* Else it says little. */
	CU_ASSERT(p.n_failed > N_TRANSACTIONS / 10);
	unwatch(&p);
	ovsdb_db_destroy(p.db);
}

int
main(int argc, char *argv[])
{
	static const struct check_case cases[] = {
		CHECK_CASE(test_model_agrees_with_the_database),
	};
	uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : (uint32_t)time(NULL);
	char *cmd;
	int failed;

	role_enter(&role_main);
	printf("seed %u\n", seed);
	random_seed(seed);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/db", dir);
	failed = check_run("ovsdb/model", cases, ARRAY_SIZE(cases));
	cmd = xasprintf("rm -rf %s", dir);
	failed |= system(cmd) != 0;
	free(cmd);
	return failed;
}
