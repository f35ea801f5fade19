"""What tests/run makes of its stages: counts, what it names, its status. The tools that do the work are played by scripts."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parents[1] / "run"


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "tests").mkdir()
        shutil.copy(RUN, self.root / "tests" / "run")
        for program in ("cmake/check_layers", "deploy/install-packages", "bin/cmake"):
            self.play(program, "")
        self.play_ctest("")

    def play(self, program, script):
        path = self.root / program
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def play_ctest(self, said, failures=0):
        self.play("bin/ctest", f"""
while [ "$1" != --output-junit ]; do shift; done
echo '<testsuite name="x" tests="5" failures="{failures}" disabled="0" skipped="1">' >"$2"
cat <<'END'
{said}
END
exit {failures}
""")

    def run_it(self, *words):
        return subprocess.run([self.root / "tests" / "run", *words], capture_output=True, text=True, check=False,
                              env={"PATH": f"{self.root}/bin:/usr/bin:/bin"})

    def expect(self, done, status, *lines):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for line in lines:
            self.assertIn(line, done.stdout.splitlines())

    def test_everything_is_counted(self):
        done = self.run_it("--quick")
        self.expect(done, 0)
        self.assertEqual(done.stdout.splitlines()[-1], "6 passed, 0 failed, 1 skipped")

    def test_a_stage_that_fails_is_one_failure_and_its_log_is_shown(self):
        self.play("cmake/check_layers", "echo a may not use b; exit 1")
        done = self.run_it("--only", "packages,layers")
        self.expect(done, 1, "a may not use b")
        self.assertEqual(done.stdout.splitlines()[-1], "1 passed, 1 failed")

    def test_failed_tests_are_counted_and_the_next_stage_goes_on(self):
        self.play_ctest("67% tests passed, 2 tests failed out of 6\n\nThe following tests FAILED:\n"
                        "\t  2 - unit_base (Failed)\n\t 31 - unit_net (Timeout)\nErrors while running CTest", failures=2)
        done = self.run_it("--only", "dev,layers")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-4:], [f"dev: failed: {self.root}/build/logs/dev.log", "dev: failed: unit_base",
                                                         "dev: failed: unit_net", "3 passed, 2 failed, 1 skipped"])

    def test_what_passed_when_repeated_is_named(self):
        self.play_ctest(" 2/47 Test  #1: unit_base ....***Failed    0.52 sec\n 3/47 Test  #3: unit_net ....***Skipped   0.01 sec\n"
                        "        Test  #1: unit_base ....   Passed    0.01 sec")
        done = self.run_it("--only", "dev")
        self.expect(done, 0, "dev: repeated: unit_base")
        self.assertNotIn("unit_net", done.stdout)

    def test_what_a_sanitizer_reports_is_a_failure_even_when_repeated(self):
        self.play_ctest("==7==ERROR: AddressSanitizer: heap-use-after-free")
        self.expect(self.run_it("--only", "dev"), 1, "4 passed, 1 failed, 1 skipped")

    def test_what_there_is_no_time_for_is_named_and_skipped(self):
        done = self.run_it("--minutes", "0", "--only", "packages,layers")
        self.expect(done, 0, "packages     skipped: no time", "layers       skipped: no time", "0 passed, 0 failed, 2 skipped")

    def test_bad_words_are_refused(self):
        for words in (["--no"], ["--only"], ["--only", "layers,no"], ["--jobs"], ["--jobs", "0"],
                      ["--minutes"], ["--minutes", "soon"]):
            done = self.run_it(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("usage: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
