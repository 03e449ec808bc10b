/* SPDX-License-Identifier: Apache-2.0 */
/* reconnect: the state machine behind connections that come back.
 *
 * One timer drives it.  Its meaning follows from the state: end of the wait (BACKOFF), end of patience
 * with an attempt (CONNECTING), silence (ACTIVE), silence after a probe (IDLE). */

#include "ipc/reconnect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/fatal.h"
#define LOG_THIS LOG_stream
#include "base/log.h"
#include "base/loop.h"
#include "ipc/stream.h"

struct reconnect {
	struct loop *loop;
	const struct reconnect_ops *ops;
	void *aux;
	char *accepted_name; /* Instead of remotes, for an accepted stream. */
	char **remotes;
	size_t n_remotes;
	size_t current; /* Index of the remote tried now or last. */
	uint16_t default_port;

	enum reconnect_state state;
	struct loop_timer timer;
	struct stream *stream; /* While CONNECTING, else NULL. */
	int64_t min_backoff_ms;
	int64_t max_backoff_ms;
	int64_t backoff_ms; /* The current wait; 0 before the first failure. */
	int64_t probe_ms;
	int64_t activity_ms; /* When the peer was heard of last. */

	int64_t connected_ms; /* When the last connection was made, -1: never. */
	int64_t disconnected_ms; /* When the last one was lost, -1: never. */
	uint64_t n_connects;
	uint64_t n_attempts;
	int last_error;
	bool busy; /* give_up() runs the owner's callback. */
	bool destroyed; /* Free when no longer busy. */
};

const char *
reconnect_state_name(enum reconnect_state state)
{
	static const char *const names[N_RECONNECT_STATES] = {
		[RECONNECT_VOID] = "VOID",
		[RECONNECT_BACKOFF] = "BACKOFF",
		[RECONNECT_CONNECTING] = "CONNECTING",
		[RECONNECT_ACTIVE] = "ACTIVE",
		[RECONNECT_IDLE] = "IDLE",
	};

	return state < N_RECONNECT_STATES ? names[state] : "UNKNOWN";
}

static const char *
remote_name(const struct reconnect *r)
{
	if (r->accepted_name != NULL)
		return r->accepted_name;
	return r->n_remotes > 0 ? r->remotes[r->current] : "";
}

static bool
is_connected(const struct reconnect *r)
{
	return r->state == RECONNECT_ACTIVE || r->state == RECONNECT_IDLE;
}

/* Arms the timer for the silence that makes a probe due. */
static void
arm_probe(struct reconnect *r)
{
	if (r->probe_ms > 0)
		loop_timer_arm_at(&r->timer, r->activity_ms + r->probe_ms);
	else
		loop_timer_disarm(&r->timer);
}

static void
enter_active(struct reconnect *r)
{
	r->state = RECONNECT_ACTIVE;
	r->connected_ms = clock_ms();
	r->activity_ms = r->connected_ms;
	r->n_connects++;
	arm_probe(r);
}

/* Leaves an attempt or a connection, which ended with 'error', for the next wait. */
static void
enter_backoff(struct reconnect *r, int error)
{
	int64_t now = clock_ms();

	stream_destroy(r->stream);
	r->stream = NULL;
	r->last_error = error;
	if (is_connected(r)) {
		r->disconnected_ms = now;
		if (now - r->connected_ms >= r->backoff_ms)
			r->backoff_ms = 0;
	}
	if (r->n_remotes == 0) {
		r->state = RECONNECT_VOID;
		loop_timer_disarm(&r->timer);
		return;
	}
	r->current = (r->current + 1) % r->n_remotes;
	r->backoff_ms = MAX(r->backoff_ms * 2, r->min_backoff_ms);
	r->backoff_ms = MIN(r->backoff_ms, r->max_backoff_ms);
	r->state = RECONNECT_BACKOFF;
	loop_timer_arm_ms(&r->timer, r->backoff_ms);
}

