/* SPDX-License-Identifier: Apache-2.0 */
/* Linux interfaces by ioctl: what tap.c and netdev.c both need.  ioctl rather than netlink because each question is about
 * one interface that is known by name. */
#include "drivers/net/linux_if.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_THIS LOG_netdev
#include "base/log.h"

static int
open_ctl(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int
linux_if_home_ctl(void)
{
	static int home = -1;

	if (home < 0)
		home = open_ctl();
	return home;
}

int
linux_if_open_ctl_at(int nsfd)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	if (home < 0)
		return -errno;
	if (setns(nsfd, CLONE_NEWNET) != 0) {
		fd = -errno;
	} else {
		fd = open_ctl();
		if (setns(home, CLONE_NEWNET) != 0)
			LOG_ERR("cannot return to the own network namespace: %s", strerror(errno));
	}
	close(home);
	return fd;
}

static void
init_request(struct ifreq *ifr, const char *name)
{
	memset(ifr, 0, sizeof(*ifr));
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
}

static int
request(int ctl, unsigned long op, struct ifreq *ifr)
{
	return ioctl(ctl, op, ifr) == 0 ? 0 : -errno;
}

int
linux_if_get(int ctl, const char *name, struct linux_if_info *info)
{
	struct ifreq ifr;
	int ret;

	memset(info, 0, sizeof(*info));
	init_request(&ifr, name);
	ret = request(ctl, SIOCGIFINDEX, &ifr);
	if (ret != 0)
		return ret;
	info->ifindex = ifr.ifr_ifindex;
	ret = request(ctl, SIOCGIFFLAGS, &ifr);
	if (ret != 0)
		return ret;
	info->flags = (unsigned short)ifr.ifr_flags;
	ret = request(ctl, SIOCGIFMTU, &ifr);
	if (ret != 0)
		return ret;
	info->mtu = ifr.ifr_mtu;
	ret = request(ctl, SIOCGIFHWADDR, &ifr);
	if (ret != 0)
		return ret;
	info->arp_type = ifr.ifr_hwaddr.sa_family;
	memcpy(&info->mac, ifr.ifr_hwaddr.sa_data, sizeof(info->mac));
	return 0;
}

int
linux_if_set_mtu(int ctl, const char *name, int mtu)
{
	struct ifreq ifr;

	init_request(&ifr, name);
	ifr.ifr_mtu = mtu;
	return request(ctl, SIOCSIFMTU, &ifr);
}

int
linux_if_set_mac(int ctl, const char *name, const struct ether_addr *mac)
{
	struct ifreq ifr;

	init_request(&ifr, name);
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, sizeof(*mac));
	return request(ctl, SIOCSIFHWADDR, &ifr);
}

int
linux_if_set_up(int ctl, const char *name, bool up)
{
	struct ifreq ifr;
	int ret;

	init_request(&ifr, name);
	ret = request(ctl, SIOCGIFFLAGS, &ifr);
	if (ret != 0)
		return ret;
	if (up)
		ifr.ifr_flags |= IFF_UP;
	else
		ifr.ifr_flags = (short)(ifr.ifr_flags & ~IFF_UP);
	return request(ctl, SIOCSIFFLAGS, &ifr);
}

void
linux_if_get_link(int ctl, const char *name, struct linux_if_link *link)
{
	struct ethtool_cmd cmd = { .cmd = ETHTOOL_GSET };
	struct ifreq ifr;
	uint32_t mbps;

	memset(link, 0, sizeof(*link));
	init_request(&ifr, name);
	ifr.ifr_data = (void *)&cmd;
	if (request(ctl, SIOCETHTOOL, &ifr) != 0)
		return;
	mbps = ethtool_cmd_speed(&cmd);
	if (mbps != 0 && mbps != (uint32_t)SPEED_UNKNOWN)
		link->speed_bps = (uint64_t)mbps * 1000000;
	link->full_duplex = cmd.duplex == DUPLEX_FULL;
}

void
linux_if_get_driver(int ctl, const char *name, struct smap *info)
{
	struct ethtool_drvinfo drv = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr;

	init_request(&ifr, name);
	ifr.ifr_data = (void *)&drv;
	if (request(ctl, SIOCETHTOOL, &ifr) != 0)
		return;
	smap_set(info, "driver_name", drv.driver);
	smap_set(info, "driver_version", drv.version);
	smap_set(info, "firmware_version", drv.fw_version);
}

uint64_t
linux_if_carrier_changes(const char *name)
{
	char path[96];
	uint64_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier_changes", name);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%" SCNu64, &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

bool
linux_if_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= IFNAMSIZ || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '/' || name[i] == ':' || name[i] == '%'
			|| isspace((unsigned char)name[i]))
			return false;
	}
	return true;
}
