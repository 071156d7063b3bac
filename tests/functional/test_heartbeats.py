"""What signs of life cost the database, over a conductor and five hundred agents."""

from pathlib import Path

from minicloud.conductor.service import Conductor
from minicloud.db import schema
from minicloud.db.engine import Database
from minicloud.rpc.compute import ComputeClient
from minicloud.rpc.conductor import HostReport
from minicloud.rpc.direct import DirectLine
from minicloud.rpc.scheduler import SchedulerClient
from minicloud.servicegroup.base import COMPUTE, CONDUCTOR
from minicloud.servicegroup.drivers.db import DbDriver
from minicloud.servicegroup.election import DutyElection
from tests.hand_clock import HandClock
from tests.options import defaults
from tests.statements import statements

AGENTS, REPORT_S, DOWN_S, FOR_S = 500, 5, 20, 10


def test_however_many_agents_report_a_conductor_writes_one_statement_a_second(
    tmp_path: Path,
) -> None:
    conf, clock, line = defaults(), HandClock(), DirectLine()
    books = Database(f"sqlite:///{tmp_path / 'books.sqlite'}", clock)
    schema.create(books)
    group = DbDriver(conf, books)
    election = DutyElection(books, "conductor-1", DOWN_S)
    conductor = Conductor(conf, books, group, SchedulerClient(line), ComputeClient(line), election)
    hosts = [f"host-{n}" for n in range(AGENTS)]
    group.join("conductor-1", CONDUCTOR)
    group.renew(hosts, COMPUTE)
    before = books.writes

    with statements(books) as said:
        for second in range(FOR_S):
            for host in hosts[second % REPORT_S :: REPORT_S]:
                conductor.report(host, [HostReport(host)], {})
            clock.sleep(0.9)
            group.beat()
            clock.sleep(0.1)
            group.beat()

    written = [one for one in said if not one.startswith("SELECT")]
    reports = FOR_S * AGENTS // REPORT_S
    assert all(one.startswith("UPDATE services ") for one in written)
    assert FOR_S / 2 < len(written) <= FOR_S
    assert books.writes - before == len(written)
    assert len(said) - len(written) <= 2 * reports  # what a report without news reads
    assert group.get_all(COMPUTE) == set(hosts)
    assert all(one.age_s <= REPORT_S + 1 for one in group.standings(COMPUTE).values() if one.age_s)
    books.dispose()
