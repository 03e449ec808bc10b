/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a port: finds the driver for a type, opens, and passes calls on to it.  What all ports have in common
 * (defaults of status and statistics) is filled in here, so that a driver writes only what it knows. */
#include "port/port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOG_THIS LOG_port
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "port/option.h"

static const char *
type_or_default(const char *type)
{
	return type == NULL || type[0] == '\0' ? "system" : type;
}

static const struct port_ops *
find_driver(const struct port_ops *const *drivers, const char *type)
{
	for (; *drivers != NULL; drivers++) {
		if (strcmp((*drivers)->type, type) == 0)
			return *drivers;
	}
	return NULL;
}

static void
explain_unknown_type(const struct port_ops *const *drivers, const char *type, struct err *err)
{
	struct str known = STR_INIT;

	for (; *drivers != NULL; drivers++)
		str_printf(&known, "%s%s", known.len > 0 ? ", " : "", (*drivers)->type);
	err_set(err, "no driver for ports of type \"%s\" (there is: %s)", type, str_cstr(&known));
	str_uninit(&known);
}

/* Logs what no driver reads, once for each change of the options. */
static void
check_options(struct port *port, const struct port_config *config)
{
	uint32_t hash = option_hash(config->options);

	if (hash == port->options_hash)
		return;
	port->options_hash = hash;
	option_warn_unknown(config, port->ops->options);
}

int
port_open(const struct port_ops *const *drivers, const struct port_config *config,
	struct port **portp, struct err *err)
{
	struct port_config normal = *config;
	const struct port_ops *ops;
	int ret;

	*portp = NULL;
	normal.type = type_or_default(config->type);
	ops = find_driver(drivers, normal.type);
	if (ops == NULL) {
		explain_unknown_type(drivers, normal.type, err);
		return -EAFNOSUPPORT;
	}
	if (config->name[0] == '\0' || strlen(config->name) >= PORT_NAME_SIZE) {
		err_set(err, "an interface name has 1 to %d characters", PORT_NAME_SIZE - 1);
		return -EINVAL;
	}
	ret = ops->open(&normal, portp, err);
	if (ret != 0) {
		*portp = NULL;
		return ret;
	}
	check_options(*portp, &normal);
	LOG_INFO("%s: opened by %s, %u rx and %u tx queues", (*portp)->name, ops->driver,
		(*portp)->n_rxq, (*portp)->n_txq);
	return 0;
}

void
port_close(struct port *port)
{
	if (port == NULL)
		return;
	LOG_INFO("%s: closing", port->name);
	port->ops->close(port);
}

int
port_reconfigure(struct port *port, const struct port_config *config, struct err *err)
{
	struct port_config normal = *config;

	normal.type = type_or_default(config->type);
	if (strcmp(normal.type, port->ops->type) != 0 || strcmp(normal.name, port->name) != 0)
		return -ERESTART;
	check_options(port, &normal);
	return port->ops->reconfigure(port, &normal, err);
}

void
port_run(struct port *port)
{
	if (port->ops->run != NULL)
		port->ops->run(port);
}

int
port_requeue(struct port *port, void *aux UNUSED)
{
	if (port->ops->requeue != NULL)
		port->ops->requeue(port);
	return 0;
}

int
port_set_admin(struct port *port, bool up, struct err *err)
{
	if (port->ops->set_admin == NULL) {
		err_set(err, "ports of type \"%s\" are always up", port->ops->type);
		return -EOPNOTSUPP;
	}
	return port->ops->set_admin(port, up, err);
}

void
port_get_status(struct port *port, struct port_status *status)
{
	struct smap info = status->info;

	memset(status, 0, sizeof(*status));
	status->info = info;
	status->mtu = port->mtu;
	status->admin_up = true;
	port->ops->get_status(port, status);
}

void
port_get_stats(struct port *port, struct port_stats *stats)
{
	struct smap extra = stats->extra;

	memset(stats, 0xff, sizeof(*stats));
	stats->extra = extra;
	port->ops->get_stats(port, stats);
}

void
port_init(struct port *port, const struct port_ops *ops, const struct port_config *config)
{
	memset(port, 0, sizeof(*port));
	port->ops = ops;
	snprintf(port->name, sizeof(port->name), "%s", config->name);
	port->dp_port = PORT_NONE;
	port->numa_node = -1;
	port->mtu = config->mtu_request > 0 ? (uint16_t)MIN(config->mtu_request, UINT16_MAX) : 1500;
	port->wake = config->wake;
	port->wake_aux = config->wake_aux;
}

void
port_wake(const struct port *port)
{
	if (port->wake != NULL)
		port->wake(port->wake_aux);
}
