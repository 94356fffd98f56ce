#!/usr/bin/env python3
"""The files for containers: linters find nothing in them, and find what is wrong in others; and
they agree with each other and with the hub.

deploy/install-packages package brings yamllint, deploy/install-linters the other linters; a test
whose linter is missing is skipped.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import skipping

try:
    import yaml
except ImportError:  # python3-yaml
    yaml = None

TREE = pathlib.Path(__file__).resolve().parents[2]
LINTERS = TREE / "build/linters"
NODE_PROGRAMS = LINTERS / "node_modules/.bin"
DOCKERFILE = TREE / "deploy/docker/Dockerfile"
COMPOSE = TREE / "deploy/compose/compose.yaml"
KUBERNETES = sorted((TREE / "deploy/kubernetes").glob("*.yaml"))
YAML_RULES = ("{extends: default, rules: {line-length: {max: 120}, document-start: disable,"
              " comments: {min-spaces-from-content: 1}}}")
GRPC_STOP_S = 2


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, **more)
    return done.returncode, done.stdout + done.stderr


def lint_yaml(path):
    return run("yamllint", "--strict", "-d", YAML_RULES, path)


def lint_dockerfile(path):
    return run(NODE_PROGRAMS / "dockerfile-utils", "lint", path)


def lint_compose(path):
    return run(NODE_PROGRAMS / "dclint", "--max-warnings", "0", path)


def lint_kubernetes(path):
    # With the Python that deploy/install-linters has had.
    environment = os.environ | {"PYTHONPATH": str(LINTERS / "python")}
    return run("python3", "-m", "kubernetes_validate", "--strict", path, env=environment)


def is_there(program):
    return unittest.skipUnless(shutil.which(program) or pathlib.Path(program).exists(),
                               f"{pathlib.Path(program).name} is missing: deploy/install-linters,"
                               " deploy/install-packages package")


class LinterTest(unittest.TestCase):

    def check(self, linter, paths, wrong, right):
        """Nothing is found in `paths`; where `right` is replaced by `wrong`, something is."""
        self.assertNotEqual(len(paths), 0)
        for path in paths:
            code, said = linter(path)
            self.assertEqual(code, 0, f"{path}\n{said}")
        text = paths[0].read_text(encoding="utf-8")
        self.assertIn(right, text)
        with tempfile.TemporaryDirectory() as folder:
            broken = pathlib.Path(folder) / paths[0].name
            broken.write_text(text.replace(right, wrong), encoding="utf-8")
            code, said = linter(broken)
            self.assertNotEqual(code, 0, said)

    @is_there("yamllint")
    def test_yaml(self):
        self.check(lint_yaml, [COMPOSE, *KUBERNETES], "name: sessionhub\nname: twice",
                   "name: sessionhub")

    @is_there(NODE_PROGRAMS / "dockerfile-utils")
    def test_dockerfile(self):
        self.check(lint_dockerfile, [DOCKERFILE], "EXPOSE ports", "EXPOSE 7070")

    @is_there(NODE_PROGRAMS / "dclint")
    def test_compose(self):
        self.check(lint_compose, [COMPOSE], "restarts: unless-stopped", "restart: unless-stopped")

    @is_there(LINTERS / "python/kubernetes_validate")
    def test_kubernetes(self):
        stateful_set = TREE / "deploy/kubernetes/statefulset.yaml"
        others = [path for path in KUBERNETES if path != stateful_set]
        self.check(lint_kubernetes, [stateful_set, *others], "replica: 1", "replicas: 1")


def limit_ms(name):
    page = (TREE / "docs/limits.md").read_text(encoding="utf-8")
    return int(re.search(rf"^\| `{name}` \| ([\d,]+) ms", page, re.M)[1].replace(",", ""))


@unittest.skipIf(yaml is None, "python3-yaml is missing: deploy/install-packages package")
class AgreementTest(unittest.TestCase):

    def setUp(self):
        self.dockerfile = DOCKERFILE.read_text(encoding="utf-8")
        self.hub = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["hub"]
        self.objects = {}
        for path in KUBERNETES:
            for found in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                self.objects[found["kind"], found["metadata"]["name"]] = found
        self.set = self.objects["StatefulSet", "sessionhub"]["spec"]
        self.pod = self.set["template"]["spec"]
        self.container, = self.pod["containers"]

    def test_all_objects_are_there(self):
        self.assertEqual(sorted(self.objects), [
            ("NetworkPolicy", "sessionhub"), ("PodDisruptionBudget", "sessionhub"),
            ("Service", "sessionhub"), ("Service", "sessionhub-headless"),
            ("StatefulSet", "sessionhub")])

    def test_the_image_is_of_this_version(self):
        project = (TREE / "CMakeLists.txt").read_text(encoding="utf-8")
        image = "sessionhub:" + re.search(r"VERSION ([\d.]+)", project.split("project(")[1])[1]
        self.assertEqual(self.hub["image"], image)
        self.assertEqual(self.container["image"], image)
        self.assertIn(f"-t {image} ", self.dockerfile)

    def test_nobody_is_root(self):
        user, group = map(int, re.search(r"^USER (\d+):(\d+)$", self.dockerfile, re.M).groups())
        self.assertNotEqual(user, 0)
        self.assertRegex(self.dockerfile, rf"useradd --system --uid {user} --gid {group} ")
        context = self.pod["securityContext"]
        self.assertTrue(context["runAsNonRoot"])
        self.assertEqual((context["runAsUser"], context["fsGroup"]), (user, group))
        self.assertEqual(self.hub["cap_drop"], ["ALL"])
        self.assertEqual(self.container["securityContext"]["capabilities"], {"drop": ["ALL"]})

    def test_one_image_is_asked_for_its_health(self):
        self.assertRegex(self.dockerfile, r"(?m)^HEALTHCHECK [^\n]*\\\n +CMD \[\"sessionhubctl\"")

    def test_all_select_the_pod(self):
        labels = self.set["template"]["metadata"]["labels"]
        self.assertEqual(self.set["selector"]["matchLabels"], labels)
        self.assertIn(("Service", self.set["serviceName"]), self.objects)
        for (kind, name), found in self.objects.items():
            selector = found["spec"].get("selector", found["spec"].get("podSelector"))
            self.assertEqual(selector.get("matchLabels", selector), labels, (kind, name))

    def listens(self, option):
        arguments = self.container["args"]
        return int(arguments[arguments.index(option) + 1].rpartition(":")[2])

    def test_all_mean_the_same_ports(self):
        grpc, metrics = self.listens("--listen"), self.listens("--metrics-listen")
        ports = {entry["name"]: entry["containerPort"] for entry in self.container["ports"]}
        self.assertEqual(ports, {"grpc": grpc, "metrics": metrics})
        rules = self.objects["NetworkPolicy", "sessionhub"]["spec"]["ingress"]
        self.assertEqual([[entry["port"] for entry in rule["ports"]] for rule in rules],
                         [[grpc], [metrics]])
        exposed = [int(entry) for entry in re.findall(r"^EXPOSE (\d+)$", self.dockerfile, re.M)]
        self.assertEqual(exposed, [grpc])
        published = [int(entry.rpartition(":")[2]) for entry in self.hub["ports"]]
        self.assertEqual(published, [grpc, metrics])
        command = self.hub["command"]
        for option, port in (("--listen", grpc), ("--metrics-listen", metrics)):
            self.assertEqual(command[command.index(option) + 1], f"0.0.0.0:{port}")

    def test_a_hub_with_a_full_disk_is_not_killed(self):
        for probe in ("startupProbe", "livenessProbe"):
            self.assertEqual(self.container[probe]["httpGet"],
                             {"path": "/livez", "port": "metrics"})
        service = self.objects["Service", "sessionhub"]["spec"]
        self.assertTrue(service["publishNotReadyAddresses"])

    def test_a_hub_that_takes_nothing_is_not_ready(self):
        self.assertEqual(self.container["readinessProbe"]["httpGet"],
                         {"path": "/readyz", "port": "metrics"})

    def test_secrets_of_the_pod_are_mounted_where_its_options_look(self):
        volumes = {volume["name"]: volume for volume in self.pod["volumes"]}
        arguments = self.container["args"]
        for option, secret in (("--tls-certificate", "sessionhub-tls"),
                               ("--tls-key", "sessionhub-tls"),
                               ("--tokens-file", "sessionhub-tokens")):
            place, _, _ = arguments[arguments.index(option) + 1].rpartition("/")
            mount, = [mount for mount in self.container["volumeMounts"]
                      if mount["mountPath"] == place]
            self.assertTrue(mount["readOnly"])
            # A part of a volume does not follow its secret.
            self.assertNotIn("subPath", mount)
            found = volumes[mount["name"]]["secret"]
            self.assertEqual(found["secretName"], secret)
            self.assertEqual(found["defaultMode"], 0o440)
            self.assertIn(secret, (TREE / "docs/install.md").read_text(encoding="utf-8"))

    def test_secrets_of_compose_are_where_its_options_look(self):
        compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
        self.assertEqual(set(self.hub["secrets"]), set(compose["secrets"]))
        looked_at = self.hub["command"] + self.hub["healthcheck"]["test"]
        for name, found in compose["secrets"].items():
            self.assertIn(f"/run/secrets/{name}", looked_at)
            self.assertEqual(found["file"], f"./secrets/{name}")
        for ignore in (".gitignore", "deploy/docker/Dockerfile.dockerignore"):
            self.assertIn("deploy/compose/secrets", (TREE / ignore).read_text(encoding="utf-8"))

    def test_ports_are_published_on_loopback_only(self):
        for entry in self.hub["ports"]:
            self.assertTrue(entry.startswith("127.0.0.1:"), entry)

    def test_a_stop_waits_for_longer_than_the_hub_does(self):
        least_s = limit_ms("drain_ms") / 1000 + GRPC_STOP_S
        self.assertGreater(self.pod["terminationGracePeriodSeconds"], least_s)
        self.assertGreater(int(self.hub["stop_grace_period"].removesuffix("s")), least_s)

    def test_the_cluster_sets_no_variables_of_the_hub(self):
        names = [name for kind, name in self.objects if kind == "Service"]
        self.assertTrue(any(name.startswith("sessionhub") for name in names))
        self.assertIs(self.pod["enableServiceLinks"], False)

    def test_sessions_are_in_a_volume(self):
        places = {mount["mountPath"]: mount["name"] for mount in self.container["volumeMounts"]}
        claims = [claim["metadata"]["name"] for claim in self.set["volumeClaimTemplates"]]
        self.assertIn(places["/var/lib/sessionhub"], claims)
        self.assertIn("sessions:/var/lib/sessionhub", self.hub["volumes"])


if __name__ == "__main__":
    skipping.main()
