"""cmake/check_layers finds what it is there for."""
import pathlib
import subprocess
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "cmake" / "check_layers"

# file, its line, what must be said about it (None: nothing)
ROWS = [
    ("common/net/a.cc", '#include "common/base/text.h"', None),
    ("common/net/a.cc", '#include "common/net/url.h"', None),
    ("common/net/a.cc", "#include <string>", None),
    ("common/net/a.cc", '// #include "common/catalog/store.h"', None),
    ("common/base/a.h", '#include "common/net/url.h"', "common/base may not use common/net"),
    ("common/geo/a.h", '  #  include "common/wire/frame.h"', "common/geo may not use common/wire"),
    ("mirrorlist_server/a.cc", '#include "common/catalog/store.h"', "may not use common/catalog"),
    ("mirrorlist_server/a.cc", "#include <event2/event.h>", "may not use event2/event.h"),
    ("mirrorlist_client/a.cc", "#include <event2/event.h>", None),
    ("mirrorlist_client/a.cc", "#include <soci/soci.h>", "may not use soci/soci.h"),
    ("mirrorlist_client/a.cc", '#include "mirrorlist_server/a.h"', "may not use mirrorlist_server"),
    ("admin/a.cc", '#include "tests/support/a.h"', "admin may not use tests"),
    ("crawlers/a.cc", "int x;", "crawlers has no line in LAYERS"),
    ("common/crawl/a.cc", "int x;", "common/crawl has no line in LAYERS"),
    ("mirrorlist_client/CMakeLists.txt", "  LIBS mirrorway_http PkgConfig::libevent)", None),
    ("mirrorlist_client/CMakeLists.txt", "  LIBS mirrorway_catalog)", "may not use common/catalog"),
    ("mirrorlist_server/CMakeLists.txt", "  LIBS soci)", "may not use soci"),
    ("common/net/CMakeLists.txt", "mirrorway_library(net PUBLIC mirrorway_base)", None),
    ("common/net/CMakeLists.txt", "  # not mirrorway_catalog", None),
]


class CheckLayers(unittest.TestCase):
    def test_each_row(self):
        for file, line, complaint in ROWS:
            with self.subTest(file=file, line=line), tempfile.TemporaryDirectory() as root:
                path = pathlib.Path(root, file)
                path.parent.mkdir(parents=True)
                path.write_text("\n" + line + "\n", encoding="utf-8")
                done = subprocess.run([CHECK, root], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0 if complaint is None else 1, done.stdout)
                self.assertIn(complaint or "", done.stdout)
                if complaint and "LAYERS" not in complaint:
                    self.assertIn(f"{file}:2: ", done.stdout)


if __name__ == "__main__":
    unittest.main()
