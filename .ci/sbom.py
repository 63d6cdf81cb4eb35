#!/usr/bin/env python3
"""The bill of materials of `w4r`, as CycloneDX 1.6 in JSON, on standard output.

It has every crate that is built into the executable, as Cargo resolves them without the network, and every npm
package inside the vendored IDE, as its list of licences names them. The same sources give the same bytes.
"""

import json
import pathlib
import re
import subprocess
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "graphql/src/web/ide/LICENSE-bundled.txt"


def cargo():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline"]
    host = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    target = re.search(r"^host: (.+)$", host, re.M).group(1)
    run = subprocess.run([*command, "--filter-platform", target], check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(run.stdout)


def checksums():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(p["name"], p["version"]): p["checksum"] for p in lock["package"] if "checksum" in p}


def built_in(metadata, root):
    """What a package needs to be built and to run, but not to be tested: by its id, what each needs itself."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    needed, waiting = {}, [root]
    while waiting:
        one = waiting.pop()
        if one in needed:
            continue
        kinds = lambda dep: {kind["kind"] for kind in dep["dep_kinds"]}
        needed[one] = sorted({dep["pkg"] for dep in nodes[one]["deps"] if kinds(dep) - {"dev"}})
        waiting.extend(needed[one])
    return needed


def component(package, sums):
    purl = f"pkg:cargo/{package['name']}@{package['version']}"
    made = {"type": "library", "bom-ref": purl, "name": package["name"], "version": package["version"], "purl": purl}
    if package.get("license"):
        # What Cargo wrote with a slash before it was an SPDX expression.
        made["licenses"] = [{"expression": " OR ".join(part.strip() for part in package["license"].split("/"))}]
    checksum = sums.get((package["name"], package["version"]))
    if checksum:
        made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return made


def vendored():
    titles = re.findall(r"^((?:@[\w.-]+/)?[\w.-]+) (\d[\w.+-]*) \((.+)\)$", BUNDLED.read_text(), re.M)
    for name, version, licence in sorted(set(titles)):
        purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
            "licenses": [{"expression": licence}],
        }


def main():
    metadata, sums = cargo(), checksums()
    packages = {package["id"]: package for package in metadata["packages"]}
    root = next(package["id"] for package in metadata["packages"] if package["name"] == "graphql" and package["source"] is None)
    needed = built_in(metadata, root)
    made = {one: component(packages[one], sums) for one in needed}
    scripts = list(vendored())
    whole = {**made.pop(root), "type": "application", "name": "w4r"}
    refs = {one: (whole if one == root else made[one])["bom-ref"] for one in needed}
    dependencies = [{"ref": refs[one], "dependsOn": sorted(refs[dep] for dep in deps)} for one, deps in needed.items()]
    for entry in dependencies:
        if entry["ref"] == whole["bom-ref"]:
            entry["dependsOn"] = sorted([*entry["dependsOn"], *(script["bom-ref"] for script in scripts)])
    dependencies.extend({"ref": script["bom-ref"]} for script in scripts)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole},
        "components": sorted([*made.values(), *scripts], key=lambda one: one["bom-ref"]),
        "dependencies": sorted(dependencies, key=lambda one: one["ref"]),
    }
    print(json.dumps(bill, indent=1, ensure_ascii=False))


main()
