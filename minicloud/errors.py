"""Every error of minicloud: few families, ignorant of HTTP; `api/faults.py` makes them statuses.

Facts go in `args`, so that an error can be rebuilt on the far side of an RPC.
"""


class MinicloudError(Exception):
    """An error with a text in Nova's words (`{0}` is the first fact) and a stable machine code."""

    text = "{0}"
    code = "ERROR"

    def __str__(self) -> str:
        return self.text.format(*self.args)


class BadRequest(MinicloudError):
    code = "BAD_REQUEST"


class Unauthorized(MinicloudError):
    text = "The request you have made requires authentication."
    code = "UNAUTHORIZED"


class Forbidden(MinicloudError):
    code = "FORBIDDEN"


class NotFound(MinicloudError):
    code = "NOT_FOUND"


class Conflict(MinicloudError):
    code = "CONFLICT"


class Unprocessable(MinicloudError):
    """Well formed, and at odds with what was said before (422)."""

    code = "UNPROCESSABLE"


class RateLimited(MinicloudError):
    """(which limit, in Nova's words; whole seconds after which the same request fits)"""

    text = "This request was rate-limited."
    code = "RATE_LIMITED"


class Gone(MinicloudError):
    text = "This resource is no longer available. No forwarding address is given."
    code = "GONE"


class Unsupported(MinicloudError):
    """Understood, but this cloud cannot do it (501)."""

    code = "NOT_IMPLEMENTED"


class Unavailable(MinicloudError):
    """Cannot be answered just now; the same request may succeed later (503)."""

    code = "UNAVAILABLE"
    retry_after_s: int | None = None  # when it is known how much later


class IdentityUnavailable(Unavailable):
    text = "The identity service cannot be reached just now. Please try again later."
    code = "IDENTITY_UNAVAILABLE"


class CannotStart(MinicloudError):
    """A program cannot start; its text is the one line that the operator reads."""

    code = "CANNOT_START"


# What a request names and is not there.


class ServerNotFound(NotFound):
    text = "Instance {0} could not be found."


class FlavorNotFound(NotFound):
    text = "Flavor {0} could not be found."


class ImageNotFound(NotFound):
    text = "Image {0} could not be found."


class ActionNotFound(NotFound):
    text = "Action for request_id {0} on instance {1} not found"


class MigrationNotFound(NotFound):
    """(id, instance uuid)"""

    text = "Migration {0} not found for instance {1}"


class HypervisorNotFound(NotFound):
    text = "Hypervisor with ID '{0}' could not be found."


class NetworkNotFound(NotFound):
    text = "Network {0} could not be found."


class ServiceNotFound(NotFound):
    text = "Service {0} could not be found."


class KeyPairNotFound(NotFound):
    """(name, user id)"""

    text = "Keypair {0} not found for user {1}"


class TagNotFound(NotFound):
    """(uuid, tag)"""

    text = "Server {0} has no tag '{1}'"


class BinaryNotFound(NotFound):
    """(binary, host)"""

    text = "Could not find binary {0} on host {1}."


class ComputeHostNotFound(NotFound):
    text = "Compute host {0} could not be found."


class AggregateNotFound(NotFound):
    text = "Aggregate {0} could not be found."


class ServerGroupNotFound(NotFound):
    text = "Instance group {0} could not be found."


class FlavorExists(Conflict):
    """("name" | "ID", value)"""

    text = "Flavor with {0} {1} already exists."


class FlavorAccessNotFound(NotFound):
    """(flavor id, project id)"""

    text = "Flavor access not found for {0} / {1} combination."


class FlavorAccessExists(Conflict):
    """(flavor id, project id)"""

    text = "Flavor access already exists for flavor {0} and project {1} combination."


class FlavorSpecNotFound(NotFound):
    """(flavor id, key)"""

    text = "Flavor {0} has no extra specs with key {1}."


class AggregateExists(Conflict):
    text = "Aggregate {0} already exists."


class KeyPairExists(Conflict):
    text = "Key pair '{0}' already exists."


class InvalidKeyPair(BadRequest):
    text = "Keypair data is invalid: {0}"


class ConsoleTokenNotFound(NotFound):
    text = "The console token is not known, or has expired: ask for a new address."


class ConsoleLogNotFound(NotFound):
    text = "Unable to get console: the log of instance {0} is not there"


# What a request asks and cannot be had now.


class InvalidState(Conflict):
    """(action, uuid, "vm_state" | "task_state", value)"""

    text = "Cannot '{0}' instance {1} while it is in {2} {3}"


class NeverActive(Conflict):
    text = "Cannot '{0}' instance {1} while it has never been active"


class InstanceNotReady(Conflict):
    text = "Instance {0} is not ready"


class InstanceLocked(Conflict):
    text = "Instance {0} is locked"


class InvalidMigrationState(BadRequest):
    """(migration id, uuid, status, what was asked)"""

    text = (
        "Migration {0} state of instance {1} is {2}. Cannot {3} while the migration is in this "
        "state."
    )


class UnshelveSpecifiedNotOffloaded(Conflict):
    """(vm_state, uuid)"""

    text = (
        "Instance {1} is {0}: an availability zone or a host can be chosen only for one that is "
        "shelved_offloaded."
    )


