#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Make captures from recipes.

    generate.py NAME|FILE ... --to DIR    make these (a name means data/recipes/NAME.toml)
    generate.py --all --to DIR            make all but the large ones (bench-*)
    generate.py --list                    say what there is
    generate.py NAME --seeds 9 --to DIR   nine draws of the same recipe, NAME-1 to NAME-9

Each recipe gives DIR/NAME.pcap and DIR/NAME.truth.json, the same bytes every time.
"""

import argparse
import difflib
import sys
from pathlib import Path

# The script lies in the package that it starts, so the package's parent must be found.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from generate.recipe import Recipe  # noqa: E402
from generate.scene import RecipeError  # noqa: E402

_RECIPES = Path(__file__).resolve().parents[2] / "data" / "recipes"


def _arguments():
    parser = argparse.ArgumentParser(prog="generate.py", description="Make captures from recipes.")
    parser.add_argument("recipe", nargs="*", help="a recipe's name, or a file that ends in .toml")
    parser.add_argument("--to", metavar="DIR", help="where captures and truths go")
    parser.add_argument("--all", action="store_true", help="every recipe but bench-*")
    parser.add_argument("--seeds", type=int, metavar="N", default=0,
                        help="N captures of each, with seeds 1 to N")
    parser.add_argument("--list", action="store_true", help="say what recipes there are")
    return parser, parser.parse_args()


def _all_recipes():
    return sorted(_RECIPES.glob("*.toml"))


def _chosen(options):
    paths = [Path(r) if r.endswith(".toml") else _RECIPES / f"{r}.toml" for r in options.recipe]
    if options.all:
        paths += [p for p in _all_recipes() if not p.name.startswith("bench-")]
    return paths


def _check_there(path):
    """A name that is nearly right deserves a better answer than the system's."""
    if path.exists():
        return
    near = difflib.get_close_matches(path.stem, [p.stem for p in _all_recipes()], 1)
    hint = f"; did you mean {near[0]}?" if near else "; --list says what there is"
    raise RecipeError(f"no recipe at {path}{hint}")


def _make(path, folder, seeds):
    _check_there(path)
    recipes = [Recipe(path).with_seed(n + 1) for n in range(seeds)] or [Recipe(path)]
    for recipe in recipes:
        count, truths = recipe.write(folder)
        print(f"{recipe.name}: {count} packets, {len(truths)} truths", flush=True)


def main():
    """Returns the exit status."""
    parser, options = _arguments()
    if options.list:
        for path in _all_recipes():
            print(f"{path.stem:28} {Recipe(path).title}")
        return 0
    paths = _chosen(options)
    if not paths or not options.to:
        parser.print_usage(sys.stderr)
        print("generate.py: name recipes (or --all) and where they go: --to DIR", file=sys.stderr)
        return 2
    for path in paths:
        try:
            _make(path, options.to, options.seeds)
        except (RecipeError, OSError) as error:
            print(f"generate.py: {path.stem}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
