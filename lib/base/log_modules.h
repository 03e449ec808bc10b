/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_MODULES_H
#define BASE_LOG_MODULES_H

/* log_modules: the one list of names under which lines are logged.
 *
 * Threads  none. */

#define LOG_MODULES(X) \
	X(main)        \
	X(eal)         \
	X(config)      \
	X(status)      \
	X(loop)        \
	X(stream)      \
	X(jsonrpc)     \
	X(unixctl)     \
	X(ovsdb)       \
	X(journal)     \
	X(schema)      \
	X(monitor)     \
	X(port)        \
	X(ethdev)      \
	X(vhost)       \
	X(tap)         \
	X(netdev)      \
	X(sim)         \
	X(flow)        \
	X(openflow)    \
	X(action)      \
	X(classifier)  \
	X(datapath)    \
	X(pmd)         \
	X(sched)       \
	X(cache)       \
	X(megaflow)    \
	X(miss)        \
	X(pipeline)    \
	X(translate)   \
	X(normal)      \
	X(mac_table)   \
	X(judge)       \
	X(trace)       \
	X(ofconn)      \
	X(bridge)      \
	X(ctl)         \
	X(stats)       \
	X(rcu)         \
	X(log)

#endif /* BASE_LOG_MODULES_H */