/* The attempt ended with 'error'; 'text' says more, or is "". */
static void
attempt_failed(struct reconnect *r, int error, const char *text)
{
	LOG_INFO_RL("%s: connection attempt failed: %s", remote_name(r),
		text[0] != '\0' ? text : strerror(-error));
	enter_backoff(r, error);
}

/* The attempt's stream may have got somewhere. */
static void
attempt_run(void *aux)
{
	struct reconnect *r = aux;
	struct stream *stream = r->stream;
	int error = stream_connect(stream);

	if (error == -EAGAIN)
		return;
	if (error != 0) {
		attempt_failed(r, error, stream_error_text(stream));
		return;
	}
	LOG_DBG("%s: connected", remote_name(r));
	r->stream = NULL;
	enter_active(r);
	r->ops->connected(r->aux, stream);
}

static void
attempt_begin(struct reconnect *r)
{
	struct err err = ERR_INIT;
	const char *name = remote_name(r);
	size_t len = strlen(name);
	const char *text;
	int error;

	r->n_attempts++;
	r->state = RECONNECT_CONNECTING;
	loop_timer_arm_ms(&r->timer, MAX(r->backoff_ms, RECONNECT_MIN_BACKOFF_MS));
	error = stream_open(name, r->default_port, &r->stream, &err);
	if (error != 0) {
		/* The text names the remote already. */
		text = err.text;
		if (strncmp(text, name, len) == 0 && strncmp(text + len, ": ", 2) == 0)
			text += len + 2;
		attempt_failed(r, error, text);
		return;
	}
	error = stream_watch(r->stream, r->loop, attempt_run, r);
	if (error != 0)
		attempt_failed(r, error, "");
}

/* Gives up the owner's stream.  Returns: false if 'r' is gone. */
static bool
give_up(struct reconnect *r, int error, const char *why)
{
	enter_backoff(r, error);
	r->busy = true;
	r->ops->lost(r->aux, why);
	r->busy = false;
	if (r->destroyed) {
		free(r);
		return false;
	}
	return true;
}

static void
timer_fired(void *aux)
{
	struct reconnect *r = aux;

	switch (r->state) {
	case RECONNECT_BACKOFF: attempt_begin(r); break;
	case RECONNECT_CONNECTING: attempt_failed(r, -ETIMEDOUT, "timed out"); break;
	case RECONNECT_ACTIVE:
		/* Activity moves the due time, not the timer: that would cost per message. */
		if (clock_ms() < r->activity_ms + r->probe_ms) {
			arm_probe(r);
			break;
		}
		r->state = RECONNECT_IDLE;
		loop_timer_arm_ms(&r->timer, r->probe_ms);
		r->ops->probe(r->aux);
		break;
	case RECONNECT_IDLE:
		LOG_WARN_RL("%s: no answer to a probe within %lld ms, disconnecting",
			remote_name(r), (long long)r->probe_ms);
		(void)give_up(r, -ETIMEDOUT, "no answer to a probe");
		break;
	case RECONNECT_VOID:
	case N_RECONNECT_STATES: break;
	}
}

static struct reconnect *
create(struct loop *loop, const struct reconnect_ops *ops, void *aux)
{
	struct reconnect *r = xzalloc(sizeof *r);

	r->loop = loop;
	r->ops = ops;
	r->aux = aux;
	r->min_backoff_ms = RECONNECT_MIN_BACKOFF_MS;
	r->max_backoff_ms = RECONNECT_MAX_BACKOFF_MS;
	r->probe_ms = RECONNECT_PROBE_MS;
	r->connected_ms = -1;
	r->disconnected_ms = -1;
	loop_timer_init(&r->timer, loop, timer_fired, r);
	return r;
}

static int
add_remotes(struct reconnect *r, const char *remotes, struct err *err)
{
	char *copy = xstrdup(remotes);
	char *save = NULL;
	size_t alloc = 0;
	int error = 0;

	for (char *s = strtok_r(copy, ", ", &save); s != NULL; s = strtok_r(NULL, ", ", &save)) {
		if (!stream_name_is_active(s)) {
			err_set(err,
				"\"%s\" is not of the form unix:PATH, tcp:HOST:PORT or "
				"ssl:HOST:PORT",
				s);
			error = -EINVAL;
			break;
		}
		if (r->n_remotes == alloc)
			r->remotes = vec_grow(r->remotes, &alloc, sizeof *r->remotes);
		r->remotes[r->n_remotes++] = xstrdup(s);
	}
	free(copy);
	if (error == 0 && r->n_remotes == 0) {
		err_set(err, "no remote to connect to");
		error = -EINVAL;
	}
	return error;
}

