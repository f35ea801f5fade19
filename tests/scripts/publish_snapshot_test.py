"""deploy/publish-snapshot builds, pushes to every host, and tells by name what failed. cache_builder and ssh are played by
scripts: ssh does what sshd does with a key that is bound to a command, and that command is deploy/fetch-snapshot."""
import os
import pathlib
import subprocess
import tempfile
import unittest

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
FIRST, SECOND = (b"MIRRORWY " + name.ljust(60) + b"x" * 100_000 for name in (b"first", b"second"))


class PublishSnapshot(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.snapshot = self.root / "mirrorlist.snapshot"
        (self.root / "bin").mkdir()
        self.play("mirrorlist_server", "echo sha256=x\n")
        self.play("ssh", f"""
while [ "$1" != -- ]; do shift; done
case $2 in
  down*) echo "ssh: connect to host $2 port 22: No route to host" >&2; exit 255 ;;
  hangs*) exec sleep 1000 ;;
  mute*) exit 255 ;;
esac
export SSH_ORIGINAL_COMMAND="$3"
exec {DEPLOY}/fetch-snapshot - "{self.root}/$2/mirrorlist.snapshot"
""")
        for host in ("a.example", "mirrorway@b.example"):
            (self.root / host).mkdir()
        self.build(FIRST)

    def play(self, program, script):
        path = self.root / "bin" / program
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def build(self, content, status=0):
        """What cache_builder does from now on: it publishes this, unless that is in place; or fails."""
        (self.root / "content").write_bytes(content)
        self.play("cache_builder", f"""
[ "$*" = "build --if-changed --config {self.root}/mirrorway.toml --output {self.snapshot}" ] || exit 2
[ {status} = 0 ] || {{ echo "cache_builder: refused" >&2; exit {status}; }}
cmp -s {self.root}/content {self.snapshot} ||
  {{ cp {self.root}/content {self.snapshot}.new && mv {self.snapshot}.new {self.snapshot}; }}
""")

    def publish(self, *hosts, options=()):
        (self.root / "hosts").write_text("# front ends\n\n" + "".join(f"{host} # one\n" for host in hosts), encoding="utf-8")
        return subprocess.run(
            [DEPLOY / "publish-snapshot", "--config", self.root / "mirrorway.toml", "--hosts", self.root / "hosts",
             *options, self.snapshot], env={"PATH": f"{self.root}/bin:/usr/bin:/bin"}, capture_output=True, text=True,
            check=False)

    def at(self, host):
        return (self.root / host / "mirrorlist.snapshot").read_bytes()

    def test_every_host_gets_it_once(self):
        hosts = ("a.example", "mirrorway@b.example")
        done = self.publish(*hosts)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for host in hosts:
            self.assertEqual(self.at(host), FIRST)
            self.assertIn(f"{host}: snapshot in place: sha256=x", done.stdout)
            self.assertEqual(int((self.root / host / "mirrorlist.snapshot").stat().st_mtime),
                             int(self.snapshot.stat().st_mtime))
        again = self.publish(*hosts)
        self.assertEqual((again.returncode, again.stdout, again.stderr), (0, "", ""))

    def test_a_host_that_is_down_is_named_and_keeps_no_other(self):
        done = self.publish("down.example", "a.example", "hangs.example", options=["--max-time", "5"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.splitlines(), [
            "publish-snapshot: down.example: ssh: connect to host down.example port 22: No route to host",
            "publish-snapshot: hangs.example: no answer within 5 s"])
        self.assertEqual(self.at("a.example"), FIRST)

    def test_a_push_that_fails_without_a_word_is_told(self):
        done = self.publish("mute.example")
        self.assertEqual((done.returncode, done.stderr), (1, "publish-snapshot: mute.example: ssh ended with status 255\n"))

    def test_what_the_other_side_refuses_is_told(self):
        theirs = self.root / "a.example" / "mirrorlist.snapshot"
        theirs.write_bytes(SECOND)
        os.utime(theirs, (2_000_000_000, 2_000_000_000))
        done = self.publish("a.example")
        self.assertEqual(done.returncode, 1)
        self.assertIn("publish-snapshot: a.example: fetch-snapshot: standard input: published ", done.stderr)
        self.assertEqual(self.at("a.example"), SECOND)

    def test_a_failed_build_has_its_own_status_and_the_old_one_still_goes_to_who_missed_it(self):
        self.publish()
        self.build(SECOND, status=3)
        done = self.publish("down.example", "a.example")
        self.assertEqual(done.returncode, 3)
        self.assertIn("cache_builder: refused\n", done.stderr)
        self.assertIn("down.example: ", done.stderr)
        self.assertEqual(self.at("a.example"), FIRST)

    def test_another_build_and_a_hold_are_events_and_no_failures(self):
        self.publish()
        for status in (4, 5):
            self.build(FIRST, status=status)
            done = self.publish("a.example", options=["--then", "true"])
            self.assertEqual(done.returncode, status)
            self.assertIn("cache_builder: refused\n", done.stdout)
            self.assertEqual(done.stderr, "")
            self.assertEqual(self.at("a.example"), FIRST)

    def test_what_fails_meanwhile_is_a_failure(self):
        """systemd takes 4 and 5 for success, so nobody had mail of it."""
        self.publish()
        for status in (4, 5):
            self.build(FIRST, status=status)
            for hosts, options, reason in [(["down.example"], [], "down.example: ssh: connect"),
                                           ([], ["--then", "exit 3"], "this failed: exit 3"),
                                           ([], ["--hosts", self.root / "missing"], f"cannot read {self.root}/missing")]:
                with self.subTest(status=status, reason=reason):
                    done = self.publish(*hosts, options=options)
                    self.assertEqual((done.returncode, done.stdout), (1, "cache_builder: refused\n"))
                    self.assertIn(reason, done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_build_that_hangs_is_ended_and_told(self):
        self.publish()
        self.play("cache_builder", "exec sleep 1000\n")
        done = self.publish("a.example", options=["--build-time", "1"])
        self.assertEqual((done.returncode, done.stderr),
                         (1, "publish-snapshot: the build was ended, as it took longer than 1 s (--build-time)\n"))
        self.assertEqual(self.at("a.example"), FIRST)

    def test_before_the_first_build_there_is_nothing_to_push(self):
        self.build(FIRST, status=1)
        done = self.publish("a.example")
        self.assertEqual((done.returncode, done.stderr), (1, "cache_builder: refused\n"))

    def test_a_server_on_this_machine_is_told_of_another_snapshot_only(self):
        def told():
            path = self.root / "told"
            return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
        options = ["--then", f"echo told >>{self.root}/told"]
        for content, expected in ((FIRST, 1), (FIRST, 1), (SECOND, 2)):
            self.build(content)
            self.assertEqual(self.publish(options=options).returncode, 0)
            self.assertEqual(told(), expected)
        self.build(FIRST)
        for _ in range(2):  # whether or not there is something new
            done = self.publish(options=["--then", "exit 3"])
            self.assertEqual(done.returncode, 1)
            self.assertIn("this failed: exit 3", done.stderr)
        for expected in (3, 3):
            self.assertEqual(self.publish(options=options).returncode, 0)
            self.assertEqual(told(), expected)

    def test_a_snapshot_that_follows_another_one_at_once_is_told_of(self):
        """The file system has given it the number of the one before the other: only their times differ, by less than a second."""
        for _ in range(20):
            self.build(FIRST)
            self.assertEqual(self.publish(options=["--then", "true"]).returncode, 0)
            before = self.snapshot.stat()
            (self.root / "fetched").write_bytes(SECOND)
            (self.root / "fetched").rename(self.snapshot)
            done = self.publish(options=["--then", "echo told"])
            self.assertEqual((done.returncode, done.stdout), (0, "told\n"))
            after = self.snapshot.stat()
            if before.st_ino == after.st_ino and int(before.st_ctime) == int(after.st_ctime):
                return
        self.skipTest("this file system gives a file no number that was in use a moment ago")

    def test_a_missing_list_of_hosts_is_told(self):
        done = self.publish(options=["--hosts", self.root / "missing"])
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.root}/missing", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_wrong_usage_is_status_2(self):
        for words in ([], ["--no", "x", "y"], ["a", "b"], ["--max-time", "soon", "a"], ["--build-time", "", "a"]):
            with self.subTest(words):
                done = subprocess.run([DEPLOY / "publish-snapshot", *words], capture_output=True, check=False)
                self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
