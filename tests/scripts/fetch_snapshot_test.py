"""deploy/fetch-snapshot puts a good snapshot in place and leaves the old one alone otherwise. mirrorlist_server, which
verifies, is played by a script; the machine that builds, by a server of the test's own."""
import email.utils
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FETCH = ROOT / "deploy" / "fetch-snapshot"
HEADER_BYTES = 56
OLD = b"MIRRORWY old".ljust(HEADER_BYTES) + b"o" * 5000
NEW = b"MIRRORWY new".ljust(HEADER_BYTES) + b"n" * 6000
DAMAGED = NEW[:-1] + b"!"
NOW = int(time.time())


class Source(http.server.ThreadingHTTPServer):
    """Serves `body`, published at `published` (Unix seconds); `answer` is what it does with a request instead."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = NEW
        self.published = NOW - 100
        self.statuses = []
        self.answer = Handler.answer
        self.url = "http://127.0.0.1:%d/mirrorlist.snapshot" % self.server_address[1]
        self.ends = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.answer(self)

    def answer(self):
        published = email.utils.formatdate(self.server.published, usegmt=True)
        if self.headers["If-Modified-Since"] == published:
            self.head(304, {})
            return
        self.head(200, {"Last-Modified": published, "Content-Length": len(self.server.body)})
        self.wfile.write(self.server.body)

    def head(self, status, headers):
        self.server.statuses.append(status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def log_message(self, *_):
        pass


def head_only(**headers):
    """An answer of 200 with these headers, and the snapshot."""
    def answer(handler):
        handler.head(200, {name.replace("_", "-"): value for name, value in headers.items()})
        handler.wfile.write(handler.server.body)
    return answer


def say_nothing(handler):
    handler.server.ends.wait()


PUBLISHED = email.utils.formatdate(NOW - 100, usegmt=True)

# what is wrong, what the source does, options, what must be said
REFUSED = [
    ("an error", lambda handler: handler.head(503, {}), [], "503"),
    ("a redirect", lambda handler: handler.head(302, {"Location": "/other"}), [], "status 302"),
    ("no time", head_only(Content_Length=len(NEW)), [], "when it was published"),
    ("empty", lambda handler: handler.head(200, {"Content-Length": 0, "Last-Modified": PUBLISHED}), [], "refused: no snapshot"),
    ("cut off", head_only(Content_Length=len(NEW) + 1, Last_Modified=PUBLISHED), [], "bytes remaining"),
    ("too long", head_only(Content_Length=len(NEW), Last_Modified=PUBLISHED), ["--max-bytes", "2000"], "exceeded"),
    ("too long, which is not said", head_only(Last_Modified=PUBLISHED), ["--max-bytes", "2000"], "more than 2000 bytes"),
    ("nothing comes", say_nothing, ["--max-time", "1"], "timed out"),
]


@unittest.skipUnless(shutil.which("curl"), "curl is not installed (deploy/install-packages quickstart)")
class FetchSnapshot(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "bin").mkdir()
        (self.root / "out").mkdir()
        self.file = self.root / "out" / "mirrorlist.snapshot"
        self.file.write_bytes(OLD)
        os.utime(self.file, (NOW - 200, NOW - 200))
        self.play("mirrorlist_server", 'test "$1 $2 $3" = "--config none --verify" || exit 2\n'
                  'test "$(head -c 8 "$4")" = MIRRORWY || { echo "mirrorlist_server: $4: no snapshot" >&2; exit 1; }\n'
                  'test "$(tail -c 1 "$4")" != ! || { echo "mirrorlist_server: $4: damaged" >&2; exit 1; }\n'
                  'echo "sha256=$(head -c 12 "$4" | tail -c 3)"\n')
        self.source = Source()
        thread = threading.Thread(target=self.source.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.source.server_close)
        self.addCleanup(self.source.shutdown)
        self.addCleanup(self.source.ends.set)

    def play(self, program, script):
        path = self.root / "bin" / program
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def words(self, *options, source=None, file=None):
        return [FETCH, "--then", f"echo told >>{self.root}/told", *options, source or self.source.url, file or self.file]

    def environment(self, **more):
        return {"PATH": f"{self.root}/bin:/usr/bin:/bin", **more}

    def fetch(self, *options, before=(), env=(), **more):
        given = {name: more.pop(name) for name in ("source", "file") if name in more}
        done = subprocess.run([*before, *self.words(*options, **given)], env=self.environment(**dict(env)),
                              capture_output=True, check=False, **more)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def receive(self, content, *options, words=f"published {NOW - 100}", **more):
        """As the command that an ssh key is bound to."""
        return self.fetch(*options, source="-", input=content, env={"SSH_ORIGINAL_COMMAND": words}, **more)

    def told(self):
        """How often the server was told."""
        path = self.root / "told"
        return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0

    def check_nothing_left(self):
        kept = {".mirrorlist.snapshot.lock", ".mirrorlist.snapshot.told", "mirrorlist.snapshot"}
        self.assertLessEqual(set(os.listdir(self.file.parent)), kept)

    def check_in_place(self, done, content, published):
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.file.read_bytes(), content)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644)
        self.assertEqual(int(self.file.stat().st_mtime), published)
        self.check_nothing_left()

    def check_refused(self, done, reason, told=0):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(reason, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.file.read_bytes(), OLD)
        self.assertEqual(int(self.file.stat().st_mtime), NOW - 200)
        self.assertEqual(self.told(), told)
        self.check_nothing_left()

    def test_a_new_one_is_taken_and_the_server_told_once(self):
        done = self.fetch()
        self.check_in_place(done, NEW, NOW - 100)
        self.assertRegex(done.stdout, r"^snapshot in place: sha256=new published=\S+\n$")
        self.assertEqual(self.told(), 1)
        again = self.fetch()
        self.assertEqual((again.returncode, again.stdout, again.stderr, self.told()), (0, "", "", 1))
        self.assertEqual(self.source.statuses, [200, 304])

    def test_the_first_one_needs_no_predecessor(self):
        self.file.unlink()
        self.check_in_place(self.fetch(), NEW, NOW - 100)

    def test_one_published_again_within_a_second_is_not_missed(self):
        def in_that_second(handler):
            handler.date_time_string = lambda: PUBLISHED  # what send_response has for Date
            handler.answer()
        self.source.answer = in_that_second
        self.check_in_place(self.fetch(), NEW, NOW - 101)
        self.source.answer = Handler.answer
        self.source.body = OLD
        self.check_in_place(self.fetch(), OLD, NOW - 100)

    def test_what_is_wrong_is_refused(self):
        for name, answer, options, reason in REFUSED:
            with self.subTest(name):
                self.source.answer = answer
                done = self.fetch(*options)
                self.check_refused(done, reason)
                self.assertIn(self.source.url, done.stderr)

    def test_nobody_listening_is_told(self):
        self.check_refused(self.fetch(source="http://127.0.0.1:1/snapshot"), "127.0.0.1:1/snapshot: (7)")

    def test_what_the_server_would_refuse_is_refused(self):
        self.source.body = b"<html>" * 100
        self.check_refused(self.fetch(), f"{self.source.url}: refused: no snapshot")
        self.play("mirrorlist_server", 'case $4 in */new) kill -SEGV $$ ;; esac\n')
        self.source.body = NEW
        self.check_refused(self.fetch(), "refused: mirrorlist_server ended with status 139")

    def test_a_server_that_cannot_verify_costs_no_good_snapshot(self):
        """What is in place was taken for damaged, and then replaced by whatever came, older ones included."""
        self.play("mirrorlist_server", "exit 124\n")
        self.source.published = NOW - 300
        self.check_refused(self.fetch(), f"cannot verify {self.file}: mirrorlist_server ended with status 124")
        self.assertEqual(self.source.statuses, [])

    def test_an_older_one_is_refused_unless_forced(self):
        self.source.published = NOW - 300
        self.check_refused(self.fetch(), "before the one here")
        self.check_in_place(self.fetch("--force"), NEW, NOW - 300)

    def test_one_from_the_future_is_refused(self):
        self.source.published = NOW + 100_000
        self.check_refused(self.fetch(), "in the future")
        self.check_refused(self.receive(NEW, words=f"published {NOW + 100_000}"), "in the future")

    def test_what_is_in_place_and_damaged_is_replaced(self):
        """Its header is that of the good one, and so is its time, or it is the time of the damage."""
        self.fetch()
        for number, (way, moment) in enumerate((way, moment) for way in (self.fetch, lambda: self.receive(NEW))
                                               for moment in (NOW - 100, NOW)):
            with self.subTest(number):
                self.file.write_bytes(DAMAGED)
                os.utime(self.file, (moment, moment))
                done = way()
                self.check_in_place(done, NEW, NOW - 100)
                self.assertRegex(done.stdout, r"^what is in place is to be replaced: damaged\nsnapshot in place: .*\n$")
                self.assertEqual(self.told(), 2 + number)

    def test_the_same_published_again_tells_nobody(self):
        self.source.body = OLD
        self.source.published = NOW - 200
        self.fetch()  # which nobody has told of it
        self.source.published = NOW - 150
        self.check_in_place(self.fetch(), OLD, NOW - 150)
        self.check_in_place(self.receive(OLD), OLD, NOW - 100)
        self.assertEqual(self.told(), 1)

    def test_a_server_that_could_not_be_told_is_told_the_next_time(self):
        done = self.fetch("--then", "exit 7")
        self.assertEqual(done.returncode, 1)
        self.assertIn("in place, but this failed: exit 7\n", done.stderr)
        self.assertEqual(self.file.read_bytes(), NEW)
        self.check_in_place(self.fetch(), NEW, NOW - 100)
        self.assertEqual(self.told(), 1)
        self.fetch()
        self.assertEqual(self.told(), 1)

    def test_the_server_is_told_of_what_others_put_in_place(self):
        self.fetch("--then", "")  # by hand
        self.assertEqual(self.told(), 0)
        for _ in range(2):
            self.check_in_place(self.fetch(), NEW, NOW - 100)
            self.assertEqual(self.told(), 1)
        copy = self.root / "out" / "copy"
        copy.write_bytes(NEW)
        os.utime(copy, (NOW - 100, NOW - 100))
        copy.rename(self.file)
        for _ in range(2):
            self.check_in_place(self.fetch(), NEW, NOW - 100)
            self.assertEqual(self.told(), 2)

    def test_what_was_killed_leaves_nothing_for_ever(self):
        left = self.file.parent / ".mirrorlist.snapshot.fetch-snapshot.aB3dE6"
        left.mkdir()
        (left / "new").write_bytes(b"half")
        self.check_in_place(self.fetch(), NEW, NOW - 100)

    def test_links_in_the_folder_lead_root_nowhere(self):
        """The folder is the account's, who runs this by hand may be root."""
        victim = self.root / "victim"
        victim.mkdir()
        (victim / "file").write_bytes(b"precious")
        for name, target in ((".mirrorlist.snapshot.fetch-snapshot.aB3dE6", victim), (".mirrorlist.snapshot.told.new", victim / "file"),
                             (".mirrorlist.snapshot.lock", victim / "file")):
            (self.file.parent / name).symlink_to(target)
        self.check_in_place(self.fetch(), NEW, NOW - 100)
        self.assertEqual((victim / "file").read_bytes(), b"precious")

    def test_snapshots_in_one_folder_are_nothing_to_each_other(self):
        """One run took the work of another one for that of one that was killed, which then took it to be up to date."""
        others = ["copy.snapshot", "mirrorlist", "mirrorlist.snapshot.fetch-snapshot", "*", "mirrorlist.snapsho?"]
        with subprocess.Popen(self.words(source="-"), env=self.environment(SSH_ORIGINAL_COMMAND=f"published {NOW - 100}"),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as slow:
            slow.stdin.write(NEW[:HEADER_BYTES])
            slow.stdin.flush()
            until = time.monotonic() + 20
            while not any(path.stat().st_size for path in self.file.parent.glob(".*/new")):
                self.assertLess(time.monotonic(), until)
            for other in others:
                self.assertEqual(self.fetch(file=self.file.parent / other).returncode, 0)
                self.assertEqual((self.file.parent / other).read_bytes(), NEW)
            stdout, stderr = slow.communicate(NEW[HEADER_BYTES:])
        self.assertEqual((slow.returncode, stderr), (0, b""))
        self.assertIn(b"snapshot in place", stdout)
        self.assertEqual(self.file.read_bytes(), NEW)

    def test_a_full_disk_is_named(self):
        """Which has room for the old one and a page."""
        full = ["unshare", "--map-root-user", "--mount", "sh", "-euc", f"""
cp -a {self.file} {self.root}/old
mount -t tmpfs -o size=12k none {self.file.parent}
cp -a {self.root}/old {self.file}
"$@" || status=$?
cmp {self.root}/old {self.file} >&2
exit ${{status:-0}}""", "sh"]
        if subprocess.run([*full[:3], "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("unshare cannot make a mount namespace here")
        reason = f": cannot be brought to {self.file.parent}: "
        self.check_refused(self.fetch(before=full), f"{self.source.url}{reason}(23) ")
        self.check_refused(self.receive(NEW, before=full), f"standard input{reason}No space left on device")

    def test_one_runs_at_a_time(self):
        self.fetch()
        self.file.write_bytes(OLD)
        os.utime(self.file, (NOW - 200, NOW - 200))
        self.play("flock", "exit 1\n")
        self.check_refused(self.fetch(), "another one has been at work", told=1)

    def test_hosts_may_be_spread_over_time(self):
        self.play("sleep", f'echo "$1" >>{self.root}/slept\n')
        for _ in range(5):
            self.assertEqual(self.fetch("--within", "3").returncode, 0)
        slept = (self.root / "slept").read_text(encoding="utf-8").split()
        self.assertEqual(len(slept), 5)
        self.assertTrue(set(slept) <= set("0123"))

    def test_one_that_is_pushed_is_taken(self):
        done = self.receive(NEW)
        self.check_in_place(done, NEW, NOW - 100)
        self.assertIn("sha256=new", done.stdout)
        self.assertEqual(self.told(), 1)

    def test_one_that_is_here_already_is_not_pushed_whole(self):
        with subprocess.Popen(["cat", "-", "/dev/zero"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as endless:
            endless.stdin.write(OLD)
            endless.stdin.close()
            environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin", "SSH_ORIGINAL_COMMAND": f"published {NOW - 100}"}
            done = subprocess.run([FETCH, "-", self.file], env=environment, stdin=endless.stdout, capture_output=True,
                                  text=True, check=False)
            endless.stdout.close()
        self.check_in_place(done, OLD, NOW - 100)
        self.assertEqual(done.stdout, "")

    def test_what_is_pushed_wrongly_is_refused(self):
        self.check_refused(self.receive(NEW, words=f"published {NOW - 300}"), "before the one here")
        self.check_refused(self.receive(NEW, "--max-bytes", "2000"), "more than 2000 bytes")
        self.check_refused(self.receive(b"<html>" * 100), "standard input: refused: no snapshot")
        self.check_refused(self.receive(b""), "refused: no snapshot")

    def test_the_key_of_the_push_can_do_nothing_else(self):
        for words in ("sh", "published 1; sh", "published", f"published {NOW}\nsh", "rsync --server . /"):
            with self.subTest(words):
                self.check_refused(self.receive(NEW, words=words), "not a command")

    def test_the_key_is_the_same_in_the_manual(self):
        keys = [re.findall('command="[^"]+",restrict', path.read_text(encoding="utf-8"))
                for path in (FETCH, ROOT / "docs" / "security.md")]
        self.assertEqual(len(keys[0]), 1)
        self.assertEqual(keys[0], keys[1])

    def test_wrong_usage_is_status_2(self):
        for words in ([], ["x"], ["ftp://x/y", "f"], ["--max-time", "soon", "http://x/y", "f"], ["--no", "-", "f"]):
            with self.subTest(words):
                done = subprocess.run([FETCH, *words], capture_output=True, check=False)
                self.assertEqual(done.returncode, 2)

    def test_a_missing_folder_is_named(self):
        done = subprocess.run([FETCH, "-", "/nowhere/x"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main()
