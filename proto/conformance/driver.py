"""The client under test: a program that takes calls as JSON lines and prints how they ended."""
import json
import os
import queue
import subprocess
import threading

# How long the client has for each step.
WAIT_S = float(os.environ.get("SESSIONHUB_KIT_WAIT_S", "20"))


class Driver:
    """Runs the program; kills it on close."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.results = {}
        self.incoming = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.incoming.put(json.loads(line))
        self.incoming.put(None)

    def call(self, call):
        try:
            self.process.stdin.write(json.dumps(call) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what waits for its result will say so

    def result(self, label):
        """What the call with this label ended with. Results may come in any order."""
        while label not in self.results:
            try:
                result = self.incoming.get(timeout=WAIT_S)
            except queue.Empty:
                raise AssertionError(f"call {label} did not end within {WAIT_S} s") from None
            if result is None:
                raise AssertionError(f"the client ended before call {label} did")
            self.results[result.pop("result")] = result
        return self.results.pop(label)

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
