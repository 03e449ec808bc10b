/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: packet extraction against its naive twin, on a heap block of exactly the frame's size. */

#include <stdlib.h>
#include <string.h>

#include "../model/flow_extract_model.h"
#include "flow/extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flow key, want;
	struct packet_layout layout, want_layout;

	flow_extract(data, (uint32_t)size, 3, &key, &layout);
	model_extract(data, size, 3, &want, &want_layout);
	if (memcmp(&key, &want, sizeof key) != 0
		|| memcmp(&layout, &want_layout, sizeof layout) != 0)
		abort();
	return 0;
}
