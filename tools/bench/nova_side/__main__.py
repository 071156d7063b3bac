# mypy: ignore-errors
"""Nova's filters and weighers, asked over a pipe: a line of JSON in, a line of JSON out.

Runs by the interpreter of an environment that has the package nova, and imports nothing of ours:

    python3 -m venv X && X/bin/pip install nova
    python -m tools.bench.scheduler --nova X/bin/python

Everything that chooses is Nova's: HostState, RequestSpec, HostManager's filtering and weighing,
SchedulerManager's order and consumption. What placement does in Nova (zone, memory, processors,
disk) is a plain rule here. The only parts replaced are two look-ups of the cell of a host, which
ImagePropertiesWeigher asks the database for.
"""

import contextlib
import datetime
import itertools
import json
import logging
import os
import resource
import sys
import time

import decisions
from nova import context as nova_context
from nova import objects, servicegroup
from nova.conf import CONF
from nova.scheduler import filters, host_manager, manager, weights

_NOW = datetime.datetime.now(datetime.UTC)
_LONG_AGO = _NOW - datetime.timedelta(days=3650)
_CELL = "00000000-0000-0000-0000-00000000ce11"
_EPSILON = 1e-9


class Fleet:
    """Host states, and what chooses among them."""

    def __init__(self, told, filter_names, weigher_names):
        _set_options(told)
        self.aggregates = {int(n): _aggregate(int(n), m) for n, m in told["aggregates"].items()}
        self.states = [self._state(one) for one in told["hosts"]]
        self.by_name = {state.host: state for state in self.states}
        self.manager = manager.SchedulerManager.__new__(manager.SchedulerManager)
        self.manager.host_manager = _host_manager(filter_names, weigher_names)

    def candidates(self, ask):
        """What placement would answer with: the zone, and room."""
        if ask["force_hosts"]:
            return self.states
        return [state for state in self.states if _fits(state, ask)]

    def best(self, ask):
        """The hosts of the highest weight; the error that stopped the request."""
        found = self.manager.host_manager
        spec = self.spec(ask)
        try:
            left = list(found.get_filtered_hosts(self.candidates(ask), spec))
            weighed = found.get_weighed_hosts(left, spec)
        except Exception as error:
            return [], f"{type(error).__name__}: {error}"[:200]
        if not weighed:
            return [], None
        most = weighed[0].weight
        span = _EPSILON * max(1.0, abs(most))
        return sorted(one.obj.host for one in weighed if one.weight >= most - span), None

    def take(self, ask, host):
        state = self.by_name[host]
        self.manager._consume_selected_host(state, self.spec(ask), ask["uuid"])
        if ask["uuid"] in state.instances:  # the database would tell what its image is
            state.instances[ask["uuid"]] = _server(ask["uuid"], ask["image"])

    def spec(self, ask):
        group = ask["group"]
        only = ask["only_host"]
        return objects.RequestSpec(
            image=objects.ImageMeta(
                id=ask["image_id"], properties=objects.ImageMetaProps.from_dict(ask["image"])
            ),
            flavor=_flavor(ask["flavor"]),
            project_id=ask["project"],
            instance_uuid=ask["uuid"],
            num_instances=1,
            availability_zone=ask["zone"],
            ignore_hosts=ask["ignore_hosts"] or None,
            force_hosts=ask["force_hosts"] or None,
            force_nodes=None,
            requested_destination=objects.Destination(host=only, node=None) if only else None,
            scheduler_hints={name: list(values) for name, values in ask["hints"].items()},
            instance_group=self._group(group) if group else None,
            pci_requests=objects.InstancePCIRequests(requests=[]),
            numa_topology=None,
            requested_resources=[],
        )

    def _group(self, told):
        members = set(told["members"])
        hosts = [s.host for s in self.states if not members.isdisjoint(s.instances)]
        group = objects.InstanceGroup(
            uuid=_CELL,
            policy=told["policy"],
            policies=[told["policy"]],
            members=sorted(members),
            hosts=hosts,
        )
        group._rules = dict(told["rules"])
        return group

    def _state(self, one):
        state = host_manager.HostState(one["name"], one["name"], _CELL)
        servers = {uuid: _server(uuid, image) for uuid, image in one["servers"].items()}
        total = max(one["num_servers"], len(servers))
        other = _server(_CELL, {})
        others = {f"other-{n}": other for n in range(total - len(servers))}
        state.update(
            compute=_node(one, total),
            service={
                "disabled": not one["enabled"],
                "host": one["name"],
                "last_seen_up": _NOW if one["up"] else _LONG_AGO,
            },
            aggregates=[self.aggregates[n] for n in one["aggregates"]],
            inst_dict={**servers, **others},
        )
        return state


def _set_options(told):
    CONF.set_override("service_down_time", 10**7)  # those that are down were seen years ago
    CONF.set_override("cpu_weight_multiplier", 1.0, "filter_scheduler")
    for group, options in (("filter_scheduler", told["options"]), ("metrics", told["metrics"])):
        for name in list(_OVERRIDDEN.pop(group, ())):
            CONF.clear_override(name, group)
        for name, value in options.items():
            CONF.set_override(name, value, group)
        _OVERRIDDEN[group] = list(options)


_OVERRIDDEN = {}


def _host_manager(filter_names, weigher_names):
    found = host_manager.HostManager.__new__(host_manager.HostManager)
    found.filter_handler = filters.HostFilterHandler()
    known = {cls.__name__: cls for cls in filters.all_filters()}
    found.filter_cls_map, found.filter_obj_map = known, {}
    found.enabled_filters = found._choose_host_filters(filter_names)
    found.weight_handler = weights.HostWeightHandler()
    weighers = {cls.__name__: cls for cls in weights.all_weighers()}
    found.weighers = [weighers[name]() for name in weigher_names]
    return found


