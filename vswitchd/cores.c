/* SPDX-License-Identifier: Apache-2.0 */
/* cores: which CPUs poll.  Room: vswitchd. */

#include "cores.h"

#include <ctype.h>
#include <numa.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"

/* CPUs that the process was allowed at its start; EAL narrows the main thread later. */
static cpu_set_t allowed;

void
cores_init(void)
{
	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
		CPU_SET(0, &allowed);
}

static bool
is_usable(int cpu)
{
	return cpu < CPU_SETSIZE && CPU_ISSET(cpu, &allowed);
}

static int
digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

uint32_t
cores_parse_mask(const char *mask, uint16_t *cores, uint32_t max, struct err *err)
{
	size_t len;
	uint32_t n = 0;

	err_clear(err);
	if (strncmp(mask, "0x", 2) == 0 || strncmp(mask, "0X", 2) == 0)
		mask += 2;
	len = strlen(mask);
	for (size_t i = 0; i < len; i++) {
		int d = digit(mask[len - 1 - i]);

		if (d < 0) {
			err_set(err, "\"%s\" is not a hexadecimal mask of CPUs", mask);
			return 0;
		}
		for (int bit = 0; bit < 4; bit++) {
			int cpu = (int)i * 4 + bit;

			if ((d >> bit & 1) == 0)
				continue;
			if (!is_usable(cpu))
				err_set(err,
					"CPU %d is not there or not ours to use; the others of the mask are "
					"used",
					cpu);
			else if (n < max)
				cores[n++] = (uint16_t)cpu;
		}
	}
	if (n == 0 && len > 0)
		err_set(err, "mask %s has no CPU that can be used; the default is", mask);
	return n;
}

uint32_t
cores_default(uint16_t *cores, uint32_t max)
{
	int n_nodes = numa_available() >= 0 ? numa_max_node() + 1 : 1;
	uint32_t n = 0;

	for (int node = 0; node < n_nodes && n < max; node++) {
		for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
			if (is_usable(cpu) && (n_nodes == 1 || numa_node_of_cpu(cpu) == node)) {
				cores[n++] = (uint16_t)cpu;
				break;
			}
		}
	}
	return n;
}
