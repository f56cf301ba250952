"""Artifact Registry's version 1, as far as it is read: repositories, packages, versions, tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.routing import Route

from landed.localcloud.face.answers import absent, allowed, filled, moment, page
from landed.localcloud.face.artifacts.shelf import Picture, Shelf
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import Face

_MOST = 1000
_HOME = "/v1/projects/{project}/locations/{location}/repositories"
_PACKAGE = f"{_HOME}/{{repository}}/packages/{{package:path}}"


def service(face: Face) -> Service:
    """Everything that is only looked at. The longer paths come first: a package may hold `/`."""
    functions: dict[str, Callable[[Call], dict[str, Any]]] = {
        f"{_PACKAGE}/tags/{{tag}}": get_tag,
        f"{_PACKAGE}/tags": list_tags,
        f"{_PACKAGE}/versions/{{version}}": get_version,
        f"{_PACKAGE}/versions": list_versions,
        f"{_HOME}/{{repository}}/packages": list_packages,
        _PACKAGE: get_package,
        f"{_HOME}/{{repository}}/dockerImages": list_images,
        f"{_HOME}/{{repository}}/dockerImages/{{image:path}}": get_image,
        _HOME: list_repositories,
        f"{_HOME}/{{repository}}": get_repository,
    }
    routes: list[Route] = [route(face, "GET", path, known) for path, known in functions.items()]
    tested = f"{_HOME}/{{repository}}:testIamPermissions"
    routes.append(route(face, "POST", tested, permissions))
    return Service(hosts=("artifactregistry.googleapis.com",), routes=routes)


def permissions(call: Call) -> dict[str, Any]:
    """What may be done with a repository; any name of one will do."""
    _shelf(call)
    return allowed(call.json().get("permissions"))


def _shelf(call: Call) -> Shelf:
    call.face.must_be_mine(call.path["project"])
    call.face.must_be_here(call.path["location"])
    return Shelf(call.face)


def _parent(call: Call, repository: str) -> str:
    project = call.face.project
    return f"projects/{project.id}/locations/{project.region}/repositories/{repository}"


def _page(call: Call, kind: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    some, token = page(items, call.query.get("pageSize"), call.query.get("pageToken"), _MOST)
    return filled(**{kind: list(some)}, nextPageToken=token)


def _all(shelf: Shelf, repository: str) -> list[Picture]:
    packages = shelf.repository(repository)
    return [one for package in packages for one in shelf.pictures(repository, package)]


def list_repositories(call: Call) -> dict[str, Any]:
    """All repositories that hold something."""
    shelf = _shelf(call)
    found = [_repository(call, shelf, name) for name in sorted(shelf.packages())]
    return _page(call, "repositories", found)


def get_repository(call: Call) -> dict[str, Any]:
    """One repository."""
    return _repository(call, _shelf(call), call.path["repository"])


def _repository(call: Call, shelf: Shelf, name: str) -> dict[str, Any]:
    pictures = _all(shelf, name)
    return filled(
        name=_parent(call, name),
        format="DOCKER",
        mode="STANDARD_REPOSITORY",
        createTime=moment(min(one.uploaded for one in pictures)) if pictures else None,
        updateTime=moment(max(one.updated for one in pictures)) if pictures else None,
        sizeBytes=str(sum(one.size for one in pictures)),
        registryUri=f"{shelf.host}/{call.face.project.id}/{name}",
    )


def list_packages(call: Call) -> dict[str, Any]:
    """The packages of a repository."""
    shelf, repository = _shelf(call), call.path["repository"]
    found = [_package(call, shelf, repository, package) for package in shelf.repository(repository)]
    return _page(call, "packages", found)


def get_package(call: Call) -> dict[str, Any]:
    """One package."""
    return _package(call, _shelf(call), call.path["repository"], call.path["package"])


def _package(call: Call, shelf: Shelf, repository: str, package: str) -> dict[str, Any]:
    pictures = shelf.pictures(repository, package)
    return filled(
        name=f"{_parent(call, repository)}/packages/{_part(package)}",
        createTime=moment(min(one.uploaded for one in pictures)) if pictures else None,
        updateTime=moment(max(one.updated for one in pictures)) if pictures else None,
    )


def _part(package: str) -> str:
    """A package's name as a part of another: its own parts are no parts of that."""
    return package.replace("/", "%2F")


def list_tags(call: Call) -> dict[str, Any]:
    """The tags of a package."""
    tags = _shelf(call).tags(call.path["repository"], call.path["package"])
    return _page(call, "tags", [_tag(call, name, move.digest) for name, move in tags.items()])


def get_tag(call: Call) -> dict[str, Any]:
    """One tag, and the version that it points to."""
    tags = _shelf(call).tags(call.path["repository"], call.path["package"])
    name = call.path["tag"]
    if name not in tags:
        raise absent(f"Tag {name!r}")
    return _tag(call, name, tags[name].digest)


def _tag(call: Call, name: str, digest: str) -> dict[str, Any]:
    package = f"{_parent(call, call.path['repository'])}/packages/{_part(call.path['package'])}"
    return {"name": f"{package}/tags/{name}", "version": f"{package}/versions/{digest}"}


def list_versions(call: Call) -> dict[str, Any]:
    """The versions of a package, the newest first."""
    pictures = _shelf(call).pictures(call.path["repository"], call.path["package"])
    return _page(call, "versions", [_version(call, one) for one in pictures])


def get_version(call: Call) -> dict[str, Any]:
    """One version: a version is an image by its digest."""
    path = call.path
    return _version(
        call, _shelf(call).picture(path["repository"], path["package"], path["version"])
    )


def _version(call: Call, one: Picture) -> dict[str, Any]:
    package = f"{_parent(call, call.path['repository'])}/packages/{_part(one.package)}"
    # FULL is what names the tags; it costs nothing here, and leaving it out is the default.
    full = call.query.get("view") == "FULL"
    return filled(
        name=f"{package}/versions/{one.digest}",
        createTime=moment(one.uploaded),
        updateTime=moment(one.updated),
        relatedTags=[_tag(call, tag, one.digest) for tag in one.tags] if full else None,
        metadata={
            "name": f"{_parent(call, call.path['repository'])}/dockerImages/"
            f"{_part(one.package)}@{one.digest}",
            "mediaType": one.media_type,
            "imageSizeBytes": str(one.size),
        },
    )


def list_images(call: Call) -> dict[str, Any]:
    """The docker images of a repository."""
    shelf, repository = _shelf(call), call.path["repository"]
    found = [_image(call, shelf, repository, one) for one in _all(shelf, repository)]
    return _page(call, "dockerImages", found)


def get_image(call: Call) -> dict[str, Any]:
    """One docker image, by `PACKAGE@DIGEST`."""
    shelf, repository = _shelf(call), call.path["repository"]
    package, _, digest = call.path["image"].rpartition("@")
    return _image(call, shelf, repository, shelf.picture(repository, package, digest))


def _image(call: Call, shelf: Shelf, repository: str, one: Picture) -> dict[str, Any]:
    return filled(
        name=f"{_parent(call, repository)}/dockerImages/{_part(one.package)}@{one.digest}",
        uri=f"{shelf.stored(repository, one.package)}@{one.digest}",
        tags=list(one.tags),
        imageSizeBytes=str(one.size),
        mediaType=one.media_type,
        uploadTime=moment(one.uploaded),
        updateTime=moment(one.updated),
        buildTime=one.built,
    )
