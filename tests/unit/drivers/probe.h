/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_PROBE_H
#define DRIVERS_PROBE_H

/* probe: opens the real drivers against real peers.
 *
 * Model    The program runs in a network namespace of its own and has a second one, the far side, held by a child
 *          process.  It needs root and ends with 77 (skipped) without.  The EAL runs without hugepages.
 * Threads  the main thread plays main; probe_forward_start() makes one that plays pmd. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/smap.h"
#include "check.h"
#include "port/port.h"

struct probe_frame {
	uint8_t data[65536];
	uint32_t len;
};

extern char probe_dir[64]; /* A directory for files and sockets. */
extern pid_t probe_far; /* The process that holds the far side's namespace. */

/* Opens a port; options are key, value, ..., NULL.  Returns: as port_open(). */
int probe_open(const char *type, const char *name, int mtu, struct port **, struct err *, ...);

/* The same configuration for reconfigure. */
int probe_reconfigure(struct port *, const char *type, int mtu, uint32_t n_txq, struct err *, ...);

/* Runs a shell command.  Returns: its exit status. */
int probe_shell(const char *fmt, ...) PRINTF_FORMAT(1, 2);

/* A frame of 'len' bytes with a recognisable content, Ethernet type 'type', mark 'mark'. */
void probe_fill(struct probe_frame *, uint32_t len, uint16_t type, uint8_t mark);

/* Sends a frame out of an interface, from here or from the far side. */
int probe_send(bool far, const char *ifname, const struct probe_frame *);

/* Opens a capture socket on an interface, here or on the far side.  Returns: a descriptor. */
int probe_capture(bool far, const char *ifname);

/* Waits until the capture has a frame that equals 'want'. */
bool probe_captured(int fd, const struct probe_frame *want);

/* Polls rx queue 0 of the port as a pmd does (through epoll if it has a descriptor) for a frame equal to 'want'. */
bool probe_received(struct port *, const struct probe_frame *want);

/* Sends a frame by tx queue 0.  Returns: how many were taken. */
uint16_t probe_transmit(struct port *, const struct probe_frame *);

/* Makes an mbuf of a frame. */
struct rte_mbuf *probe_mbuf(const struct probe_frame *);

/* Starts a thread that sends whatever 'a' receives to 'b' and the other way, on all queues, until stopped. */
void probe_forward_start(struct port *a, struct port *b);
void probe_forward_stop(void);
uint64_t probe_forward_largest(void); /* The largest frame seen since start. */

/* Runs port_run() and, when the generation moved, requeues.  Not while forwarding. */
void probe_run_port(struct port *);

/* Polls 'cond' for 'ms' milliseconds. */
#define PROBE_WAIT(COND, MS)                                             \
	__extension__({                                                  \
		bool held__ = (COND);                                    \
		for (int ms__ = 0; !held__ && ms__ < (MS); ms__ += 10) { \
			probe_pause();                                   \
			held__ = (COND);                                 \
		}                                                        \
		held__;                                                  \
	})

void probe_pause(void); /* 10 ms. */

/* Starts a program in the background.  Returns: its process id. */
pid_t probe_spawn(char *const argv[]);
void probe_kill(pid_t);

/* A status key, or "". */
void probe_status(struct port *, const char *key, char *value, size_t size);
struct port_stats probe_stats(struct port *);

/* The tests. */
void test_tap_carries_frames(void);
void test_tap_follows_a_move(void);
void test_tap_survives_deletion(void);
void test_tap_refuses_bad_names(void);
void test_netdev_refuses_what_is_not_there(void);
void test_netdev_carries_frames_and_tags(void);
void test_netdev_completes_checksums(void);
void test_netdev_resumes_when_device_is_back(void);
void test_netdev_takes_large_frames_apart(void);
void test_ethdev_explains_errors(void);
void test_ethdev_pcap_copies(void);
void test_ethdev_pcap_infinite(void);
void test_ethdev_changes_queues(void);
void test_vhost_explains_errors(void);
void test_vhost_forwards_both_roles(void);
void test_vhost_survives_kills(void);
void test_many_ports_share_what_memory_there_is(void);
void test_pools_are_given_back(void);

#endif /* DRIVERS_PROBE_H */
