"""The wheel and the sdist, installed into an environment of their own and run outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECORDING = Path(__file__).parent / "cases" / "standalone"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without the checkout on its path."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def install(package: Path, target: Path) -> None:
    """Make an environment and install a package with its pinned dependencies: by uv in seconds, else by pip."""
    assert run(sys.executable, "-m", "venv", target, cwd=target.parent).returncode == 0
    uv = Path(sys.executable).with_name("uv")
    pinned = ("--constraint", ROOT / "requirements.lock", package)
    if uv.exists() and run(uv, "pip", "install", "--python", target, *pinned, cwd=target.parent).returncode == 0:
        return
    names = target / "constraints.txt"  # pip wants no hashes in constraints
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    names.write_text("\n".join(line.rstrip(" \\") for line in lines if line[:1].isalnum()))
    done = run(target / "bin" / "python", "-m", "pip", "install", "--constraint", names, package, cwd=target.parent)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_installs_and_works_outside_the_checkout(built: Path, tmp_path: Path, kind: str) -> None:
    (package,) = built.glob(kind)
    install(package, tmp_path / "env")
    bulkhead = tmp_path / "env" / "bin" / "bulkhead"
    assert run(bulkhead, "version", cwd=tmp_path).stdout.strip()
    tested = run(bulkhead, "rules", "test", cwd=tmp_path)
    assert tested.returncode == 0 and "0 wrong" in tested.stdout, tested.stdout + tested.stderr
    scanned = run(bulkhead, "scan", "--recorded", RECORDING, "--out", tmp_path / "out", cwd=tmp_path)
    assert scanned.returncode in (1, 3), scanned.stdout + scanned.stderr
    findings = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert findings["rules"]
    assert "<html" in (tmp_path / "out" / "report.html").read_text()
    assert (tmp_path / "out" / "report.md").stat().st_size
    folder = run(bulkhead, "checkov-dir", cwd=tmp_path).stdout.strip()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "main.tf").write_text('resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    chosen = ("--directory", tmp_path / "tree", "--framework", "terraform", "--check", "CKV_BULKHEAD_*")
    checked = run(tmp_path / "env" / "bin" / "checkov", "--external-checks-dir", folder, *chosen, cwd=tmp_path)
    assert checked.returncode == 1 and "CKV_BULKHEAD_COVERAGE" in checked.stdout, checked.stdout + checked.stderr
    demo = run(bulkhead, "demo", cwd=tmp_path)
    assert demo.returncode == 2 and "aws-bulkhead[demo]" in demo.stderr, "without its extra the demo says what it needs"


def test_checkov_is_new_enough() -> None:
    """Resolvers silently take an old Checkov where nothing holds them back."""
    from importlib.metadata import version

    assert tuple(map(int, version("checkov").split(".")[:3])) >= (3, 3, 30)


def test_the_command_line_starts_quickly() -> None:
    """Checkov alone takes seconds to import; nothing heavy may load before it is needed. CPU time: a busy machine is no bug."""
    import resource

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    subprocess.run([sys.executable, "-m", "scanner", "--help"], check=True, capture_output=True, cwd=ROOT)
    assert used() - before < 0.5
