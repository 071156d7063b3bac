"""What is true of an instance at rest, state by state: its row, and its guests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from minicloud.compute.drivers.guests import Simulated
from minicloud.db.models import Instance, Migration
from minicloud.instance_states import POWER_AT_REST, Power, VmState

if TYPE_CHECKING:
    from tests.simulation.workload import Ledger
    from tests.simulation.world import World

Guests = Mapping[tuple[str, str], Simulated]  # (host, uuid) -> the guest

_OFF = frozenset({VmState.STOPPED, VmState.SHELVED, VmState.SOFT_DELETED})
_GUEST_MAY_LACK = frozenset({VmState.ERROR, VmState.SOFT_DELETED})


def guests(world: "World") -> dict[tuple[str, str], Simulated]:
    from tests.simulation.world import AGENTS

    return {
        (host, uuid): guest
        for agent, store in world.stores.items()
        for host in AGENTS[agent]
        for uuid, guest in store.list(host).items()
    }


def faults_of_row(world: "World", row: Instance, told: "Ledger") -> Iterator[str]:
    """Nothing is under way, and nothing but a delay that is configured is waited for."""
    state = VmState(row.vm_state)
    if row.task_state is not None or state in (VmState.BUILDING, VmState.DELETED):
        yield "is not at rest"
    if row.action_id is not None or row.task_host is not None or row.deadline_at is not None:
        yield "has an action under way"
    waits = {VmState.SHELVED: world.offload_s, VmState.SOFT_DELETED: world.reclaim_s}.get(state, 0)
    if (row.due_at is not None) != (waits > 0):
        yield f"falls due at {row.due_at}"
    if (row.old_vm_state is not None) != (state is VmState.RESIZED):
        yield f"was {row.old_vm_state} before"
    away = state is VmState.SHELVED_OFFLOADED
    if (row.host is None) != away and state is not VmState.ERROR and row.uuid not in told.reset:
        yield "is on the wrong host"
    if state in (VmState.SHELVED, VmState.SHELVED_OFFLOADED) and row.shelved_image is None:
        yield "is shelved in no image"
    if (row.vcpus, row.memory_mb) != (row.flavor["vcpus"], row.flavor["memory_mb"]):
        yield "has claims of another flavor"


def faults_of_guests(
    row: Instance, move: Migration | None, found: Guests, told: "Ledger"
) -> Iterator[str]:
    """One guest on its host, as its state says; of what is resized another, off, on the old."""
    guest = found.get((row.host or "", row.uuid))
    state = VmState(row.vm_state)
    untouched = row.uuid not in told.tampered
    if move is not None and move.held_host not in told.lost_hosts | {None} and untouched:
        kept = found.get((move.held_host or "", row.uuid))
        if kept is None or kept.power != Power.SHUTDOWN:
            yield f"has {kept} on {move.held_host}, from where it was moved"
    if row.host is None or row.host in told.lost_hosts:
        return
    if guest is None:
        if state not in _GUEST_MAY_LACK and row.uuid not in told.tampered:
            yield "has no guest"
        return
    if state is not VmState.ERROR and row.power_state != guest.power:
        yield f"has power {row.power_state}, its guest {guest.power}"
    wanted = _power(row)
    if wanted is not None and guest.power != wanted and row.uuid not in told.tampered:
        yield f"has a guest in power {guest.power}"
    in_rescue = guest.rescue_image is not None
    if in_rescue != (state is VmState.RESCUED) and state in (VmState.RESCUED, VmState.ACTIVE):
        yield f"has a guest that is {'' if in_rescue else 'not '}in rescue"
    if any(label > row.generation for label in guest.marks.values()):
        yield f"is at {row.generation}, and its guest has {guest.marks}"


def _power(row: Instance) -> Power | None:
    state = VmState(row.vm_state)
    if state is VmState.RESIZED:
        return POWER_AT_REST[VmState(row.old_vm_state or VmState.ACTIVE)]
    if state in _OFF:
        return Power.SHUTDOWN
    return Power.RUNNING if state is VmState.RESCUED else POWER_AT_REST.get(state)


def strange_guests(
    there: Sequence[Instance], moves: Mapping[str, Migration], found: Guests, told: "Ledger"
) -> Iterator[str]:
    """Guests on hosts where nobody has or holds them."""
    own = {(row.host, row.uuid) for row in there}
    held = {(move.held_host, uuid) for uuid, move in moves.items()}
    for host, uuid in sorted(found):
        if host not in told.lost_hosts and (host, uuid) not in own | held:
            yield f"a guest of {uuid[:8]} is on {host}, where it has no row"
