"""The line over RabbitMQ, by oslo.messaging: the only module that knows it.

Native threads throughout. oslo.messaging acknowledges a message before its handler runs, so
handlers of casts set a flag and return, and whoever called asks again after a time-out.
"""

import logging
import threading
import warnings
from collections.abc import Mapping
from typing import Any

from kombu.exceptions import OperationalError
from oslo_config import cfg

from minicloud import errors
from minicloud.rpc.line import Address
from minicloud.runtime.within import OneAtATime

with warnings.catch_warnings():  # it imports eventlet, and never uses it: nothing is patched
    warnings.simplefilter("ignore")
    import oslo_messaging

LOG = logging.getLogger(__name__)
_OPENING_S = 1.0  # beyond the time-out of the first call
_CLOSING_S = 10.0
_SEND_RETRIES = 2  # then the caller hears LineDown and the work falls due by itself
# The second is what a process hears that has never reached the broker.
_NOT_SENT = (oslo_messaging.MessageDeliveryFailure, OperationalError)

_DEFAULTS = {
    # Queues that outlive a restart of the broker keep the messages that were in them.
    "amqp_durable_queues": True,
    # Be back soon after the broker is.
    "rabbit_retry_interval": 1,
    "rabbit_retry_backoff": 0,
    "rabbit_interval_max": 1,
    "kombu_reconnect_delay": 0.2,
    # A peer that is gone without a word is noticed within this.
    "heartbeat_timeout_threshold": 20,
    "heartbeat_rate": 4,
    # What is sent to a program that is stopped is lost for its caller until it times out: so many
    # at most, the rest is for the others of the topic.
    "rabbit_qos_prefetch_count": 2,
}


class BrokerLine:
    """`conf` must be cfg.CONF, or have oslo.messaging's ConfFixture: some options are global."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        oslo_messaging.set_transport_defaults("minicloud")
        try:
            self._transport = oslo_messaging.get_rpc_transport(
                conf, allowed_remote_exmods=["minicloud.errors"]
            )
        except (oslo_messaging.DriverLoadFailure, oslo_messaging.InvalidTransportURL) as error:
            raise errors.CannotStart(f"transport_url: {error}") from error
        _set_defaults(conf)
        self._clients: dict[Address, Any] = {}
        self._lock = threading.Lock()
        # oslo.messaging opens the queue for answers at the first call, and waits for the broker
        # without end, whatever the call's time-out is.
        self._opening: OneAtATime[Any] = OneAtATime()
        self._is_open = False

    def cast(self, to: Address, context: Mapping[str, Any], method: str, **arguments: Any) -> None:
        try:
            self._client(to).cast(dict(context), method, **arguments)
        except _NOT_SENT as error:
            raise errors.LineDown(str(error)) from error

    def call(
        self,
        to: Address,
        context: Mapping[str, Any],
        method: str,
        *,
        timeout_s: float | None = None,
        **arguments: Any,
    ) -> Any:
        client = self._client(to)
        seconds = timeout_s or self._conf.rpc.call_timeout_s
        try:
            return self._answered(client.prepare(timeout=seconds), context, method, arguments)
        except (oslo_messaging.MessagingTimeout, TimeoutError) as error:
            raise errors.CallTimeout(method, to.topic, seconds) from error
        except _NOT_SENT as error:
            raise errors.LineDown(str(error)) from error
        except oslo_messaging.UnsupportedVersion as error:  # within one process
            raise errors.PeerTooOld(method, to.topic, to.version) from error
        except oslo_messaging.RemoteError as error:
            if error.exc_type == "UnsupportedVersion":
                raise errors.PeerTooOld(method, to.topic, to.version) from error
            raise errors.RemoteFault(error.exc_type, error.value) from error

    def _answered(
        self, client: Any, context: Mapping[str, Any], method: str, arguments: Mapping[str, Any]
    ) -> Any:
        def work() -> Any:
            return client.call(dict(context), method, **arguments)

        if self._is_open:
            return work()
        answer = self._opening.run(work, client.timeout + _OPENING_S)
        self._is_open = True
        return answer

    def serve(self, topic: str, version: str, server: str, endpoint: object) -> "_Served":
        target = oslo_messaging.Target(topic=topic, server=server, version=version)
        answering = oslo_messaging.get_rpc_server(
            self._transport, target, [_Versioned(endpoint, version)], executor="threading"
        )
        # Registered by the line above, and read by the next one.
        self._conf.set_default("executor_thread_pool_size", self._conf.rpc.threads)
        answering.start()
        return _Served(answering)

    def close(self) -> None:
        """Leave it where the broker is away: threads that wait for it end with the process."""
        if self._opening.is_busy:
            return
        try:
            self._opening.run(self._transport.cleanup, _CLOSING_S)
        except TimeoutError:
            LOG.warning("the connections to the broker do not close; they are left as they are")

    def _client(self, to: Address) -> Any:
        with self._lock:
            client = self._clients.get(to)
            if client is None:
                target = oslo_messaging.Target(
                    topic=to.topic, version=to.version, server=to.server
                )
                client = self._clients[to] = oslo_messaging.get_rpc_client(
                    self._transport, target, retry=_SEND_RETRIES
                )
            return client


class _Served:
    def __init__(self, answering: Any) -> None:
        self._answering = answering

    def stop(self) -> None:
        self._answering.stop()
        self._answering.wait()


class _Versioned:
    """An endpoint as oslo.messaging wants it: with a `target` that tells its version.

    A refusal is an answer, and logged by whoever hears it; of all else that is raised the library
    logs a traceback.
    """

    def __init__(self, endpoint: object, version: str) -> None:
        self._endpoint = endpoint
        self.target = oslo_messaging.Target(version=version)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._endpoint, name)
        return oslo_messaging.expected_exceptions(errors.Conflict)(found)


def _set_defaults(conf: cfg.ConfigOpts) -> None:
    """Our choice for RabbitMQ where the operator made none; other drivers lack the group."""
    if "oslo_messaging_rabbit" in conf:
        for name, value in _DEFAULTS.items():
            conf.set_default(name, value, group="oslo_messaging_rabbit")
