"""A conductor and a scheduler that answer what an API asks, and do nothing of their own accord."""

from oslo_config import cfg

from minicloud.conductor.service import Conductor
from minicloud.conf.servicegroup import down_time_s
from minicloud.db.engine import Database
from minicloud.rpc import conductor as conductor_rpc
from minicloud.rpc import scheduler as scheduler_rpc
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.line import Line
from minicloud.runtime import dice
from minicloud.scheduler.service import Scheduler
from minicloud.servicegroup.base import ServiceGroup
from minicloud.servicegroup.election import DutyElection


def serve(conf: cfg.ConfigOpts, database: Database, line: Line, group: ServiceGroup) -> Scheduler:
    compute = ComputeClient(line)
    scheduler = Scheduler(conf, database, group, compute, dice.new(1))
    asking = scheduler_rpc.SchedulerClient(line)
    election = DutyElection(database, "control", down_time_s(conf))
    conductor = Conductor(conf, database, group, asking, compute, election)
    asked = scheduler_rpc.SchedulerEndpoint(scheduler)
    line.serve(scheduler_rpc.TOPIC, scheduler_rpc.VERSION, "control", asked)
    told = conductor_rpc.ConductorEndpoint(conductor)
    line.serve(conductor_rpc.TOPIC, conductor_rpc.VERSION, "control", told)
    return scheduler
