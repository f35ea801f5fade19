"""The tables of deploy/cron: what fails reaches the mail and the log, what happens only the log; and deploy/mail-failure,
which does the same for systemd. The programs of the system are played by scripts."""
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
FIELD = r"(\*|[0-9]+)(/[0-9]+)?"
LINE = re.compile(rf"(?P<time>({FIELD}\s+){{5}})(?P<user>\S+)\s+(?P<command>\S.*)")


def read_table(path):
    """The settings, and the lines with a time."""
    settings, jobs = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        setting = re.fullmatch(r"([A-Z]+)=(.*)", line)
        if setting:
            settings[setting[1]] = setting[2]
        elif line and not line.startswith("#"):
            jobs.append(LINE.fullmatch(line))
    return settings, jobs


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.log = self.root / "log"

    def play(self, program, script):
        path = self.root / program
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def run_here(self, words, **more):
        return subprocess.run(words, env={"PATH": f"{self.root}:/usr/bin:/bin", **more}, capture_output=True, text=True,
                              check=False)


class Cron(Scripts):
    TABLES = sorted((DEPLOY / "cron").iterdir())

    def test_cron_takes_the_tables(self):
        self.assertTrue(self.TABLES)
        for path in self.TABLES:
            with self.subTest(path.name):
                self.assertRegex(path.name, "^[A-Za-z0-9_-]+$")  # cron ignores others
                self.assertTrue(path.read_text(encoding="utf-8").endswith("\n"))
                settings, jobs = read_table(path)
                self.assertEqual(settings["MAILTO"], "root")
                self.assertIn("/usr/local/bin", settings["PATH"])
                self.assertTrue(jobs)
                for job in jobs:
                    self.assertIsNotNone(job)
                    self.assertEqual(job["user"], "mirrorway")
                    self.assertNotIn("%", job["command"])  # a line's end to cron
                    self.assertTrue((DEPLOY / job["command"].replace("{", "").split()[0]).is_file(), job["command"])

    def run_job(self, settings, job, status):
        """With every program of ours saying a line to each side, and ending so."""
        name = job["command"].replace("{", "").split()[0]
        self.play(name, f"echo event; [ {status} = 0 ] || {{ echo {name}: failure >&2; exit {status}; }}\n")
        self.play("tell-server", "")
        # -s: also to stderr
        self.play("logger", f'while read -r line; do echo "$line" >>{self.log}; [ "$1" != -s ] || echo "$line" >&2; done\n')
        self.log.write_text("", encoding="utf-8")
        more = {name: value for name, value in settings.items() if name != "PATH"}
        done = self.run_here(["/bin/sh", "-c", job["command"]], **more)
        return name, done.stdout + done.stderr, self.log.read_text(encoding="utf-8")

    def test_failures_are_mailed_and_logged(self):
        for path in self.TABLES:
            settings, jobs = read_table(path)
            for job in jobs:
                with self.subTest(job["command"]):
                    name, mail, log = self.run_job(settings, job, 1)
                    self.assertIn(f"{name}: failure\n", mail)
                    self.assertIn(f"{name}: failure\n", log)

    def test_what_goes_well_is_logged_and_wakes_nobody(self):
        for path in self.TABLES:
            settings, jobs = read_table(path)
            for job in jobs:
                with self.subTest(job["command"]):
                    _, mail, log = self.run_job(settings, job, 0)
                    self.assertEqual((mail, log), ("", "event\n"))


class MailServer:
    """Takes one mail. Use as a context."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.commands, self.mail = [], ""
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def taken(self):
        self.thread.join(20)
        return self.commands, self.mail

    def serve(self):
        self.listener.settimeout(20)
        connection, _ = self.listener.accept()
        connection.settimeout(20)
        with connection, connection.makefile("rw", encoding="utf-8", newline="\r\n") as stream:
            def say(line):
                stream.write(line + "\r\n")
                stream.flush()
            say("220 here")
            for line in stream:
                self.commands.append(line.rstrip())
                if line.startswith("DATA"):
                    say("354 go on")
                    self.mail = "".join(iter(stream.readline, ".\r\n"))
                say("250 good")


class MailFailure(Scripts):
    def mail(self):
        return self.run_here([DEPLOY / "mail-failure", "mirrorway-fetch.service", "root"])

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed (deploy/install-packages quickstart)")
    def test_what_the_unit_said_is_mailed(self):
        self.play("journalctl", '[ "$1 $2" = "--unit mirrorway-fetch.service" ] && echo "fetch-snapshot: no answer"\n')
        with MailServer() as server:
            self.play("curl", f'exec {shutil.which("curl")} --connect-to localhost:25:127.0.0.1:{server.port} "$@"\n')
            self.assertEqual(self.mail().stderr, "")
            commands, mail = server.taken()
        self.assertIn("RCPT TO:<root@localhost>", commands)
        head, _, body = mail.partition("\r\n\r\n")
        self.assertIn("To: root@localhost\r\nSubject: mirrorway-fetch.service failed on ", head)
        self.assertEqual(body, "fetch-snapshot: no answer\r\n")

    def test_a_mail_that_is_not_taken_is_a_failure(self):
        self.play("journalctl", "")
        self.play("curl", "exit 7\n")
        done = self.mail()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "mail-failure: nobody is told that mirrorway-fetch.service failed\n")


if __name__ == "__main__":
    unittest.main()
