"""What the page computes, without a browser; and whether its types are those of the interface."""

import shutil
import subprocess

from stack import ROOT


def test_the_parts_of_the_page_keep_their_laws(tmp_path):
    bundle = tmp_path / "units.cjs"
    subprocess.run(
        ["esbuild", ROOT / "Tests/Page/units.ts", "--bundle", "--platform=node", "--format=cjs",
         f"--outfile={bundle}", "--alias:punycode=/usr/share/nodejs/punycode/punycode.js",
         "--log-level=warning"],
        check=True, env={"NODE_PATH": "/usr/share/nodejs", "PATH": "/usr/bin:/bin"})
    done = subprocess.run(
        [shutil.which("node"), bundle], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_are_what_the_gateway_describes(stack):
    subprocess.run([ROOT / "tools/page-types", stack.url, "--check"], check=True)


def test_the_sources_agree_with_their_types():
    done = subprocess.run(
        ["tsc", "-p", ROOT / "Services/Gateway/Web/tsconfig.json"], capture_output=True, text=True,
        check=False)
    assert done.returncode == 0, done.stdout
