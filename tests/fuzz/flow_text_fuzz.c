/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of the text of rules: what can be read can be printed and sent, and what was printed
 * can be read again. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "openflow/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
number_of(void *aux, const char *name, uint32_t *ofp_port)
{
	(void)aux;
	*ofp_port = 7;
	return strcmp(name, "eth7") == 0;
}

static const char *
name_of(void *aux, uint32_t ofp_port)
{
	(void)aux;
	return ofp_port == 7 ? "eth7" : NULL;
}

static const struct format_ports ports = { .name = name_of, .number = number_of };

/* Actions that were printed must be read as the same. */
static void
check_again(const struct ofpacts *list)
{
	struct str once = STR_INIT, twice = STR_INIT;
	struct ofpacts back = OFPACTS_INIT;
	struct err err = ERR_INIT;

	of_actions_format(list, &ports, &once);
	if (of_actions_parse(str_cstr(&once), &ports, &back, &err) != 0)
		abort();
	of_actions_format(&back, &ports, &twice);
	if (strcmp(str_cstr(&once), str_cstr(&twice)) != 0)
		abort();
	ofpacts_uninit(&back);
	str_uninit(&once);
	str_uninit(&twice);
}

/* What can be encoded is accepted by our own decoder. */
static void
check_wire(const struct of_flow_mod *fm, enum of_version version, enum of_flow_format format)
{
	struct of_buf b = OF_BUF_INIT;
	struct of_flow_mod back;
	struct of_msg msg;

	if (of_flow_mod_is_encodable(fm, version, format)) {
		of_flow_mod_encode(fm, version, format, true, 1, &b);
		if (b.len <= UINT16_MAX) {
			if (of_msg_decode(b.data, b.len, &msg) != OFERROR_OK
				|| of_flow_mod_decode(&msg, true, &back) != OFERROR_OK)
				abort();
			if (!match_equal(&fm->match, &back.match))
				abort();
			of_flow_mod_uninit(&back);
		}
	}
	of_buf_uninit(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct of_flow_stats_request req;
	struct err err = ERR_INIT;
	struct of_packet_out po;
	struct of_flow_mod fm;
	uint8_t *packet;
	char *text;

	if (size == 0)
		return 0;
	text = xstrndup((const char *)data + 1, size - 1);
	if (of_flow_mod_parse(text, (enum of_flow_mod_command)(data[0] % N_OF_FLOW_COMMANDS),
		    &ports, &fm, &err)
		== 0) {
		struct str s = STR_INIT;

		of_flow_mod_format(&fm, &ports, &s);
		str_uninit(&s);
		check_again(&fm.actions);
		check_wire(&fm, OF_VERSION_10, OF_FLOW_FORMAT_STANDARD);
		check_wire(&fm, OF_VERSION_10, OF_FLOW_FORMAT_NXM);
		check_wire(&fm, OF_VERSION_13, OF_FLOW_FORMAT_STANDARD);
		of_flow_mod_uninit(&fm);
	} else if (err.text[0] == '\0') {
		abort();
	}
	if (of_packet_out_parse(text, &ports, &po, &packet, &err) == 0) {
		ofpacts_uninit(&po.actions);
		free(packet);
	}
	if (of_flow_stats_request_parse(text, data[0] % 2 != 0, &ports, &req, &err) != 0
		&& err.text[0] == '\0')
		abort();
	free(text);
	return 0;
}
