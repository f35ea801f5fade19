"""deploy/import-networks fetches what its list names and hands it to mirror_admin, which is played by a script."""
import datetime
import http.server
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

IMPORT = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "import-networks"
MONTH = datetime.datetime.now(datetime.timezone.utc).strftime("%Y.%m")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        content = self.server.content.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_):
        pass


@unittest.skipUnless(shutil.which("curl"), "curl is not installed (deploy/install-packages quickstart)")
class ImportNetworks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "bin").mkdir()
        (self.root / "tmp").mkdir()
        # Notes its words but for the folders of files, and what is in the last one.
        self.play("mirror_admin", f"""
for word in "$@"; do printf '%s ' "${{word##*/}}"; done >>{self.root}/imported
cat "$word" >>{self.root}/imported
[ "$(cat "$word")" != damaged ] || {{ echo "mirror_admin: damaged" >&2; exit 1; }}
""")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.asked = []
        self.server.content = {"/latest.gz": b"RIB", "/aws.json?x=1": b"{}", "/bad": b"damaged", f"/{MONTH}/rib": b"dated"}
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def play(self, program, script):
        path = self.root / "bin" / program
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def run_list(self, *lines, before=()):
        (self.root / "list").write_text("# what\n\n" + "\n".join(lines), encoding="utf-8")
        environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin", "TMPDIR": f"{self.root}/tmp"}
        done = subprocess.run([*before, IMPORT, "--config", "/x/c.toml", self.root / "list"], env=environment, capture_output=True,
                              text=True, check=False)
        self.assertEqual(list((self.root / "tmp").iterdir()), [])
        return done

    def imported(self):
        path = self.root / "imported"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def test_what_the_list_names_is_imported(self):
        (self.root / "continents").write_text("DE,EU", encoding="utf-8")
        for line, expected in [
                (f"asn {self.url}/latest.gz", "asn latest.gz RIB"),
                (f"research --through 11537,20965 {self.url}/%Y.%m/rib", "research --through 11537,20965 rib dated"),
                (f"cloud aws {self.url}/aws.json?x=1", "cloud aws aws.json {}"),
                (f"continents {self.root}/continents", "continents continents DE,EU")]:
            with self.subTest(line):
                done = self.run_list(line)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(self.imported().endswith(f"--config c.toml import {expected}"), self.imported())

    def test_files_of_one_name_stay_apart(self):
        """As those of several collectors have it."""
        self.server.content.update({"/rrc00/latest.gz": b"first ", "/rrc01/latest.gz": b"second"})
        self.play("mirror_admin", f'shift 4; cat "$@" >>{self.root}/imported\n')
        done = self.run_list(f"asn {self.url}/rrc00/latest.gz {self.url}/rrc01/latest.gz # both")
        self.assertEqual((done.returncode, done.stderr, self.imported()), (0, "", "first second"))

    def test_a_page_that_links_to_azures_file_is_followed(self):
        link = "https://download.microsoft.com/download/7/1/d/71d-F5/ServiceTags_Public_20261116.json"
        self.server.content["/details.aspx?id=1"] = f'<a href="{link}">{link}</a><a href="{link}">'.encode()
        curl = shutil.which("curl")
        self.play("curl", f"""
for last; do :; done
echo "$last" >>{self.root}/urls
case $last in https://*) while [ "$1" != --output ]; do shift; done; echo '{{}}' >"$2"; exit ;; esac
exec {curl} "$@"
""")
        done = self.run_list(f"cloud azure {self.url}/details.aspx?id=1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((self.root / "urls").read_text(encoding="utf-8").splitlines()[-1], link)
        self.assertIn("cloud azure details.aspx {}", self.imported())

    def test_a_page_without_that_link_is_told(self):
        self.server.content["/details.aspx"] = b"<html>moved</html>"
        done = self.run_list(f"cloud azure {self.url}/details.aspx")
        self.assertEqual(done.returncode, 1)
        self.assertIn("links to no file", done.stderr)
        self.assertEqual(self.imported(), "")

    def test_a_line_that_fails_keeps_no_other(self):
        done = self.run_list(f"cloud gcp {self.url}/missing", f"cloud oci {self.url}/bad", f"asn {self.url}/latest.gz")
        self.assertEqual(done.returncode, 1)
        self.assertEqual([line.split(": ")[0] for line in done.stderr.splitlines()],
                         ["import-networks", "mirror_admin", "import-networks"])
        self.assertIn(f"{self.url}/missing: (22)", done.stderr)
        self.assertIn("not imported: cloud oci", done.stderr)
        self.assertIn("asn latest.gz RIB", self.imported())

    def test_a_full_disk_is_named(self):
        full = ["unshare", "--map-root-user", "--mount", "sh", "-euc",
                f'mount -t tmpfs -o size=4k none {self.root}/tmp; "$@"', "sh"]
        if subprocess.run([*full[:3], "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("unshare cannot make a mount namespace here")
        self.server.content["/latest.gz"] = b"RIB" * 3000
        done = self.run_list(f"asn {self.url}/latest.gz", before=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.url}/latest.gz: cannot be brought to {self.root}/tmp/", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_wrong_usage_is_status_2(self):
        for words in ([], ["--no"], ["a", "b"], ["/nowhere/list"]):
            with self.subTest(words):
                self.assertEqual(subprocess.run([IMPORT, *words], capture_output=True, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
