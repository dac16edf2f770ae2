"""The package as an application gets it: packed by npm, unpacked into an application's folder, bundled by esbuild."""

from __future__ import annotations

import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "packages/sdk"
APPS = Path(__file__).parent / "apps"


@dataclass(frozen=True)
class Application:
    """A folder with the sources of `apps` and the packed package among its dependencies."""

    folder: Path
    packed: list[str]

    def bundle(self, source: str, platform: str = "browser") -> Path:
        """One file that a browser or Node runs."""
        out = self.folder / f"{source}.bundle.mjs"
        options = ["--bundle", "--format=esm", "--jsx=automatic", f"--platform={platform}", f"--outfile={out}"]
        flags = ("OPTIONS_API__", "PROD_DEVTOOLS__", "PROD_HYDRATION_MISMATCH_DETAILS__")
        defined = ['--define:process.env.NODE_ENV="development"', *(f"--define:__VUE_{flag}=true" for flag in flags)]
        options.append("--log-level=warning")
        # React's and Vue's builds for Node are CommonJS, which ask for Node's own modules by `require`.
        node = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
        banner = [f"--banner:js={node}"] if platform == "node" else []
        run([str(PACKAGE / "node_modules/.bin/esbuild"), source, *options, *defined, *banner], self.folder)
        return out

    def printed_by(self, source: str) -> str:
        """What a module prints in Node."""
        return run(["node", str(self.bundle(source, "node"))], self.folder)


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    folder = tmp_path_factory.mktemp("application")
    run(["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder)], PACKAGE)
    (archive,) = folder.glob("*.tgz")
    modules = folder / "node_modules"
    with tarfile.open(archive) as packed:
        names = [member.name.removeprefix("package/") for member in packed.getmembers()]
        packed.extractall(folder, filter="data")
    (modules / "@temoin").mkdir(parents=True)
    (folder / "package").rename(modules / "@temoin/sdk")
    for name in ("react", "react-dom", "vue", "@types"):
        (modules / name).symlink_to(PACKAGE / "node_modules" / name)
    for source in APPS.iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    return Application(folder, sorted(names))
