#!/usr/bin/env python3
"""Known vulnerabilities of what Cargo.lock names, by the RustSec advisory database.

    .ci/advisories.py DATABASE   looks everything up in a copy of the database (its git directory) and writes what
                                 came of it, with the dates, to .ci/advisories.json
    .ci/advisories.py            says what that file knows of the present Cargo.lock: fails for a known vulnerability
                                 that it does not excuse, and names what was not looked up

It reads the database by itself, so that it needs neither the network nor a tool that takes minutes to build;
`cargo deny check advisories` does the same where both are there.
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULT = ROOT / ".ci/advisories.json"
# After so many days somebody has to look again. Without the network nobody can, so that it is said and no more.
FRESH_FOR = 30


def locked():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return sorted({(p["name"], p["version"]) for p in lock["package"] if p.get("source", "").startswith("registry+")})


def parsed(version):
    """A version as something that can be compared: numbers, and what comes before a release."""
    core, _, before = version.partition("+")[0].partition("-")
    numbers = tuple(int(part) for part in core.split("."))
    numbers += (0,) * (3 - len(numbers))
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in before.split(".")) if before else ()
    return numbers, not before, parts


def matches(version, requirement):
    """Whether a version fits all comparators of a requirement."""
    for comparator in requirement.split(","):
        sign, bound = re.fullmatch(r"\s*(>=|<=|>|<|=|\^|~)?\s*([\w.+-]+)\s*", comparator).groups()
        at, limit = parsed(version), parsed(bound)
        if sign in (None, "^"):
            first = next((i for i, number in enumerate(limit[0]) if number), len(bound.split(".")) - 1)
            fits = at >= limit and at[0][: first + 1] == limit[0][: first + 1]
        elif sign == "~":
            fits = at >= limit and at[0][: min(2, len(bound.split(".")))] == limit[0][: min(2, len(bound.split(".")))]
        else:
            fits = {">=": at >= limit, "<=": at <= limit, ">": at > limit, "<": at < limit, "=": at == limit}[sign]
        if not fits:
            return False
    return True


def look_up(database):
    git = lambda *words: subprocess.run(["git", "-C", database, *words], check=True, capture_output=True, text=True).stdout
    packages = locked()
    versions = {}
    for name, version in packages:
        versions.setdefault(name, []).append(version)
    found, looked_at = [], 0
    for path in git("ls-tree", "-r", "--name-only", "HEAD", "crates").splitlines():
        name = path.split("/")[1]
        if name not in versions or not path.endswith(".md"):
            continue
        advisory = tomllib.loads(re.search(r"```toml\n(.*?)```", git("show", f"HEAD:{path}"), re.S).group(1))
        looked_at += 1
        about, ranges = advisory["advisory"], advisory["versions"]
        safe = [*ranges.get("patched", []), *ranges.get("unaffected", [])]
        if "withdrawn" in about:
            continue
        for version in versions[name]:
            if not any(matches(version, requirement) for requirement in safe):
                kind = about.get("informational", "vulnerability")
                found.append({"id": about["id"], "crate": name, "version": version, "kind": kind, "excuse": None})
    before = {(one["id"], one["version"]): one["excuse"] for one in known().get("found", [])}
    for one in found:
        one["excuse"] = before.get((one["id"], one["version"]))
    result = {
        "lookedUpOn": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "database": {"commit": git("rev-parse", "HEAD").strip(), "changedOn": git("log", "-1", "--format=%cs").strip()},
        "advisoriesAboutTheseCrates": looked_at,
        "found": found,
        # What somebody read of elsewhere that the database did not have yet, by hand.
        "readElsewhere": known().get("readElsewhere", []),
        "packages": [f"{name} {version}" for name, version in packages],
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")


def known():
    return json.loads(RESULT.read_text()) if RESULT.exists() else {}


def check():
    result = known()
    packages = [f"{name} {version}" for name, version in locked()]
    new = sorted(set(packages) - set(result.get("packages", [])))
    still = [one for one in result.get("found", []) if f"{one['crate']} {one['version']}" in packages]
    for one in still:
        print(f"{one['id']}: {one['crate']} {one['version']} ({one['kind']}): {one['excuse'] or 'not excused'}")
    for one in result.get("readElsewhere", []):
        for name, version in locked():
            if name == one["crate"] and not matches(version, one["fixedIn"]):
                still.append({**one, "version": version, "kind": "vulnerability", "excuse": None})
                print(f"{one['id']}: {name} {version} is not {one['fixedIn']}")
    changed_on = datetime.date.fromisoformat(result["database"]["changedOn"])
    age = (datetime.datetime.now(datetime.UTC).date() - changed_on).days
    print(f"{len(packages) - len(new)} of {len(packages)} crates looked up in the database of {changed_on}")
    if new:
        print(f"not looked up: {', '.join(new)}")
    if age > FRESH_FOR:
        print(f"the database was {age} days old: look again where there is a newer one")
    return 1 if any(one["kind"] == "vulnerability" and not one["excuse"] for one in still) else 0


if len(sys.argv) > 1:
    look_up(sys.argv[1])
sys.exit(check())
