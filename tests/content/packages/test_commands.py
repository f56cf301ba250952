"""What RUN lines install by."""

from __future__ import annotations

import pytest

from landed.content.packages.commands import Installer, Installs, installs, named

PIP = Installs(by=Installer.PIP, file="requirements.txt")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install -r requirements.txt", [PIP]),
        ("pip3.11 install --no-cache-dir --requirement requirements.txt", [PIP]),
        ("python -m pip install -rrequirements.txt", [PIP]),
        ("uv pip install --system -r requirements.txt", [PIP]),
        ('["pip", "install", "-r", "requirements.txt"]', [PIP]),
        ("apt-get update && pip install --upgrade pip && pip install -r requirements.txt", [PIP]),
        ("--mount=type=cache,target=/root pip install -r requirements.txt", [PIP]),
        ("pip install requests", []),
        ("pip install -c requirements.txt requests", []),
        ("pip download -r requirements.txt", []),
        ("grep -r requirements.txt .", []),
        ("uv sync --frozen", [Installs(by=Installer.UV)]),
        ("uv sync", [Installs(by=Installer.UV, frozen=False)]),
        ("uv sync --package one --frozen", []),
        ("poetry install --only main", []),
        ("poetry install --no-root", [Installs(by=Installer.POETRY)]),
        ("npm ci", [Installs(by=Installer.NPM)]),
        ("npm install --omit=dev", [Installs(by=Installer.NPM, frozen=False)]),
        ("npm install left", []),
        ("npm i -g left", []),
        ("npm ci --prefix /web", []),
        ("npm run ci", []),
        ("npm ci --workspace=api", []),
        ("npm ci --no-workspaces", []),
        ('if [ "$WHO" = dev ]; then pip install -r requirements.txt; fi', []),
        ('bash -c "if test $WHO ; then poetry install ; else poetry install --no-dev ; fi"', []),
        ('[ -z "$WHO" ] || pip install -r requirements.txt', []),
        ("test $WHO = dev && npm ci", []),
        ("pip install 'web[all]' && pip install -r requirements.txt || exit 1", [PIP]),
        ("pip install -r requirements.txt && pytest && pip uninstall -yr requirements.txt", []),
        ("true", []),
    ],
)
def test_what_a_line_installs_by(line: str, found: list[Installs]) -> None:
    assert list(installs([line])) == found


def test_a_variable_freezes_uv() -> None:
    assert list(installs(["uv sync"], ["UV_FROZEN"])) == [Installs(by=Installer.UV)]


@pytest.mark.parametrize(
    ("line", "is_named"),
    [
        ("pip install School_Books==1", True),
        ("pip uninstall -y school.books", True),
        ("pip install school-books-more", False),
        ("pip install my-school-books", False),
        ("pip install -r requirements.txt", False),
    ],
)
def test_what_a_line_names_itself(line: str, is_named: bool) -> None:  # noqa: FBT001 - of a table
    assert named("school-books", [line]) is is_named
