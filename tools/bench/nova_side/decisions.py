# mypy: ignore-errors
"""Where minicloud decides otherwise than Nova on purpose, each as a change to Nova.

A difference is one of these when Nova, changed by it, finds the same hosts; else it is a bug.
"""

import contextlib
import json
import operator

from nova import objects, weights
from nova.scheduler import filters, host_manager, manager
from nova.scheduler.filters import extra_specs_ops, image_props_filter, json_filter
from oslo_utils import versionutils


@contextlib.contextmanager
def _instead(owner, name, make):
    kept = vars(owner)[name]
    setattr(owner, name, make(getattr(owner, name)))
    try:
        yield
    finally:
        setattr(owner, name, kept)


def _or_false(old, *errors):
    def changed(*words):
        try:
            return old(*words)
        except errors:
            return False

    return changed


def a_filter_that_raises_refuses_the_host():
    return _instead(filters.BaseHostFilter, "_filter_one", lambda old: _or_false(old, Exception))


def a_lone_or_matches_nothing():
    return _instead(extra_specs_ops, "match", lambda old: _or_false(old, IndexError))


def a_text_is_no_number():
    """Under an operator of numbers it does not match, and the next value is tried."""
    return _instead(extra_specs_ops, "match", lambda old: _or_false(old, ValueError))


def not_is_one_answer():
    """True if one of its arguments is false, at any depth."""

    def changed(_self, args):
        return any(not each for each in args)

    with_it = {**json_filter.JsonFilter.commands, "not": changed}
    return _instead(json_filter.JsonFilter, "commands", lambda _old: with_it)


def what_has_no_order_is_in_none():
    """A text against a number in a query."""

    def make(old):
        def changed(self, args, op):
            safe = op if op is operator.contains else _or_false(op, TypeError)
            return old(self, args, safe)

        return changed

    return _instead(json_filter.JsonFilter, "_op_compare", make)


def a_query_may_look_into_cpu_info():
    """Which is a text in Nova, where dots into it raise."""

    def make(old):
        def changed(self, string, host_state):
            try:
                return old(self, string, host_state)
            except AttributeError:
                first, *rest = string[1:].split(".")
                value = json.loads(getattr(host_state, first)) if first == "cpu_info" else None
                for word in rest:
                    value = value.get(word) if isinstance(value, dict) else None
                return value

        return changed

    return _instead(json_filter.JsonFilter, "_parse_string", make)


def an_address_is_a_text():
    """A query compares it with texts, which Nova's kind of address equals none of."""

    def make(old):
        def changed(self, string, host_state):
            return (
                str(host_state.host_ip) if string == "$host_ip" else old(self, string, host_state)
            )

        return changed

    return _instead(json_filter.JsonFilter, "_parse_string", make)


def a_hypervisor_version_alone_is_looked_at():
    def make(old):
        def changed(self, host_state, image_props, version):
            wanted = image_props.get("img_hv_requested_version")
            if wanted and version:
                found = versionutils.convert_version_to_str(version)
                if not versionutils.VersionPredicate(wanted).satisfied_by(found):
                    return False
            return old(self, host_state, image_props, version)

        return changed

    return _instead(image_props_filter.ImagePropertiesFilter, "_instance_supported", make)


def what_was_chosen_counts_as_used_disk():
    """Nova takes it from the free disk only, until the host reports."""

    def make(old):
        def changed(self, spec):
            old(self, spec)
            self.disk_mb_used += (spec.root_gb + spec.ephemeral_gb) * 1024

        return changed

    return _instead(host_manager.HostState, "_locked_consume_from_request", make)


def what_was_chosen_counts_as_running_there():
    """Nova does so for members of groups only, until the host reports."""

    def make(old):
        def changed(state, spec, instance_uuid=None):
            old(state, spec, instance_uuid)
            state.instances.setdefault(instance_uuid, objects.Instance(uuid=instance_uuid))

        return staticmethod(changed)

    return _instead(manager.SchedulerManager, "_consume_selected_host", make)


def a_weigher_that_raises_refuses_the_host():
    """If it counts for any host."""

    def make(old):
        def changed(self, weighers, hosts, spec):
            asked = [w for w in weighers if any(w.weight_multiplier(host) for host in hosts)]
            if len(hosts) > 1:
                hosts = [host for host in hosts if _is_weighed(asked, host, spec)]
            return old(self, asked, hosts, spec)

        return changed

    return _instead(weights.BaseWeightHandler, "get_weighed_objects", make)


def _is_weighed(weighers, host, spec):
    try:
        for weigher in weighers:
            weigher._weigh_object(host, spec)
    except Exception:
        return False
    return True


_FUNCTIONS = (
    a_lone_or_matches_nothing,
    a_text_is_no_number,
    not_is_one_answer,
    a_hypervisor_version_alone_is_looked_at,
    what_has_no_order_is_in_none,
    a_query_may_look_into_cpu_info,
    an_address_is_a_text,
    what_was_chosen_counts_as_used_disk,
    what_was_chosen_counts_as_running_there,
    a_weigher_that_raises_refuses_the_host,
    a_filter_that_raises_refuses_the_host,
)
ALL = {each.__name__.replace("_", " "): each for each in _FUNCTIONS}
