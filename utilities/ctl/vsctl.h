/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_VSCTL_H
#define CTL_VSCTL_H

/* vsctl: the configuration verbs: a transaction on a copy of the database, and how the tool sees bridges in it.
 *
 * Model    All commands of one call run on the copy; then the change goes to the server as a whole.  If the server's rows changed
 *          meanwhile everything is run again.
 *          The view (bridges, ports, interfaces by name; VLAN bridges as bridges) is built from the rows when it is needed and
 *          thrown away when they change.
 * Rules    V1 Rows that a command removes are deleted from the copy at once: a later command may use their names again.
 * Owner    struct vsctl owns all of it.
 * Threads  one. */

#include "base/list.h"
#include "base/shash.h"
#include "ctl.h"
#include "ovsdb/replica.h"

struct vs_bridge {
	char *name;
	struct ovsdb_row *row; /* Of the bridge, a VLAN bridge's parent's. */
	struct ovsdb_row *port_row; /* Of a VLAN bridge. */
	struct vs_bridge *parent; /* Of a VLAN bridge, else NULL. */
	int vlan; /* Likewise. */
	struct list ports; /* struct vs_port */
};

struct vs_port {
	struct list node; /* In the bridge's 'ports'. */
	struct ovsdb_row *row;
	struct vs_bridge *bridge;
	struct list ifaces; /* struct vs_iface */
};

struct vs_iface {
	struct list node; /* In the port's 'ifaces'. */
	struct ovsdb_row *row;
	struct vs_port *port;
};

/* A row that the commands call by "@name". */
struct vs_symbol {
	struct uuid uuid;
	bool is_created;
	bool is_root; /* Of a table whose rows live by themselves. */
	bool is_used; /* Something refers to it. */
};

struct vsctl {
	struct ctl *ctl;
	struct ovsdb_replica *replica;
	struct ovsdb_db *db;
	struct ovsdb_txn *txn;
	struct ovsdb_row *root; /* The row of Open_vSwitch. */
	bool is_valid; /* The view below. */
	struct shash bridges; /* struct vs_bridge */
	struct shash ports; /* struct vs_port */
	struct shash ifaces; /* struct vs_iface */
	struct shash symbols; /* struct vs_symbol */
	struct ovsdb_symtab symtab; /* Of 'symbols'. */
	bool must_wait; /* wait-until: not yet. */
};

/* The view. */
void view_build(struct vsctl *vs);
void view_drop(struct vsctl *vs);
int MUST_CHECK view_bridge(struct vsctl *vs, const char *name, bool must_exist,
	struct vs_bridge **brp, struct err *err);
/* A bridge that is not a VLAN bridge. */
int MUST_CHECK view_real_bridge(struct vsctl *vs, const char *name, bool must_exist,
	struct vs_bridge **brp, struct err *err);
int MUST_CHECK view_port(struct vsctl *vs, const char *name, bool must_exist,
	struct vs_port **portp, struct err *err);
int MUST_CHECK view_iface(struct vsctl *vs, const char *name, bool must_exist,
	struct vs_iface **ifacep, struct err *err);
/* Refuses a name that is taken, with 'what' in front of the reason. */
int MUST_CHECK view_check_free(
	struct vsctl *vs, const char *name, const char *what, struct err *err);
/* Keeps the view while a port comes or goes. */
void view_add_port(struct vsctl *vs, struct vs_bridge *br, struct ovsdb_row *row);
void view_del_port(struct vsctl *vs, struct vs_port *port);

/* The rows of 'table', in the order in which the stock tools show them.  Owner: the caller frees the array. */
struct ovsdb_row **vs_rows(const struct ovsdb_table *table, size_t *n);

/* Appends names, sorted, a line each, to the call's text, and as an array to what programs read. */
void vs_put_names(struct ctl_call *call, const char **names, size_t n);

/* Appends a text and a newline, and the text to what programs read. */
void vs_put_text(struct ctl_call *call, const char *text);

/* Names in the database (vsctl_name.c). */
int MUST_CHECK vs_find_table(
	struct vsctl *vs, const char *name, struct ovsdb_table **tablep, struct err *err);
int MUST_CHECK vs_find_column(const struct ovsdb_table_schema *schema, const char *name,
	const struct ovsdb_column **columnp, struct err *err);
int MUST_CHECK vs_find_row(struct vsctl *vs, struct ovsdb_table *table, const char *id,
	bool must_exist, struct ovsdb_row **rowp, struct err *err);

/* COLUMN[:KEY][OPERATOR VALUE] */
struct vs_expression {
	const struct ovsdb_column *column;
	char *key; /* Or NULL. */
	char *operator; /* Or NULL. */
	const char *value; /* After the operator, or NULL. */
};
int MUST_CHECK vs_parse_expression(const struct ovsdb_table_schema *schema, const char *text,
	bool with_operators, struct vs_expression *e, struct err *err);
void vs_expression_uninit(struct vs_expression *e);

/* Whether 'row' satisfies "COLUMN[:KEY]=VALUE" and the like. */
int MUST_CHECK vs_row_matches(struct vsctl *vs, const struct ovsdb_row *row, const char *text,
	bool *matches, struct err *err);

/* The row called "@name", creating it in 'symbols'.  Returns: 0, or -EINVAL for a bad name. */
int MUST_CHECK vs_symbol(struct vsctl *vs, const char *name, struct vs_symbol **symbolp,
	bool *is_new, struct err *err);

/* "COLUMN[:KEY]=VALUE" on 'row'. */
int MUST_CHECK vs_set_column(
	struct vsctl *vs, struct ovsdb_row *row, const char *text, struct err *err);

/* Fails if the column must not be changed in an old row. */
int MUST_CHECK vs_check_mutable(
	const struct ovsdb_row *row, const struct ovsdb_column *column, struct err *err);

/* Copies the text of 'from'.  Returns: -EINVAL. */
int vs_fail(struct err *err, const struct ovsdb_err *from);

#endif /* CTL_VSCTL_H */
