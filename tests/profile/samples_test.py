#!/usr/bin/python3
"""What bench/profile puts a sample down to, on the text that perf prints."""
import sys
import unittest

sys.path.insert(0, sys.argv.pop())
import samples  # noqa: E402

PRINTED = """\
shard             810/815       1234.5678: 500250:
        ffffffff8122aa10 copy_user_enhanced_fast_string ([kernel.kallsyms])
        ffffffff81b6c0d1 tcp_sendmsg ([kernel.kallsyms])
        ffffffff81a8ee30 __x64_sys_sendmsg ([kernel.kallsyms])
            7f11a3d2b31d __libc_sendmsg (/usr/lib/x86_64-linux-gnu/libc.so.6)
            55e1f0a2c111 sessionhub::hub::ShardThread::Run() (/opt/sessionhub/bin/sessionhubd)

sessionhubd       810/822       1234.5678: 500250:
            7f11a4a1c0aa absl::lts_20220623::Mutex::Lock() (/usr/lib/libabsl_base.so.20220623)

sessionhub-benc   900/900       1234.5678: 500250:
            55d0c0d5c7a0 sessionhub::bench::Generator::Commit(bool) (/opt/bin/sessionhub-bench)

sessionhub-benc   900/903       1234.5678: 1000500:
        ffffffff810f2c5a futex_wake ([kernel.kallsyms])
        ffffffff810f3a11 __x64_sys_futex ([kernel.kallsyms])

rocksdb:high0     810/830       1234.5678: 250125:
            7f11a2f0a001 rocksdb::InlineSkipList<x>::FindSplice (/usr/lib/librocksdb.so.7.8.3)

swapper             0/0         1234.5678: 500250:
        ffffffff81c0a2bb pv_native_safe_halt ([kernel.kallsyms])
"""


class SamplesTest(unittest.TestCase):
    def setUp(self):
        self.samples = samples.parse(PRINTED)

    def test_reads_heads_and_frames(self):
        self.assertEqual(len(self.samples), 6)
        first = self.samples[0]
        self.assertEqual((first.comm, first.pid, first.tid, first.at_s, first.weight),
                         ("shard", 810, 815, 1234.5678, 500250))
        self.assertEqual(first.frames[0], ("copy_user_enhanced_fast_string", "[kernel.kallsyms]"))
        self.assertEqual(first.frames[3], ("__libc_sendmsg", "libc.so.6"))
        self.assertEqual(self.samples[3].weight, 1000500)

    def test_knows_whose_a_sample_is(self):
        self.assertEqual(samples.processes(self.samples), {810: "hub", 900: "nodes"})

    def test_puts_it_down_to_a_thread_and_to_what_that_was_in(self):
        self.assertEqual([samples.work_of(sample) for sample in self.samples[:5]],
                         ["shard: send", "gRPC: Abseil", "first thread: sessionhub",
                          "gRPC: sleeps and wakes", "rocksdb: RocksDB"])

    def test_a_sample_without_a_stack_is_unknown(self):
        self.assertEqual(samples.place_of(samples.Sample("shard", 1, 2, 0.5, 3, [])), "unknown")


if __name__ == "__main__":
    unittest.main()
