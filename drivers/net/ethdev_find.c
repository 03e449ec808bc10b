/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and hot-plugging DPDK devices by their devargs.  Errors name the remedy, because "probe failed" helps nobody. */
#include "drivers/net/ethdev_find.h"

#include <ctype.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_ether.h>

#define LOG_THIS LOG_ethdev
#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

/* Returns: true if 'name' begins with a PCI address, with or without domain; '*bdf' is the length of it. */
static bool
is_pci_address(const char *name, size_t *len)
{
	unsigned int domain, bus, dev, fn;
	int n = 0;

	if (sscanf(name, "%4x:%2x:%2x.%1u%n", &domain, &bus, &dev, &fn, &n) != 4 || n == 0) {
		n = 0;
		if (sscanf(name, "%2x:%2x.%1u%n", &bus, &dev, &fn, &n) != 3 || n == 0)
			return false;
	}
	*len = (size_t)n;
	return name[n] == '\0' || name[n] == ',';
}

static int
find_by_mac(const char *text, uint16_t *port_id, struct err *err)
{
	struct rte_ether_addr wanted, mac;

	if (rte_ether_unformat_addr(text, &wanted) != 0) {
		err_set(err, "\"%s\" is not a MAC address", text);
		return -EINVAL;
	}
	for (uint64_t id = rte_eth_find_next(0); id < RTE_MAX_ETHPORTS;
		id = rte_eth_find_next((uint16_t)(id + 1))) {
		if (rte_eth_macaddr_get((uint16_t)id, &mac) == 0
			&& rte_is_same_ether_addr(&mac, &wanted)) {
			*port_id = (uint16_t)id;
			return 0;
		}
	}
	err_set(err,
		"no DPDK device has the MAC address %s: is it bound to vfio-pci? see dpdk-devbind.py --status",
		text);
	return -ENODEV;
}

/* Looks for a device that is there already.  Returns: whether it was found. */
static bool
find_existing(const char *devargs, uint16_t *port_id)
{
	char *name = xstrdup(devargs);
	bool found;

	name[strcspn(name, ",")] = '\0';
	found = strstr(devargs, "representor=") == NULL
		&& rte_eth_dev_get_port_by_name(name, port_id) == 0;
	if (!found) {
		struct rte_dev_iterator iter;
		uint16_t id;

		RTE_ETH_FOREACH_MATCHING_DEV(id, devargs, &iter)
		{
			rte_eth_iterator_cleanup(&iter);
			*port_id = id;
			found = true;
			break;
		}
	}
	free(name);
	return found;
}

static void
explain_pci(const char *name, size_t len, int error, struct err *err)
{
	char path[128], driver[256];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s%.*s", len < 12 ? "0000:" : "",
		(int)len, name);
	if (access(path, F_OK) != 0) {
		err_set(err,
			"device %.*s not found: no such PCI device on this machine; see dpdk-devbind.py --status",
			(int)len, name);
		return;
	}
	strncat(path, "/driver", sizeof(path) - strlen(path) - 1);
	n = readlink(path, driver, sizeof(driver) - 1);
	driver[n < 0 ? 0 : n] = '\0';
	slash = strrchr(driver, '/');
	err_set(err,
		"device %.*s cannot be used (%s): it is bound to %s; is it bound to vfio-pci? see dpdk-devbind.py "
		"--status",
		(int)len, name, strerror(error), slash != NULL ? slash + 1 : "no driver");
}

static void
explain(const char *devargs, int error, struct err *err)
{
	size_t len;

	if (is_pci_address(devargs, &len)) {
		explain_pci(devargs, len, error, err);
		return;
	}
	len = strcspn(devargs, ",");
	if (strncmp(devargs, "net_", 4) != 0 && strncmp(devargs, "eth_", 4) != 0) {
		err_set(err,
			"device %.*s not found: dpdk-devargs is a PCI address such as 0000:01:00.0, a virtual device "
			"such as net_tap0,iface=x, or class=eth,mac=...",
			(int)len, devargs);
		return;
	}
	/* Many drivers say -1 for anything; that is no errno. */
	err_set(err,
		"virtual device %.*s cannot be made%s%s; check the arguments in \"%s\"; the log may say more",
		(int)len, devargs, error > 1 ? ": " : "", error > 1 ? strerror(error) : "",
		devargs);
}

int
ethdev_find(const char *devargs, uint16_t *port_id, bool *plugged, struct err *err)
{
	static const char class_mac[] = "class=eth,mac=";
	int ret;

	*plugged = false;
	if (strncmp(devargs, class_mac, sizeof(class_mac) - 1) == 0)
		return find_by_mac(devargs + sizeof(class_mac) - 1, port_id, err);
	if (find_existing(devargs, port_id))
		return 0;
	ret = rte_dev_probe(devargs);
	if (ret != 0) {
		explain(devargs, ret < 0 ? -ret : EIO, err);
		return ret == -EEXIST || ret == -EINVAL ? ret : -ENXIO;
	}
	if (!find_existing(devargs, port_id)) {
		explain(devargs, ENODEV, err);
		return -ENXIO;
	}
	*plugged = true;
	LOG_INFO("plugged in %s as DPDK port %u", devargs, *port_id);
	return 0;
}

void
ethdev_unplug(uint16_t port_id)
{
	struct rte_eth_dev_info info;
	uint16_t sibling;

	if (rte_eth_dev_info_get(port_id, &info) != 0)
		return;
	RTE_ETH_FOREACH_DEV_OF(sibling, info.device)
	{
		if (sibling != port_id) {
			/* One PCI device, several ports: it goes with the last one. */
			rte_eth_dev_close(port_id);
			return;
		}
	}
	if (rte_dev_remove(info.device) != 0)
		LOG_WARN("cannot unplug DPDK port %u", port_id);
}

static int
count_frames(const char *path, uint32_t *n, struct err *err)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	pcap_t *pcap = pcap_open_offline(path, reason);
	uint64_t count = 0;

	if (pcap == NULL) {
		err_set(err, "cannot read the capture file %s", reason);
		return -EINVAL;
	}
	while (pcap_next_ex(pcap, &header, &data) == 1)
		count++;
	pcap_close(pcap);
	if (count > UINT32_MAX / 2) {
		err_set(err, "%s has too many frames for infinite_rx", path);
		return -E2BIG;
	}
	*n = (uint32_t)count;
	return 0;
}

int
ethdev_mbufs_kept(const char *devargs, uint32_t *n, struct err *err)
{
	char *copy, *save = NULL;
	bool infinite = false;
	uint32_t count;
	int ret = 0;

	*n = 0;
	if (strncmp(devargs, "net_pcap", 8) != 0 && strncmp(devargs, "eth_pcap", 8) != 0)
		return 0;
	copy = xstrdup(devargs);
	for (char *arg = strtok_r(copy, ",", &save); arg != NULL; arg = strtok_r(NULL, ",", &save))
		infinite |= strcmp(arg, "infinite_rx=1") == 0;
	memcpy(copy, devargs, strlen(devargs));
	save = NULL;
	for (char *arg = strtok_r(copy, ",", &save); infinite && arg != NULL && ret == 0;
		arg = strtok_r(NULL, ",", &save)) {
		if (strncmp(arg, "rx_pcap=", 8) != 0)
			continue;
		ret = count_frames(arg + 8, &count, err);
		if (ret == 0)
			*n += count;
	}
	free(copy);
	return ret;
}
