"""Samples of perf, and what each is put down to."""
import dataclasses
import re

# A library by the beginning of its file's name.
LIBRARIES = (
    (("librocksdb",), "RocksDB"),
    (("libgrpc", "libgpr", "libaddress_sorting", "libupb", "libcares", "libre2"), "gRPC"),
    (("libprotobuf",), "protobuf"),
    (("libabsl",), "Abseil"),
    (("libc.so", "libstdc++", "libm.so", "ld-linux", "libc-", "libgcc"), "C and C++ library"),
    (("libsnappy", "liblz4", "libzstd", "libz.so"), "compression"),
)

# What a system call is for, by its name in the kernel.
CALLS = (
    (re.compile(r"sys_(sendmsg|sendto|sendmmsg|writev)$"), "send"),
    (re.compile(r"sys_(recvmsg|recvfrom|recvmmsg|readv)$"), "receive"),
    (re.compile(r"sys_(epoll_\w+|poll|ppoll)$"), "epoll"),
    (re.compile(r"sys_futex\w*$"), "sleeps and wakes"),
    (re.compile(r"sys_(fdatasync|fsync|sync_file_range|pwrite64|write|fallocate)$"),
     "disk writes"),
    (re.compile(r"sys_(pread64|read|preadv)$"), "reads of files and events"),
)

# What the hub, the client stub and RocksDB call their threads.
OWN_THREADS = ("shard", "catch-ups", "registrar", "listener", "audit", "ticker", "rocksdb",
               "hub-timer", "hub-callbacks")


@dataclasses.dataclass
class Sample:
    """One moment of one thread: the frames of its stack, innermost first, as (symbol, file)."""
    comm: str
    pid: int
    tid: int
    at_s: float
    weight: int
    frames: list


HEAD = re.compile(r"^(?P<comm>\S.*?)\s+(?P<pid>\d+)/(?P<tid>\d+)\s+(?P<at_s>\d+\.\d+):"
                  r"\s+(?P<weight>\d+)\s*:?\s*$")
FRAME = re.compile(r"^\s+[0-9a-f]+\s+(?P<symbol>.*?)\s+\((?P<file>[^()]*(?:\([^()]*\))?[^()]*)\)$")


def parse(text):
    """The samples of what `perf script -F comm,pid,tid,time,period,ip,sym,dso` prints."""
    taken = []
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            taken.append(Sample(head["comm"], int(head["pid"]), int(head["tid"]),
                                float(head["at_s"]), int(head["weight"]), []))
            continue
        frame = FRAME.match(line)
        if frame and taken:
            taken[-1].frames.append((frame["symbol"], frame["file"].rsplit("/", 1)[-1]))
    return taken


def is_kernel(file):
    return file.startswith("[") and "vdso" not in file


def processes(taken):
    """Process id -> "hub" or "nodes", by the program that some stack of it leads through."""
    programs = {"sessionhubd": "hub", "sessionhub-bench": "nodes"}
    found = {}
    for sample in taken:
        for _, file in sample.frames:
            if file in programs:
                found[sample.pid] = programs[file]
    return found


def thread_of(sample):
    """Its name, if it has one of ours; "gRPC" is every other thread but the process's first."""
    for name in OWN_THREADS:
        if sample.comm.startswith(name):
            return name
    return "first thread" if sample.tid == sample.pid else "gRPC"


def place_of(sample):
    """The library that the sample was in, or what the kernel did for it."""
    if not sample.frames:
        return "unknown"
    symbol, file = sample.frames[0]
    if is_kernel(file):
        return kernel_work(sample)
    for beginnings, library in LIBRARIES:
        if file.startswith(beginnings):
            return library
    return "sessionhub"


def kernel_work(sample):
    for symbol, file in sample.frames:
        for pattern, work in CALLS:
            if is_kernel(file) and pattern.search(symbol):
                return work
    return "the kernel's other work"


def work_of(sample):
    return "%s: %s" % (thread_of(sample), place_of(sample))
