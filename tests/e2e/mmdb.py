"""Reads and writes geolocation files (MaxMind DB format 2.0), independently of the library that Mirrorway uses."""
import ipaddress
import pathlib
import struct

MARKER = b"\xab\xcd\xefMaxMind.com"


class Reader:
    def __init__(self, path):
        self.bytes = pathlib.Path(path).read_bytes()
        meta = self.bytes.rindex(MARKER) + len(MARKER)
        self.metadata = self._decode(meta, meta)[0]
        self.nodes = self.metadata["node_count"]
        self.record_bits = self.metadata["record_size"]
        self.data = self.nodes * self.record_bits // 4 + 16

    def random_network(self, rng):
        """A network that is in the file, IPv4 and IPv6 alike often, with its record: a random walk down."""
        bits = 128 if self.metadata["ip_version"] == 6 else 32
        node, prefix, depth = 0, 0, 0
        if bits == 128 and rng.random() < 0.5:
            node, depth = self._ipv4_node(), 96
        while node < self.nodes:
            side = rng.randrange(2)
            if self._child(node, side) == self.nodes:  # nothing there
                side = 1 - side
            node, depth = self._child(node, side), depth + 1
            prefix |= side << (bits - depth)
        return self._network(prefix, depth, bits), self._record(node)

    def find(self, address):
        """The record of an address, or None."""
        address = ipaddress.ip_address(address)
        bits = address.max_prefixlen
        node = 0
        if self.metadata["ip_version"] == 6 and bits == 32:
            node = self._ipv4_node()
        for depth in range(bits):
            if node >= self.nodes:
                break
            node = self._child(node, int(address) >> (bits - 1 - depth) & 1)
        return self._record(node) if node > self.nodes else None

    def _ipv4_node(self):
        node = 0
        for _ in range(96):
            node = self._child(node, 0) if node < self.nodes else node
        return node

    @staticmethod
    def _network(prefix, depth, bits):
        if bits == 32 or (depth >= 96 and prefix >> 32 == 0):
            return ipaddress.ip_network((prefix & 0xFFFFFFFF, depth - (bits - 32)))
        return ipaddress.ip_network((prefix, depth))

    def _child(self, node, side):
        size = self.record_bits // 4
        record = self.bytes[node * size:(node + 1) * size]
        if self.record_bits == 24:
            return int.from_bytes(record[side * 3:side * 3 + 3], "big")
        if self.record_bits == 28:
            top = record[3] >> 4 if side == 0 else record[3] & 15
            return top << 24 | int.from_bytes(record[side * 4:side * 4 + 3], "big")
        return int.from_bytes(record[side * 4:side * 4 + 4], "big")

    def _record(self, node):
        return self._decode(node - self.nodes - 16 + self.data, self.data)[0]

    def _decode(self, at, base):
        """The value at an offset and the offset after it; pointers count from `base`."""
        control = self.bytes[at]
        kind, at = control >> 5, at + 1
        if kind == 1:
            return self._decode_pointer(control, at, base)
        if kind == 0:
            kind, at = self.bytes[at] + 7, at + 1
        size = control & 31
        if size >= 29:
            extra = size - 28
            size = int.from_bytes(self.bytes[at:at + extra], "big") + (0, 29, 285, 65821)[extra]
            at += extra
        if kind == 7:
            return self._decode_map(size, at, base)
        if kind == 11:
            values = []
            for _ in range(size):
                value, at = self._decode(at, base)
                values.append(value)
            return values, at
        if kind == 14:
            return size != 0, at
        raw = self.bytes[at:at + size]
        return self._scalar(kind, raw), at + size

    def _decode_pointer(self, control, at, base):
        length = (control >> 3 & 3) + 1
        raw = int.from_bytes(self.bytes[at:at + length], "big")
        if length < 4:
            raw |= (control & 7) << (8 * length)
        target = raw + (0, 0, 2048, 526336, 0)[length]
        return self._decode(base + target, base)[0], at + length

    def _decode_map(self, size, at, base):
        values = {}
        for _ in range(size):
            key, at = self._decode(at, base)
            values[key], at = self._decode(at, base)
        return values, at

    @staticmethod
    def _scalar(kind, raw):
        if kind == 2:
            return raw.decode("utf-8")
        if kind == 3:
            return struct.unpack(">d", raw)[0]
        if kind == 15:
            return struct.unpack(">f", raw)[0]
        if kind == 4:
            return raw
        return int.from_bytes(raw, "big", signed=kind == 8)


def country_of(record):
    """The country by the field paths that Mirrorway's geolocation page lists, in their order."""
    if not isinstance(record, dict):
        return None
    for path in (("country", "iso_code"), ("registered_country", "iso_code"), ("country_code",), ("country",)):
        value = record
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and len(value) == 2:
            return value.upper()
    return None


class Writer:
    """A file that says the country of networks. Of networks inside each other the one added last counts."""

    def __init__(self):
        self.root = [None, None]  # a tree of pairs; leaves are countries

    def add(self, network, country):
        network = ipaddress.ip_network(network)
        bits, depth = int(network.network_address), network.prefixlen
        if network.version == 4:
            depth += 96
        node = self.root
        for level in range(depth - 1):
            side = bits >> (127 - level) & 1
            if not isinstance(node[side], list):  # what was true of all is true of both halves
                node[side] = [node[side], node[side]]
            node = node[side]
        node[bits >> (128 - depth) & 1] = country

    def write(self, path):
        nodes, countries = [], sorted(self._countries(self.root))
        self._list_nodes(self.root, nodes)
        numbers = {id(node): number for number, node in enumerate(nodes)}
        data, offsets = b"", {}
        for country in countries:
            offsets[country] = len(data)
            data += _map({"country": {"iso_code": country}})

        def record(child):
            if child is None:
                return len(nodes)
            return numbers[id(child)] if isinstance(child, list) else len(nodes) + 16 + offsets[child]
        tree = b"".join(struct.pack(">II", record(node[0]), record(node[1])) for node in nodes)
        metadata = {"node_count": _number(6, len(nodes)), "record_size": _number(5, 32),
                    "ip_version": _number(5, 6), "binary_format_major_version": _number(5, 2),
                    "binary_format_minor_version": _number(5, 0), "build_epoch": _number(9, 1),
                    "database_type": "Test", "languages": [], "description": {}}
        pathlib.Path(path).write_bytes(tree + bytes(16) + data + MARKER + _map(metadata))

    def _countries(self, node):
        if isinstance(node, list):
            return self._countries(node[0]) | self._countries(node[1])
        return {node} if node else set()

    def _list_nodes(self, node, nodes):
        if isinstance(node, list):
            nodes.append(node)
            self._list_nodes(node[0], nodes)
            self._list_nodes(node[1], nodes)


def _number(kind, value):
    """Unsigned, of 2 bytes (kind 5), 4 (6) or 8 (9)."""
    size = {5: 2, 6: 4, 9: 8}[kind]
    control = bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])
    return control + value.to_bytes(size, "big")


def _encode(value):
    if isinstance(value, dict):
        return _map(value)
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(_encode, value))
    if isinstance(value, str):
        return bytes([2 << 5 | len(value)]) + value.encode()
    return value  # encoded already


def _map(value):
    return bytes([7 << 5 | len(value)]) + b"".join(_encode(k) + _encode(v) for k, v in value.items())
