"""deploy/install-packages installs what is missing, and nothing else. dpkg-query, apt-get, id and sudo are
played by scripts, so that nothing is installed."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

INSTALL = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "install-packages"
REAL_PROGRAMS = ("bash", "sed", "dirname", "readlink", "env", "cat")


class InstallPackages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        for program in REAL_PROGRAMS:
            (self.bin / program).symlink_to(shutil.which(program))

    def play(self, program, script):
        path = self.bin / program
        path.write_text("#!/bin/bash\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def play_debian(self, missing=(), user_id=0):
        """A system where all but `missing` is installed; what apt-get is asked for is noted."""
        known = " ".join(missing) or "-"
        self.play("dpkg-query", f'case " {known} " in *" $4 "*) exit 1 ;; esac\n'
                                "printf 'install ok installed'\n")
        self.play("apt-get", f'echo "$*" >>{self.root}/apt\n')
        self.play("id", f"echo {user_id}\n")

    def install(self, *lists):
        return subprocess.run([INSTALL, *lists], env={"PATH": str(self.bin)}, capture_output=True, text=True,
                              check=False)

    def asked(self):
        """The command lines that apt-get got."""
        path = self.root / "apt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def test_nothing_is_done_when_nothing_is_missing(self):
        self.play_debian(user_id=1000)
        done = self.install("build", "test")
        self.assertEqual((done.returncode, done.stdout + done.stderr, self.asked()), (0, "", []))

    def test_only_what_is_missing_is_installed(self):
        self.play_debian(missing=["cmake", "curl"])
        self.assertEqual(self.install("build", "quickstart").returncode, 0)
        self.assertEqual(self.asked()[0].split()[0], "update")
        self.assertEqual(self.asked()[1:], ["install --yes --quiet --no-install-recommends cmake curl"])

    def test_a_user_needs_sudo(self):
        self.play_debian(missing=["cmake"], user_id=1000)
        done = self.install("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("neither root nor sudo to install them: cmake", done.stderr)
        self.play("sudo", f'echo sudo >>{self.root}/apt\nexec "$@"\n')
        self.assertEqual(self.install("build").returncode, 0)
        self.assertEqual([line.split()[0] for line in self.asked()], ["sudo", "update", "sudo", "install"])

    def test_a_failing_apt_get_is_told(self):
        self.play_debian(missing=["cmake"])
        self.play("apt-get", '[ "$1" = update ]\n')
        done = self.install("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not install: cmake", done.stderr)

    def test_another_system_is_told_what_it_would_need(self):
        done = self.install("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("this is no Debian system", done.stderr)
        self.assertIn("libmaxminddb-dev", done.stderr)

    def test_an_unknown_list_is_refused(self):
        self.play_debian()
        self.assertEqual(self.install("nonsense").returncode, 1)
        self.assertEqual(self.install().returncode, 1)


if __name__ == "__main__":
    unittest.main()
