"""A small load of keep-alive connections that checks every answer."""
import http.client
import threading

from processes import wait_until


class Load:
    """Threads that ask `targets` in turn until the context is left. `failures` then holds what went wrong."""

    def __init__(self, service, targets, connections=4):
        self.service = service
        self.targets = targets
        self.answers = [0] * connections
        self.failures = []
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(connections)]

    def _ask(self, index):
        try:
            with self.service.connect() as connection:
                while not self.ends.is_set():
                    target = self.targets[(self.answers[index] + index) % len(self.targets)]
                    answer = connection.ask(target)
                    if answer.status != 200 or not answer.urls:
                        self.failures.append(f"{target}: {answer.status} {answer.body[:200]!r}")
                    self.answers[index] += 1
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"connection {index}: {error!r}")

    def wait_for_more(self, answers=50):
        """Returns when every connection got that many more answers, or one failed."""
        wanted = [count + answers for count in self.answers]
        wait_until(lambda: self.failures or all(have >= want for have, want in zip(self.answers, wanted)),
                   f"{answers} more answers on every connection")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join()