class PinnedElsewhere(Conflict):
    text = (
        "Cannot change pinned availability zone directly. "
        "Unpin first by setting pinned_availability_zone to null."
    )
    code = "PINNED_ELSEWHERE"


class ZoneOfNoHost(Conflict):
    """(zone that the server is in, zone that was asked for)"""

    text = (
        "Server can only be pinned to its current availability zone '{0}', "
        "but '{1}' was requested."
    )
    code = "NOT_IN_THIS_ZONE"


class SourceDown(Conflict):
    text = "The compute service of the host of instance {0} is unavailable at this time."


class ServiceStillUp(BadRequest):
    text = "Compute service of {0} is still in use."


class OverQuota(Forbidden):
    """There is no room for more of it, until something goes or a limit is raised."""

    code = "QUOTA_EXCEEDED"


class QuotaExceeded(OverQuota):
    """(names, asked, used, limits): each a text with the values joined by commas."""

    text = "Quota exceeded for {0}: Requested {1}, but already used {2} of {3} {0}"


class TooManyKeyPairs(OverQuota):
    text = "Quota exceeded, too many key pairs."


class TooManyServerGroups(OverQuota):
    text = "Quota exceeded, too many server groups."


class TooManyInGroup(OverQuota):
    text = "Quota exceeded, too many servers in group"


class TooMuchMetadata(Forbidden):
    """(limit,)"""

    text = "Maximum number of metadata items exceeds {0}"
    code = "QUOTA_EXCEEDED"


class IdempotencyKeyReused(Unprocessable):
    text = "Idempotency-Key '{0}' was used with another body."
    code = "IDEMPOTENCY_KEY_REUSED"


class ZeroDiskFlavor(Forbidden):
    text = "Only volume-backed servers are allowed for flavors with zero disk."
    code = "ZERO_DISK_FLAVOR"


class PolicyRefused(Forbidden):
    text = "Policy doesn't allow {0} to be performed."


# What goes wrong on the way to a host.


class NoValidHost(Conflict):
    """(reason,): Nova's sentence first, since tools look for it."""

    text = "No valid host was found. {0}"
    code = "NO_VALID_HOST"


class BuildFailed(MinicloudError):
    """A host could not build the guest; another may."""

    code = "BUILD_FAILED"


class HypervisorError(MinicloudError):
    """A hypervisor refused or failed an operation on a guest."""

    code = "HYPERVISOR_ERROR"


class RetriesExhausted(Conflict):
    code = "RETRIES_EXHAUSTED"


class NoSchedulerAnswered(MinicloudError):
    text = "No host was chosen for instance {0} in time: no scheduler answered"
    code = "NO_SCHEDULER"


class HostLost(MinicloudError):
    """(task,): no host is named, since its owner reads it."""

    text = "the host went down in the middle of {0}"
    code = "HOST_LOST"


class StaleEpoch(Conflict):
    """(host, epoch of the caller, epoch now): what it says or wants is of an earlier time."""

    text = "{0} is in epoch {2} now; what was said in epoch {1} no longer counts"
    code = "STALE_EPOCH"


class NameTaken(Conflict):
    """(member, who has it, the same as runtime.owner.Owner): a living program has this name."""

    text = "{0} is served by another program: {1}"
    code = "NAME_TAKEN"


class NameAlike(Conflict):
    """(member, the other): the database takes the one name for the other, as MariaDB does."""

    text = "{0} is for this database the same name as {1}, which is another service's"
    code = "NAME_ALIKE"


class DutyLost(Conflict):
    """(duty, token of the caller): another conductor has the duty now."""

    text = "the duty {0} has passed to another conductor; token {1} no longer counts"
    code = "DUTY_LOST"


class StoreDown(Unavailable):
    """(where, why): the store that keeps the service group cannot be reached."""

    text = "the service group at {0} cannot be reached: {1}"
    code = "SERVICE_GROUP_DOWN"


class StoreNotThere(CannotStart):
    """(where, why): of a program that needs it to start."""

    text = "the service group cannot be reached: {0}: {1}"


class GuestLost(MinicloudError):
    """(uuid, what is seen)"""

    text = "the guest of instance {0} is {1}"
    code = "GUEST_LOST"


class CallTimeout(Unavailable):
    """(method, topic, seconds): nobody answered an RPC in time; it may have run all the same."""

    text = "no answer to {0} from {1} within {2} s"
    code = "RPC_TIMEOUT"


class RemoteFault(MinicloudError):
    """(class, text): the far side of a call failed in a way that nobody foresaw."""

    text = "the service that was asked failed: {0}: {1}"
    code = "REMOTE_FAULT"


class LineDown(Unavailable):
    """(reason,): the message bus cannot be reached."""

    text = "the message bus cannot be reached: {0}"
    code = "RPC_DOWN"


class PeerTooOld(Unavailable):
    """(method, topic, version): who answered is of a release that does not know the method."""

    text = "{1} does not speak version {2} yet, and so knows no {0}"
    code = "RPC_TOO_OLD"


class SchemaMismatch(CannotStart):
    """(found, wanted)"""

    text = (
        "the database schema is at version {0}, this program needs {1}: "
        "run `minicloud-manage db sync`, or install the release that fits"
    )
