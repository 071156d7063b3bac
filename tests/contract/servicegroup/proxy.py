"""A way to a server that the test makes slow, or cuts."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from minicloud.runtime.ports import LOOPBACK, free_port

_PIECE = 64 * 1024
_Queue = asyncio.Queue[tuple[float, bytes] | None]


class Proxy:
    """Passes on what goes either way.

    `delay_s`: how long that takes, each way. `cut`: nothing passes, and nobody is told; what is
    under way arrives after `mend`. `refuse`: connections break, and there are no new ones.
    """

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.delay_s = 0.0
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._refuses = False
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        self._do(self._serve())

    def cut(self) -> None:
        self._call(self._open.clear)

    def refuse(self) -> None:
        self._refuses = True
        self._call(self._break)

    def mend(self) -> None:
        self._refuses = False
        self._call(self._open.set)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            self._break()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _call(self, work: Callable[[], object]) -> None:
        async def do() -> None:
            work()

        self._do(do())

    def _break(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._connected, LOOPBACK, self.port)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._open.wait()
            if self._refuses:
                return
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._to)
            self._writers.add(far_writer)
            try:
                there = self._begin(self._pass(reader, far_writer))
                back = self._begin(self._pass(far_reader, writer))
                await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
                there.cancel()
                back.cancel()
            finally:
                self._end(far_writer)
        except OSError:
            pass
        finally:
            self._end(writer)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        with suppress(OSError):
            writer.transport.abort()

    def _begin(self, work: Any) -> "asyncio.Task[None]":
        task: asyncio.Task[None] = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pieces are on their way side by side: a delay makes nothing narrower."""
        under_way: _Queue = asyncio.Queue()
        arriving = self._begin(self._arrive(under_way, writer))
        try:
            while piece := await reader.read(_PIECE):
                under_way.put_nowait((self._loop.time() + self.delay_s, piece))
            under_way.put_nowait(None)
            await arriving
        except OSError:
            pass
        finally:
            arriving.cancel()

    async def _arrive(self, under_way: _Queue, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while (item := await under_way.get()) is not None:
                due, piece = item
                await asyncio.sleep(due - self._loop.time())
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
