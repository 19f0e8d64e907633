"""The arithmetic of `script/measure` on made-up rows: what is slow, missing or late must show."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import gauges  # noqa: E402
import measure  # noqa: E402


class Figures(unittest.TestCase):
    def test_latency_counts_from_the_page_and_misses_nothing(self):
        sent = {(0, 0): 1000, (0, 1): 2000, (1, 0): 2500, (1, 1): 9000}
        seen = {(0, 0): 1100, (0, 1): 2500}
        waits, missing = gauges.latencies(sent, seen, 1000, 9000)
        self.assertEqual((waits, missing), ([0.1, 0.5], 1))

    def test_quantiles_are_of_what_was_seen(self):
        ordered = [number / 100 for number in range(1, 101)]
        self.assertEqual([gauges.quantile(ordered, share) for share in (0.5, 0.99, 1.0)], [0.5, 0.99, 1.0])
        self.assertEqual(gauges.quantile([7.0], 0.5), 7.0)
        self.assertTrue(gauges.quantile([], 0.5) != gauges.quantile([], 0.5))

    def test_a_hand_over_ends_with_the_last_partition(self):
        sent = {(0, 5): 900, (0, 6): 1100, (1, 3): 1200, (1, 4): 1300, (2, 0): 1100}
        seen = {(0, 5): 1500, (0, 6): 4000, (2, 0): 1200}
        # What was sent before does not count, nor do the partitions of others.
        self.assertIsNone(gauges.went_on(sent, seen, {0, 1}, 1000))
        seen[1, 4] = 3000
        self.assertEqual(gauges.went_on(sent, seen, {0, 1}, 1000), 3.0)
        # The first page of a partition says when it went on.
        seen[1, 3] = 9000
        self.assertEqual(gauges.went_on(sent, seen, {0, 1}, 1000), 3.0)

    def test_the_longest_wait_is_of_that_span(self):
        self.assertEqual(gauges.longest_gap({(0, 0): 100, (0, 1): 900}, {(0, 0): 400, (0, 1): 5900}, 0, 500), 0.3)

    def test_metrics_are_summed_and_told_apart(self):
        metrics = gauges.Metrics('# HELP a b\na{p="1",q="x"} 2\na{p="2",q="x"} 3.5\nab 7\n'
                                 'newsmill_lag_records{topic="t",partition="4"} 0\n')
        self.assertEqual((metrics.sum("a"), metrics.sum("ab"), metrics.sum("b")), (5.5, 7, 0))
        self.assertEqual(dict(metrics.by("a", "p")), {"1": 2, "2": 3.5})
        self.assertEqual(metrics.partitions(), {4})


class MadeUpPages(unittest.TestCase):
    def test_they_are_of_ten_kilobytes_and_the_same_for_a_seed(self):
        with tempfile.TemporaryDirectory() as folder:
            pages = [measure.Pages(3, pathlib.Path(folder)) for _ in range(2)]
            made = [[each.message()[1] for _ in range(50)] for each in pages]
        self.assertEqual(made[0], made[1])
        self.assertTrue(8_000 < sum(map(len, made[0])) / 50 < 13_000)
        self.assertEqual(len(set(made[0])), 50)


if __name__ == "__main__":
    unittest.main()
