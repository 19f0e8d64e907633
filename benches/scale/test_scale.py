"""What the bench's own parts do: pages as asked for, places on axes, tables in the documentation."""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import pages  # noqa: E402
import report  # noqa: E402
from svg import Axis, chart, in_bytes, short  # noqa: E402


class Pages(unittest.TestCase):
    def test_the_same_seed_gives_the_same_pages_and_another_others(self):
        for make in (pages.html, pages.marked_up, pages.plain):
            one, same, other = (list(make(seed, [3000, 40_000])) for seed in (1, 1, 2))
            self.assertEqual(one, same)
            self.assertNotEqual(one[0]["body"], other[0]["body"])

    def test_pages_have_their_size_and_their_share_of_text(self):
        for size in (5000, 20_000, 300_000):
            for make in (pages.html, pages.marked_up):
                body = next(make(1, [size]))["body"]
                self.assertLess(abs(len(body) / size - 1), 0.1, size)
            self.assertEqual(len(next(pages.plain(1, [size]))["body"]), size)
        text = sum(map(len, pages.Writer(3).text(10_000)))
        self.assertLess(abs(text / 10_000 - 1), 0.1)

    def test_no_text_repeats_another(self):
        def shingles(body):
            words = body.split()
            return {tuple(words[n : n + 4]) for n in range(len(words) - 3)}
        texts = [shingles(page["body"]) for page in pages.plain(5, [3000] * 40)]
        for number, one in enumerate(texts):
            for other in texts[:number]:
                self.assertLess(len(one & other), len(one) * 0.05)


class Curves(unittest.TestCase):
    def test_axes_put_values_where_they_belong(self):
        axis = Axis("x", log=True)
        axis.fit([10, 1000], 100, 300)
        self.assertEqual((axis.at(10), axis.at(100), axis.at(1000)), (100, 200, 300))
        axis = Axis("y")
        axis.fit([3, 47], 400, 0)
        self.assertEqual(axis.ticks, [0, 10, 20, 30, 40, 50])
        self.assertEqual((axis.at(0), axis.at(25), axis.at(50)), (400, 200, 0))

    def test_numbers_are_short(self):
        self.assertEqual([short(value) for value in (0.5, 12, 1500, 2e6)], ["0.5", "12", "1.5k", "2M"])
        self.assertEqual([in_bytes(value) for value in (2000, 5e8, 2.47e12)], ["2 kB", "500 MB", "2.47 TB"])

    def test_a_picture_has_a_mark_for_each_point(self):
        picture = chart("A & b", Axis("x"), Axis("y"), [("one", [(0, 1), (1, 2), (2, 4)]), ("ideal", [(0, 1), (2, 3)], "dashed")])
        self.assertEqual(picture.count("<circle"), 3 + 1)  # one in the legend
        self.assertIn("A &amp; b", picture)


class Documentation(unittest.TestCase):
    def test_tables_go_where_their_places_are(self):
        figures = {"threads": {"taken": {"on": "a machine", "version": "newsmill 1"}, "pages": "9 pages", "rows": [
            {"threads": 1, "pages_per_second": 1234.5, "pages_per_cpu_second": 1250.0, "times_one": 1.0}]}}
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            page = folder / "page.md"
            page.write_text("before\n<!-- scale: threads -->\nold\n<!-- /scale -->\n<!-- scale: sizes -->\nkept\n<!-- /scale -->\n")
            report.save(folder, figures)
            self.assertEqual(report.load(folder)["threads"]["rows"][0]["pages_per_second"], 1234)
            report.write_docs(folder, figures)
            text = page.read_text()
        self.assertIn("| 1 | 1,234 | 1.00 | 1,250 |", text)
        self.assertNotIn("old", text)
        self.assertIn("kept", text)

    def test_the_documentation_has_the_tables_of_the_figures(self):
        root = HERE.parents[1]
        figures = report.load(root / "docs" / "scaling")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for page in ("scaling.md", "sizing.md"):
                text = (root / "docs" / page).read_text(encoding="utf-8")
                (folder / page).write_text(text, encoding="utf-8")
                report.write_docs(folder, figures)
                self.assertEqual((folder / page).read_text(encoding="utf-8"), text, f"run script/bench scale --docs: docs/{page}")
            for picture, drawn in report.curves(figures).items():
                there = (root / "docs" / "scaling" / f"{picture}.svg").read_text(encoding="utf-8")
                self.assertEqual(there, drawn, f"run script/bench scale --docs: {picture}.svg")


if __name__ == "__main__":
    unittest.main()
