#!/usr/bin/env python3
"""A hub offers gRPC's own services: health for who watches it, reflection for grpcurl and others.

   standard_services_test.py SESSIONHUBD
"""

import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

START_SECONDS_MAX = 60
SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse { status: SERVING }
LIST_SERVICES = b"\x3a\x00"  # ServerReflectionRequest { list_services: "" }


TOKENS_FILE = object()


def same(content):
    """Messages stay bytes: no generated code is needed for two of them."""
    return content


class StandardServicesTest(unittest.TestCase):
    sessionhubd = ""
    options = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sessionhub-test-")
        self.addCleanup(folder.cleanup)
        tokens_file = pathlib.Path(folder.name) / "tokens"
        tokens_file.touch(mode=0o600)
        tokens_file.write_text('{"sessionhub_tokens":1}\n', encoding="utf-8")
        options = [str(tokens_file) if option is TOKENS_FILE else option
                   for option in self.options]
        port_file = pathlib.Path(folder.name) / "port"
        hub = subprocess.Popen(
            [self.sessionhubd, "--listen", "127.0.0.1:0", "--data-dir", folder.name + "/data",
             "--port-file", str(port_file), *options], stderr=subprocess.DEVNULL)
        self.addCleanup(hub.wait)
        self.addCleanup(hub.kill)
        end = time.monotonic() + START_SECONDS_MAX
        while not port_file.exists():
            self.assertIsNone(hub.poll(), "the hub has ended")
            self.assertLess(time.monotonic(), end, "the hub is not ready")
            time.sleep(0.01)
        self.channel = grpc.insecure_channel("127.0.0.1:" + port_file.read_text().strip())
        self.addCleanup(self.channel.close)

    def test_health_says_serving(self):
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check", same, same)
        self.assertEqual(check(b"", timeout=10), SERVING)

    def test_reflection_lists_the_services(self):
        ask = self.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", same, same)
        answer = next(ask(iter([LIST_SERVICES]), timeout=10))
        for service in (b"sessionhub.v1.Hub", b"sessionhub.v1.Admin", b"grpc.health.v1.Health"):
            self.assertIn(service, answer)


class OfAHubWithTokensTest(StandardServicesTest):
    """Both answer whoever asks: what watches a hub needs no token."""

    options = ("--tokens-file", TOKENS_FILE)


if __name__ == "__main__":
    StandardServicesTest.sessionhubd = sys.argv.pop()
    unittest.main()
