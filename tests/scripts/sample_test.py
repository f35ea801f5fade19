"""The sample network of deploy/sample is what it says: made up, complete, and made by its script."""
import csv
import ipaddress
import json
import pathlib
import subprocess
import tempfile
import unittest

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "sample"

# RFC 5737, RFC 2544, RFC 3849
NOBODYS_NETWORKS = [ipaddress.ip_network(text) for text in (
    "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")]


def read_mirrors():
    for path in sorted(SAMPLE.glob("*-mirrors.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def read_networks():
    lines = (SAMPLE / "networks.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))


def is_nobodys(network):
    return any(network.version == known.version and network.subnet_of(known)
               for known in NOBODYS_NETWORKS)


class Sample(unittest.TestCase):
    def test_the_geolocation_file_is_what_its_script_makes(self):
        with tempfile.TemporaryDirectory() as folder:
            made = pathlib.Path(folder, "networks.mmdb")
            subprocess.run([SAMPLE / "make-geoip", SAMPLE / "networks.csv", made], check=True)
            self.assertEqual(made.read_bytes(), (SAMPLE / "networks.mmdb").read_bytes())

    def test_no_network_belongs_to_anybody(self):
        networks = [row[0] for row in read_networks()]
        networks += [text for mirror in read_mirrors() for text in mirror.get("subnets", [])]
        for text in networks:
            with self.subTest(text):
                self.assertTrue(is_nobodys(ipaddress.ip_network(text)))

    def test_no_host_exists(self):
        for mirror in read_mirrors():
            for url in mirror["urls"].values():
                with self.subTest(url):
                    host = url.split("/")[2]
                    self.assertEqual(host, mirror["name"])
                    self.assertTrue(host.endswith(".example"))

    def test_no_autonomous_system_belongs_to_anybody(self):
        numbers = {int(row[5]) for row in read_networks() if row[5]}
        numbers |= {number for mirror in read_mirrors() for number in mirror.get("asn", [])}
        self.assertTrue(all(64496 <= number <= 64511 for number in numbers))  # RFC 5398


if __name__ == "__main__":
    unittest.main()
