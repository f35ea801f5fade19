"""MirrorManager's redirector as its documentation describes it, in as few lines as possible: a reader of its cache,
and which mirrors a request gets. It shares nothing with Mirrorway, so that the two can be compared.

Where Mirrorway is right to differ, the difference is a named deviation that can be switched off: RIGHTED.
"""
import collections
import csv
import ipaddress
import urllib.parse

# Name of a deviation: why. The first four are defects that a replacement must not repeat; the others follow from
# what Mirrorway promises of every answer. (And it answers 400 to what cannot be read.)
RIGHTED = {
    "allowed countries": "MirrorManager forgets a host's allowed countries in most lists; they hold in every tier",
    "longest netblock": "the country of a netblock is that of the longest match, not of the first in the list",
    "https first": "one URL of a host is its https URL where it has one",
    "percent-decoding": "parameters are decoded, and URLs in the answer encoded",
    "tunnels": "6to4 and Teredo addresses count as the IPv4 address inside",
    "no URL": "hosts without a URL of the schemes asked for do not make country= found",
    "source": "a repository whose name contains source has that architecture, also when an alias leads to it",
    "disabled nowhere": "a disabled repository without directory is unknown, for a snapshot has no place for it",
}


# --- protobuf by hand

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data):
    """Number and value of every field: an int, or bytes."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        yield tag >> 3, value


def message(data):
    """All values of every field."""
    values = collections.defaultdict(list)
    for number, value in fields(data):
        values[number].append(value)
    return values


def encode_varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes(encoded) + bytes([value])


def encode(number, value):
    """A field: of an int, of text, or of the fields inside."""
    if isinstance(value, int):
        return encode_varint(number << 3) + encode_varint(value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, list):
        value = b"".join(encode(*part) for part in value)
    return encode_varint(number << 3 | 2) + encode_varint(len(value)) + value


# --- the cache

def pair(value):
    row = message(value)
    return row[1][0], row[2]


def network(text):
    return ipaddress.ip_network(text.decode())


class Directory:
    def __init__(self, data):
        row = message(data)
        self.path = row[1][0].decode()
        self.everybody = row[2]
        self.subpath = row[3][0].decode() if row[3] else ""
        self.by_country = {country.decode(): hosts for country, hosts in map(pair, row[4])}
        self.url_ids = dict(map(pair, row[6]))


class Cache:
    def __init__(self, data, netblocks="", continents=""):
        top = message(data)
        texts = {number: {key.decode(): values[0].decode() for key, values in map(pair, top[number])}
                 for number in (7, 8, 9)}
        continents = {row[0]: row[1] for row in csv.reader(continents.splitlines()) if len(row) == 2}
        self.continents = continents | {country: continent for country, continent in texts[7].items()
                                        if country in continents}
        self.redirects, self.repositories = texts[8], texts[9]
        self.disabled = {key.decode() for key, values in map(pair, top[6]) if values[0]}
        self.urls = {key: values[0].decode() for key, values in map(pair, top[4])}
        self.netblock_countries = [(network(key), values[0].decode()) for key, values in map(pair, top[2])]
        self.hosts_of_asn = dict(map(pair, top[10]))
        self.allowed = {key: {value.decode() for value in values} for key, values in map(pair, top[14])}
        self.host_netblocks = Networks({network(key): values for key, values in map(pair, top[15])})
        self.files = {}
        for directory, values in map(pair, top[5]):
            for file in values:
                self.files[directory.decode(), message(file)[1][0].decode()] = message(file)[2]
        self.directories = {directory.path: directory for directory in map(Directory, top[16])}
        self.asns = Networks({ipaddress.ip_network(line.split()[0]): int(line.split()[1])
                              for line in netblocks.splitlines()})


class Networks(dict):
    """Values by network."""

    def __init__(self, values):
        super().__init__(values)
        self.found = {self.key(net.version, net.prefixlen, int(net.network_address), net.max_prefixlen): value
                      for net, value in values.items()}
        self.lengths = sorted({(net.version, net.prefixlen) for net in values}, reverse=True)

    @staticmethod
    def key(version, length, address, bits):
        return version, length, address >> (bits - length)

    def around(self, address):
        """The values of the networks that hold the address, longest first."""
        for version, length in self.lengths:
            key = self.key(version, length, int(address), address.max_prefixlen) if version == address.version else 0
            if key in self.found:
                yield self.found[key]


# --- what a request gets

MINIMUM = 5


class Request:
    """`country` and `protocol` as in the query, or None."""

    def __init__(self, address, country=None, protocol=None, netblock=None, is_metalink=False):
        self.address = ipaddress.ip_address(address)
        self.countries = sorted({c.upper() for c in country.split(",")}) if country else []
        self.protocols = frozenset(protocol.split(",")) if protocol else None
        self.uses_networks = netblock in (None, "1") and not self.countries
        self.is_metalink = is_metalink


def unwrap(address):
    if address.version == 4:
        return address
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1]) or address


class Model:
    """`geolocation` finds the country of an address, or None. `rights`: which deviations are made."""

    def __init__(self, cache, geolocation, rights=frozenset(RIGHTED)):
        self.cache = cache
        self.geolocation = geolocation
        self.rights = rights
        self.chosen = {}  # what choose_urls() returned

    def country(self, address):
        matches = [(net.prefixlen, country) for net, country in self.cache.netblock_countries
                   if net.version == address.version and address in net]
        if not matches:
            return self.geolocation(address)
        return max(matches)[1] if "longest netblock" in self.rights else matches[0][1]

    def urls_of(self, host, directory, request):
        """The base URLs of a host that an answer has, best first."""
        question = tuple(directory.url_ids.get(host, ())), request.protocols, request.is_metalink
        if question not in self.chosen:
            self.chosen[question] = self.choose_urls(*question)
        return self.chosen[question]

    def choose_urls(self, ids, protocols, is_metalink):
        urls = [self.cache.urls[i] for i in ids if i in self.cache.urls]
        order = ["https", "http", "ftp", "rsync"]
        if "https first" in self.rights:
            urls.sort(key=lambda url: order.index(url.split(":")[0]))
        if protocols is not None:
            urls = [url for url in urls if url.split(":")[0] in protocols]
            return urls[:len(protocols)]
        return urls if is_metalink else [url for url in urls if not url.startswith("rsync")][:1]

    def hosts(self, directory, request):
        address = unwrap(request.address) if "tunnels" in self.rights else request.address
        country = self.country(address)

        def allowed(hosts):
            return {host for host in hosts
                    if host not in self.cache.allowed or country in self.cache.allowed[host]}

        def everywhere(hosts):
            """A list that MirrorManager does not trim."""
            return allowed(hosts) if "allowed countries" in self.rights else set(hosts)

        def with_url(hosts):
            return {host for host in hosts if self.urls_of(host, directory, request)}

        def of_countries(countries):
            return everywhere(host for c in countries for host in directory.by_country.get(c, []))

        def around(countries):
            continents = {self.cache.continents[c] for c in countries if c in self.cache.continents}
            return of_countries(c for c, continent in self.cache.continents.items()
                                if continent in continents and c not in countries)

        if "GLOBAL" in request.countries:
            return with_url(allowed(directory.everybody))
        is_usable = with_url if "no URL" in self.rights else set
        forced = is_usable(of_countries(request.countries)) or is_usable(around(request.countries))
        if forced:
            return with_url(allowed(forced))
        found = of_countries([country]) | around([country])
        if request.uses_networks:
            for hosts in self.cache.host_netblocks.around(address):
                found |= everywhere(hosts)
            asn = next(self.cache.asns.around(address), None)
            found |= everywhere(self.cache.hosts_of_asn.get(asn, []))
        found = with_url(found)
        return found | with_url(allowed(directory.everybody)) if len(found) < MINIMUM else found

    def answer(self, directory, file, request):
        """The URLs of the answer. `file` is "" for the directory itself."""
        tail = f"/{directory.subpath}/{file}" if directory.subpath else f"/{file}"
        if "percent-decoding" in self.rights:
            tail = urllib.parse.quote(tail, safe="-._~!&'()*+,;=:@/")
        return {url + tail for host in self.hosts(directory, request)
                for url in self.urls_of(host, directory, request)}

    def find_path(self, path):
        """Directory and file of path=, or None."""
        path = "/".join(part for part in path.split("/") if part)
        if path in self.cache.directories:
            return self.cache.directories[path], ""
        folder, _, file = path.rpartition("/")
        return (self.cache.directories[folder], file) if folder in self.cache.directories else None

    def find_repository(self, name, architecture):
        """The directory, "disabled", or None."""
        target = self.cache.redirects.get(name, name)
        if "source" in name or ("source" in self.rights and "source" in target):
            architecture = "source"
        directory = self.cache.repositories.get(f"{target}+{architecture}")
        if target in self.cache.disabled:
            return "disabled" if directory or "disabled nowhere" not in self.rights else None
        return self.cache.directories.get(directory)
