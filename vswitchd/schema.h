/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCHD_SCHEMA_H
#define VSWITCHD_SCHEMA_H

/* schema: the text of vswitch.ovsschema, embedded at build. */

extern const char schema_text[];

#endif /* VSWITCHD_SCHEMA_H */
