"""Scripts are served without comments, and do what they did."""

from pathlib import Path

import pytest

from hues.web.lean import lean

ROOMS = Path(__file__).parents[2] / "src" / "hues"
OURS = sorted(path for path in ROOMS.glob("*/static/**/*.js") if "vendor" not in path.parts)


def test_comments_go_and_everything_else_stays() -> None:
    script = """// What this file is for.
import { el } from "./ui.js";

/** Says `what`. */
export function say(what) { // aloud
  /* Not
     here. */
  const url = "https://hue.example/"; // the city
  return `one
    // two ${what}
  three`;
}
"""
    assert (
        lean(script)
        == """import { el } from "./ui.js";
export function say(what) {
const url = "https://hue.example/";
return `one
    // two ${what}
  three`;
}
"""
    )


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_no_comment_of_ours_is_sent(path: Path) -> None:
    served = lean(path.read_text(encoding="utf-8"))
    assert " // " not in served and not any(line.startswith(("//", "/*")) for line in served.splitlines())
    assert served.count("`") % 2 == 0 and served.count("{") == served.count("}")


def test_the_built_scripts_are_lean(pytestconfig: pytest.Config) -> None:
    built = pytestconfig.rootpath / "build" / "static" / "web" / "ui.js"
    if not built.exists():
        pytest.skip("nothing was built: make setup")
    assert built.read_text(encoding="utf-8") == lean(
        (ROOMS / "web" / "static" / "web" / "ui.js").read_text(encoding="utf-8")
    )
