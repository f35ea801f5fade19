"""The tables of deploy/cron: what fails reaches the mail and the log, what happens only the log; and deploy/mail-failure,
which does the same for systemd. The programs of the system are played by scripts."""
import pathlib
import re
import subprocess
import tempfile
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
        self.play("pkill", "")
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


class MailFailure(Scripts):
    def mail(self):
        return self.run_here([DEPLOY / "mail-failure", "mirrorway-fetch.service", "root"])

    def test_what_the_unit_said_is_mailed(self):
        self.play("journalctl", '[ "$1 $2" = "--unit mirrorway-fetch.service" ] && echo "fetch-snapshot: no answer"\n')
        self.play("sendmail", f"cat >{self.log}\n")
        self.assertEqual(self.mail().returncode, 0)
        head, _, body = self.log.read_text(encoding="utf-8").partition("\n\n")
        self.assertIn("To: root\nSubject: mirrorway-fetch.service failed on ", head)
        self.assertEqual(body, "fetch-snapshot: no answer\n")

    def test_a_mail_that_is_not_taken_is_a_failure(self):
        self.play("journalctl", "")
        self.play("sendmail", "exit 75\n")
        self.assertEqual(self.mail().returncode, 75)


if __name__ == "__main__":
    unittest.main()
