"""Every folder of the sources has its DESIGN.md, and the headers that one names are those that are there."""
import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = [SOURCE / name for name in ("admin", "cache_builder", "mirrorlist_client", "mirrorlist_server")]
FOLDERS = sorted([*PROGRAMS, *(path for path in (SOURCE / "common").iterdir() if path.is_dir())])
HEADER = re.compile(r"`((?:\w+/)*\w+\.h)`")


class Design(unittest.TestCase):
    def test_every_folder_has_one(self):
        self.assertGreater(len(FOLDERS), 12)
        for folder in FOLDERS:
            with self.subTest(folder.relative_to(SOURCE)):
                self.assertTrue((folder / "DESIGN.md").is_file())

    def test_what_is_named_is_there(self):
        for folder in FOLDERS:
            for name in HEADER.findall((folder / "DESIGN.md").read_text(encoding="utf-8")):
                with self.subTest(folder=folder.relative_to(SOURCE), name=name):
                    self.assertTrue((folder / name).is_file() or (SOURCE / name).is_file())

    def test_a_list_of_headers_has_them_all(self):
        """A page that is no list, of items that begin with headers, explains what needs it and leaves the others out."""
        for folder in FOLDERS:
            page = (folder / "DESIGN.md").read_text(encoding="utf-8")
            if not re.search(r"^- `\w+\.h`", page, re.MULTILINE):
                continue
            with self.subTest(folder.relative_to(SOURCE)):
                self.assertEqual({path.name for path in folder.glob("*.h")} - set(HEADER.findall(page)), set())


if __name__ == "__main__":
    unittest.main()