def _fits(state, ask):
    flavor = ask["flavor"]
    disk_mb = (flavor["root_gb"] + flavor["ephemeral_gb"]) * 1024 + flavor["swap_mb"]
    used_mb = state.total_usable_ram_mb - state.free_ram_mb
    return (
        (ask["zone"] is None or ask["zone"] == _zone(state))
        and used_mb + flavor["memory_mb"] <= state.total_usable_ram_mb * state.ram_allocation_ratio
        and state.vcpus_used + flavor["vcpus"] <= state.vcpus_total * state.cpu_allocation_ratio
        and disk_mb <= state.free_disk_mb
    )


def _zone(state):
    zones = (a.metadata.get("availability_zone") for a in state.aggregates)
    return next((zone for zone in zones if zone is not None), "nova")


def _aggregate(number, metadata):
    return objects.Aggregate(id=number, name=str(number), metadata=dict(metadata), hosts=[])


def _flavor(told):
    names = ("name", "vcpus", "memory_mb", "root_gb", "ephemeral_gb")
    return objects.Flavor(
        **{name: told[name] for name in names},
        swap=told["swap_mb"],
        flavorid=told["name"],
        extra_specs=dict(told["extra_specs"]),
    )


def _server(uuid, image):
    meta = {f"image_{name}": value for name, value in image.items()}
    return objects.Instance(uuid=uuid, system_metadata=meta, image_ref=None)


def _node(one, servers):
    kind, used = one["kind"], one["used"]
    now = _NOW.isoformat()
    metrics = [
        {"name": name, "value": value, "timestamp": now, "source": "bench"}
        for name, value in one["metrics"].items()
    ]
    triples = kind.get("supported_instances") or []
    return objects.ComputeNode(
        uuid=_CELL,
        host=one["name"],
        hypervisor_hostname=one["name"],
        vcpus=one["vcpus"],
        memory_mb=one["memory_mb"],
        local_gb=one["disk_gb"],
        vcpus_used=used["vcpus"],
        memory_mb_used=used["memory_mb"],
        local_gb_used=used["disk_gb"],
        free_ram_mb=one["memory_mb"] - used["memory_mb"],
        free_disk_gb=one["disk_gb"] - used["disk_gb"],
        disk_available_least=None,
        hypervisor_type=kind.get("hypervisor_type") or "",
        hypervisor_version=kind.get("hypervisor_version") or 0,
        cpu_info=json.dumps(kind["cpu_info"]) if kind.get("cpu_info") is not None else None,
        supported_hv_specs=[objects.HVSpec.from_list(list(each)) for each in triples],
        host_ip=one["ip"],
        numa_topology=None,
        pci_device_pools=None,
        metrics=json.dumps(metrics),
        stats={
            "num_instances": str(servers),
            "io_workload": str(one["num_io_ops"]),
            "failed_builds": str(one["failed_builds"]),
        },
        cpu_allocation_ratio=one["cpu_ratio"],
        ram_allocation_ratio=1.0,
        disk_allocation_ratio=1.0,
        updated_at=_NOW,
    )


class Side:
    """What may be asked."""

    def __init__(self):
        self._fleet = None

    def about(self):
        from nova import version

        return {
            "nova": version.version_string(),
            "python": sys.version.split()[0],
            "filters": sorted(cls.__name__ for cls in filters.all_filters()),
            "weighers": sorted(cls.__name__ for cls in weights.all_weighers()),
            "decisions": list(decisions.ALL),
        }

    def fleet(self, **told):
        """Keep this fleet."""
        self._fleet = Fleet(told["fleet"], told["filters"], told["weighers"])
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"hosts": len(self._fleet.states), "peak_mb": round(peak_kb / 1024)}

    def choose(self, asks):
        """For each: the equally best hosts, and the one taken, which is the first by name."""
        answers = []
        for ask in asks:
            best, error = self._fleet.best(ask)
            answers.append({"best": best, "error": error})
            if best:
                self._fleet.take(ask, best[0])
        return answers

    def explain(self, before, ask, best, **told):
        """The fewest decisions by which Nova would find these hosts the best; null: none do.

        `before`: pairs of an earlier request and the host taken for it.
        """
        for count in range(4):
            for names in itertools.combinations(decisions.ALL, count):
                with contextlib.ExitStack() as stack:
                    for name in names:
                        stack.enter_context(decisions.ALL[name]())
                    fleet = Fleet(told["fleet"], told["filters"], told["weighers"])
                    for earlier, host in before:
                        fleet.take(earlier, host)
                    if fleet.best(ask)[0] == best:
                        return list(names)
        return None

    def time(self, asks):
        """Seconds of processor time of each decision: what is narrowed by placement is not in."""
        took = []
        for ask in asks:
            spec, candidates = self._fleet.spec(ask), self._fleet.candidates(ask)
            began = time.process_time()
            hosts = self._fleet.manager._get_sorted_hosts(spec, candidates, 0)
            if hosts:
                self._fleet.manager._consume_selected_host(hosts[0], spec, ask["uuid"])
            took.append(time.process_time() - began)
        return took


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever Nova prints is no answer
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger().setLevel(logging.INFO)
    CONF([], project="nova", default_config_files=[], default_config_dirs=[])
    objects.register_all()
    servicegroup.API()
    objects.CellMapping.get_by_uuid = classmethod(lambda cls, context, uuid: uuid)
    nova_context.target_cell = lambda context, cell: contextlib.nullcontext(context)
    side = Side()
    for line in sys.stdin:
        told = json.loads(line)
        try:
            answer = {"answer": getattr(side, told.pop("do"))(**told)}
        except Exception as error:
            logging.getLogger().exception("failed")
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