int
reconnect_create(struct loop *loop, const char *remotes, uint16_t default_port,
	const struct reconnect_ops *ops, void *aux, struct reconnect **rp, struct err *err)
{
	struct reconnect *r = create(loop, ops, aux);
	int error = add_remotes(r, remotes, err);

	*rp = NULL;
	if (error != 0) {
		reconnect_destroy(r);
		return error;
	}
	r->default_port = default_port;
	r->state = RECONNECT_BACKOFF;
	loop_timer_arm_ms(&r->timer, 0);
	*rp = r;
	return 0;
}

struct reconnect *
reconnect_create_accepted(
	struct loop *loop, const char *name, const struct reconnect_ops *ops, void *aux)
{
	struct reconnect *r = create(loop, ops, aux);

	r->accepted_name = xstrdup(name);
	enter_active(r);
	return r;
}

void
reconnect_destroy(struct reconnect *r)
{
	if (r == NULL)
		return;
	loop_timer_disarm(&r->timer);
	stream_destroy(r->stream);
	for (size_t i = 0; i < r->n_remotes; i++)
		free(r->remotes[i]);
	free(r->remotes);
	free(r->accepted_name);
	r->destroyed = true;
	if (!r->busy)
		free(r);
}

void
reconnect_activity(struct reconnect *r)
{
	r->activity_ms = clock_ms();
	if (r->state == RECONNECT_IDLE) {
		r->state = RECONNECT_ACTIVE;
		arm_probe(r);
	}
}

void
reconnect_failed(struct reconnect *r, int error)
{
	if (is_connected(r))
		enter_backoff(r, error);
}

void
reconnect_force(struct reconnect *r)
{
	if (is_connected(r)) {
		if (!give_up(r, 0, "reconnecting by request"))
			return;
	} else if (r->state == RECONNECT_CONNECTING) {
		enter_backoff(r, 0);
	}
	if (r->n_remotes == 0)
		return;
	r->current = 0;
	r->backoff_ms = 0;
	r->state = RECONNECT_BACKOFF;
	loop_timer_arm_ms(&r->timer, 0);
}

void
reconnect_set_backoff(struct reconnect *r, int64_t min_ms, int64_t max_ms)
{
	r->min_backoff_ms = min_ms > 0 ? min_ms : RECONNECT_MIN_BACKOFF_MS;
	r->max_backoff_ms = max_ms > 0 ? max_ms : RECONNECT_MAX_BACKOFF_MS;
	r->min_backoff_ms = MIN(r->min_backoff_ms, r->max_backoff_ms);
	if (r->state == RECONNECT_BACKOFF && r->backoff_ms > r->max_backoff_ms) {
		r->backoff_ms = r->max_backoff_ms;
		loop_timer_arm_ms(&r->timer, r->backoff_ms);
	}
}

void
reconnect_set_probe(struct reconnect *r, int64_t probe_ms)
{
	r->probe_ms = MAX(probe_ms, 0);
	if (!is_connected(r))
		return;
	r->state = RECONNECT_ACTIVE;
	arm_probe(r);
}

static int64_t
seconds_since(int64_t ms)
{
	return ms < 0 ? -1 : (clock_ms() - ms) / 1000;
}

void
reconnect_get_status(const struct reconnect *r, struct reconnect_status *status)
{
	status->state = r->state;
	status->is_connected = is_connected(r);
	status->last_error = r->last_error;
	status->sec_since_connect = seconds_since(r->connected_ms);
	status->sec_since_disconnect = seconds_since(r->disconnected_ms);
	status->n_connects = r->n_connects;
	status->n_attempts = r->n_attempts;
	status->remote = remote_name(r);
}
