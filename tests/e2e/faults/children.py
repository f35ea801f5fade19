"""Makes a running child misbehave, as one does that a hostile request has taken over: by changing its code in
memory. Only root or the child's own user may, and only the child has the changed pages."""
import os
import pathlib
import platform

import pytest
from processes import children_of, run

ANSWER_BEGINS = "mirrorway::mirrorlist_server::HangWatch::begin()"
ANSWERS_END = "mirrorway::mirrorlist_server::HangWatch::end()"

# x86-64: jump to itself; system calls with arguments that would succeed.
FOREVER = bytes.fromhex("ebfe")
SOCKET = bytes.fromhex("b829000000" "bf01000000" "be01000000" "31d2" "0f05" "ebfe")  # socket(AF_UNIX, SOCK_STREAM, 0)
OPEN = bytes.fromhex("b802000000" "488d3d08000000" "31f6" "31d2" "0f05" "ebfe") + b"/\0"  # open("/", O_RDONLY, 0)
FORK = bytes.fromhex("b839000000" "0f05" "ebfe")
EXEC = bytes.fromhex("b83b000000" "488d3d08000000" "31f6" "31d2" "0f05" "ebfe") + b"/bin/true\0"


def address_of(program, function):
    """Of a function in the file; None when it has no symbols."""
    for line in run(["nm", "-C", program]).stdout.splitlines():
        words = line.split(maxsplit=2)
        if len(words) == 3 and words[2] == function:
            return int(words[0], 16)
    return None


def change_code(pid, function, code):
    """From now on the process runs `code` where the function begins."""
    program = pathlib.Path(f"/proc/{pid}/exe").resolve()
    address = address_of(program, function)
    if platform.machine() != "x86_64" or address is None:
        pytest.skip("the code to be changed is known for x86-64 with symbols only")
    first = next(line for line in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
                 if line.endswith(str(program))).split("-", 1)[0]
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        os.lseek(memory.fileno(), int(first, 16) + address, os.SEEK_SET)
        memory.write(code)


def serving_children(service):
    """Those of the server's children that serve a connection, by their first descriptor; the busiest first, for some
    only wait until the others have more than they can do."""
    serving = [pid for pid in children_of(service.server.pid) if first_descriptor(pid).startswith("socket:")]
    return sorted(serving, key=nanoseconds_run, reverse=True)


def first_descriptor(pid):
    try:
        return os.readlink(f"/proc/{pid}/fd/0")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def nanoseconds_run(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0
