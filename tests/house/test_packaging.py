"""The wheel holds all that the command needs, works in a fresh environment, and owns its package names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("archive", "crawler", "pipelines")


def run(*words: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(source: Path, folder: Path, **environment: str) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(source)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


def compiled_files(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if name.endswith(".so")]


@pytest.mark.skipif(shutil.which("cc") is None and "CI" not in os.environ, reason="no C compiler here")
def test_the_wheel_holds_the_compiled_parts(wheel: Path) -> None:
    assert len(compiled_files(wheel)) == 4


def test_without_a_compiler_the_wheel_is_built_all_the_same(tmp_path: Path) -> None:
    """From a copy, since files compiled in this checkout would be taken along."""
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("*.so", "build", ".*", "news-archive", "tests", "docs", "*.egg-info")
    shutil.copytree(ROOT, source, ignore=ignored)
    bare = build(source, tmp_path / "out", CC=str(tmp_path / "no-such-compiler"))
    assert compiled_files(bare) == []
    with ZipFile(bare) as archive:
        assert {"pipelines/html_walk.py", "pipelines/model/html.bin"} <= set(archive.namelist())


def test_the_wheel_installs_in_a_fresh_environment_and_the_command_cleans_there(
    wheel: Path, tmp_path: Path
) -> None:
    """The dependencies are this environment's (a path file): what is tested is the wheel, not the network."""
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # After the wheel's own site-packages, so that this checkout's editable install is not what is found.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = tmp_path / "fresh/bin/pressmark"
    assert "reclean" in run(command, "--help", cwd=tmp_path)
    dump = tmp_path / "page.txt"
    dump.write_bytes(next(iter(sorted((ROOT / "seeds").glob("*.txt")))).read_bytes())
    cleaned = json.loads(run(command, "clean", dump, "--format", "jsonl", cwd=tmp_path))
    assert cleaned["headline"]
    where = run(
        python,
        "-c",
        "import archive, crawler, pipelines; print(archive.__file__, crawler.__file__)",
        cwd=tmp_path,
    )
    assert str(ROOT) not in where
    report = run(command, "reclean", dump, "--archive", tmp_path / "kept", "--json", cwd=tmp_path)
    assert json.loads(report)["new"] == 1
    assert (tmp_path / "kept/metadata.yaml").exists()


def claimants(names: Sequence[str], folder: Path) -> dict[str, set[str]]:
    """Which distributions of an environment bring a top-level package of one of these names."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for record in folder.glob("*.dist-info/RECORD"):
        tops = {
            line.split("/", 1)[0] for line in record.read_text(encoding="utf-8").splitlines() if "/" in line
        }
        for name in tops & set(names):
            found[name].add(record.parent.name.split("-", 1)[0].lower())
    return found


def test_no_other_distribution_claims_our_package_names() -> None:
    for name, owners in claimants(PACKAGES, Path(sysconfig.get_path("purelib"))).items():
        assert owners <= {"pressmark"}, f"the package {name!r} is also claimed by {owners - {'pressmark'}}"


def test_a_claim_on_our_names_would_be_seen(tmp_path: Path) -> None:
    info = tmp_path / "rival-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(f"archive{os.sep}__init__.py,,\n")
    assert claimants(PACKAGES, tmp_path)["archive"] == {"rival"}


def test_every_runtime_import_is_a_declared_dependency() -> None:
    """A package that only comes along with another one may leave with it."""
    import ast
    import tomllib
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    declared = {
        "".join(c if c.isalnum() else "-" for c in t.split(">")[0].split("=")[0].split("<")[0].split(";")[0])
        .strip("-")
        .lower()
        for t in texts
    }
    owners = packages_distributions()
    missing = set()
    for module in (m for room in PACKAGES for m in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - set(PACKAGES) - set(sys.stdlib_module_names):
                distributions = {
                    d.lower().replace("_", "-").replace(".", "-") for d in owners.get(top, [top])
                }
                if not distributions & declared:
                    missing.add(f"{module.relative_to(ROOT)}: {top}")
    assert not missing, sorted(missing)
