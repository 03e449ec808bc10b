/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_WIRING_H
#define VSWITCHD_WIRING_H

/* wiring: the const tables through which lower rooms call upper ones, and the array of drivers.
 * What exists is what stands here. */

#include "pipeline/pipeline.h"
#include "port/port_ops.h"

struct datapath;
struct live;

extern const struct port_ops *const wiring_drivers[]; /* NULL ended. */

/* Interface types that the drivers and the pipeline offer.  Returns: how many; at most 'max' are filled in. */
size_t wiring_iface_types(const char **types, size_t max);

/* Context of 'wiring_client_ops'. */
struct wiring_client {
	struct datapath *datapath;
	const struct live *live; /* NULL until there is one. */
};

extern const struct pipeline_client_ops wiring_client_ops;

#endif /* VSWITCHD_WIRING_H */
