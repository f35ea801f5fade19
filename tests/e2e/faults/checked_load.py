"""A load that knows the right answers: every byte of every answer is compared with the truth."""
import asyncio
import collections
import dataclasses
import re
import threading
import time

from processes import wait_until

ANSWER_SECONDS = 30  # a request without an answer for as long has failed
TIME_OF_ANSWER = re.compile(rb' pubdate="[^"]*"')  # the one thing that differs from answer to answer


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    location: bytes = b""


class Dropped(Exception):
    """The connection ended before a single byte of the answer came."""


class Wire:
    """One keep-alive connection."""

    def __init__(self, address):
        self.address = address
        self.reader = self.writer = None

    async def ask(self, target):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(*self.address, limit=1 << 20)
        try:
            self.writer.write(f"GET {target} HTTP/1.1\r\nHost: load\r\n\r\n".encode())
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            await self.close()
            if getattr(error, "partial", b""):
                raise
            raise Dropped from error
        return await self.read_rest(head)

    async def read_rest(self, head):
        lines = head.split(b"\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        body = await self.reader.readexactly(int(fields.get(b"content-length", 0)))
        if fields.get(b"connection", b"").lower() == b"close":
            await self.close()
        return Reply(int(lines[0].split()[1]), TIME_OF_ANSWER.sub(b"", body), fields.get(b"location", b""))

    async def close(self):
        if self.writer is not None:
            self.writer.close()
            try:
                await self.writer.wait_closed()
            except OSError:
                pass  # it had been reset
        self.reader = self.writer = None


def ask_all(address, targets):
    """What each target is answered now."""
    async def collect():
        wire = Wire(address)
        replies = {target: await asyncio.wait_for(wire.ask(target), ANSWER_SECONDS) for target in targets}
        await wire.close()
        return replies
    return asyncio.run(collect())


def truth_of(*replies):
    """The answers that are right: for every target one of those that `ask_all` gave."""
    return {target: [each[target] for each in replies] for target in replies[0]}


class CheckedLoad:
    """Keep-alive connections that ask every target of `truth` in turn until the context is left.

    failures    what went wrong, in words: a wrong answer, none in time, a connection that broke within an
                answer. Empty after a good test.
    dropped     connections that ended between two answers. Any server may end an idle connection, and the
                client has to ask again (RFC 9110, 9.2.2 and RFC 9112, 9.3.1): so does this one, once. A test
                in which no connection may end checks this too.
    times       how long each answer took, in seconds
    """

    def __init__(self, address, truth, connections=8):
        self.address = address
        self.truth = truth
        self.targets = list(truth)
        self.answers = [0] * connections
        self.seen = collections.Counter()  # (target, which of the right answers)
        self.failures = []
        self.dropped = 0
        self.times = []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self):
        await asyncio.gather(*(self._ask_in_turn(index) for index in range(len(self.answers))))

    async def _ask_in_turn(self, index):
        wire = Wire(self.address)
        turn = index
        while not self.ends.is_set() and len(self.failures) < 100:
            target = self.targets[turn % len(self.targets)]
            turn += 1
            started = time.monotonic()
            try:
                reply = await asyncio.wait_for(self._ask(wire, target), ANSWER_SECONDS)
                self._check(target, reply)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, Dropped, ValueError) as error:
                self.failures.append(f"{target}: {error!r}")
                await wire.close()
            self.times.append(time.monotonic() - started)
            self.answers[index] += 1
        await wire.close()

    async def _ask(self, wire, target):
        is_fresh = wire.writer is None
        try:
            return await wire.ask(target)
        except Dropped:
            if is_fresh:
                raise
            self.dropped += 1
            return await wire.ask(target)

    def _check(self, target, reply):
        right = self.truth[target]
        if reply in right:
            self.seen[target, right.index(reply)] += 1
        else:
            self.failures.append(f"{target}: wrong answer {reply.status} {reply.location!r} {reply.body[:300]!r}")

    def wait_for_more(self, answers=20):
        """Returns when every connection got that many more answers, or something failed."""
        wanted = [count + answers for count in self.answers]
        wait_until(lambda: self.failures or all(have >= want for have, want in zip(self.answers, wanted)),
                   f"{answers} more answers on every connection", seconds=ANSWER_SECONDS)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()
