"""What the real inventory says, read independently of the importer."""
import collections
import ipaddress
import json
import urllib.parse


def base_url(text):
    """The one spelling of a base URL: no slash at the end, host in lower case, no default port."""
    parts = urllib.parse.urlsplit(text)
    port = {"http": ":80", "https": ":443"}.get(parts.scheme, ":")
    host = parts.netloc.lower()
    host = host[:-len(port)] if host.endswith(port) else host
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"


class Inventory:
    def __init__(self, mirrors):
        lines = mirrors.read_text(encoding="utf-8").splitlines()
        self.mirrors = [json.loads(line) for line in lines]
        self.countries_of_url = collections.defaultdict(set)
        for mirror in self.mirrors:
            for url in self.urls(mirror):
                self.countries_of_url[url].add(mirror["country"])

    @staticmethod
    def urls(mirror):
        return {base_url(url) for url in mirror["urls"].values()}

    @staticmethod
    def networks(mirror):
        return [ipaddress.ip_network(text) for text in mirror.get("subnets", [])]

    @staticmethod
    def is_private(mirror):
        return mirror["private"] or "cloud_type" in mirror

    def can_be_answered(self, mirror):
        """As long as no ranges of clouds are imported."""
        return not self.is_private(mirror) or bool(mirror.get("asn") or mirror.get("subnets"))

    def eligible(self):
        return [mirror for mirror in self.mirrors if self.can_be_answered(mirror)]

    def served_countries(self):
        return {m["country"] for m in self.mirrors if not self.is_private(m) and m["country"]}

    def is_in_a_netblock(self, address):
        return any(address.version == network.version and address in network
                   for mirror in self.mirrors for network in self.networks(mirror))
