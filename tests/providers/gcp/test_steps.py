"""How an image was packed, read from the steps of its build; what is not understood is said so."""

from __future__ import annotations

from typing import Any

import pytest

from landed.providers.gcp.shapes.cloud_build import Step
from landed.providers.gcp.steps import Packing, packing

DOCKER = "gcr.io/cloud-builders/docker"
TAG = "europe-west1-docker.pkg.dev/shop-1234/shop/worker:latest"
OTHER = "europe-west1-docker.pkg.dev/shop-1234/shop/api:latest"


def step(*args: str, name: str = DOCKER, **more: Any) -> Step:
    return Step(name=name, args=args, **more)


READ = {
    "as gcloud submits --tag": (
        [step("build", "--network", "cloudbuild", "--no-cache", "-t", TAG, ".")],
        Packing(tags=(TAG,)),
    ),
    "a context and a file": (
        [step("build", "-t", TAG, "-f", "backend/Dockerfile.worker", "backend")],
        Packing(folder="backend", dockerfile="Dockerfile.worker", tags=(TAG,)),
    ),
    "the context's own Dockerfile": (
        [step("build", f"--tag={TAG}", "./backend/")],
        Packing(folder="backend", tags=(TAG,)),
    ),
    "the step's folder": (
        [step("build", "-t", TAG, "-f", "docker/Dockerfile", ".", dir="backend")],
        Packing(folder="backend", dockerfile="docker/Dockerfile", tags=(TAG,)),
    ),
    "arguments with variables": (
        [step("build", "-t", TAG, "--build-arg", "SHA=${COMMIT_SHA}", "--build-arg=A=$_A", ".")],
        Packing(build_args={"SHA": "a" * 40, "A": "b=c"}, tags=(TAG,)),
    ),
    "buildx": (
        [step("buildx", "build", "--platform", "linux/amd64", "--push", "-t", TAG, ".")],
        Packing(tags=(TAG,)),
    ),
    "kaniko": (
        [
            step(
                f"--destination={TAG}",
                "--context=dir:///workspace/backend",
                "--dockerfile=Dockerfile",
                "--cache=true",
                name="gcr.io/kaniko-project/executor:v1.20.0",
            )
        ],
        Packing(folder="backend", tags=(TAG,)),
    ),
    "a shell with one plain command": (
        [step("-c", f"docker build -t {TAG} \\\n  backend", entrypoint="bash")],
        Packing(folder="backend", tags=(TAG,)),
    ),
    "a script": (
        [Step(name=DOCKER, script=f"#!/bin/sh\ndocker build -t {TAG} backend\n")],
        Packing(folder="backend", tags=(TAG,)),
    ),
    "the step whose tag it is": (
        [step("build", "-t", OTHER, "api"), step("build", "-t", TAG, "worker")],
        Packing(folder="worker", tags=(TAG,)),
    ),
    "docker push is no build": (
        [step("build", "-t", TAG, "."), step("push", TAG)],
        Packing(tags=(TAG,)),
    ),
}
UNREAD = {
    "buildpacks": [step("build", TAG, name="gcr.io/k8s-skaffold/pack")],
    "a shell with more": [step("-c", f"make && docker build -t {TAG} .", entrypoint="bash")],
    "a pipe": [step("-c", f"cat Dockerfile | docker build -t {TAG} -", entrypoint="bash")],
    "a target": [step("build", "--target", "prod", "-t", TAG, ".")],
    "an unknown variable": [step("build", "-t", TAG, "-f", "$_FILE", ".")],
    "an argument from nowhere": [step("build", "-t", TAG, "--build-arg", "SHA", ".")],
    "a remote context": [step("build", "-t", TAG, "https://git.example/shop.git")],
    "a context outside": [step("build", "-t", TAG, "..")],
    "a Dockerfile outside": [step("build", "-t", TAG, "-f", "Dockerfile", "backend")],
    "two that could be": [step("build", "a"), step("build", "b")],
    "no step": [],
}


@pytest.mark.parametrize("name", READ)
def test_read(name: str) -> None:
    steps, expected = READ[name]
    given = {"COMMIT_SHA": "a" * 40, "_A": "b=c"}
    assert packing(steps, [TAG], given) == expected


@pytest.mark.parametrize("name", UNREAD)
def test_not_understood(name: str) -> None:
    assert packing(UNREAD[name], [TAG], {}).unread
