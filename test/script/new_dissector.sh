#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What HACKING.md promises of tools/new_dissector.py: in a copy of the sources
# it makes a dissector that builds, passes its tests, keeps the house style,
# and is found in the reference of fields.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=build/new-dissector
command -v meson >/dev/null || { echo "meson is not installed"; exit 77; }

# The build stays from one run to the next; sources keep their times.
mkdir -p $copy/source
rm -rf $copy/source.new
mkdir $copy/source.new
git ls-files -z | xargs -0 cp --parents -p -t $copy/source.new
$copy/source.new/tools/new_dissector.py example 5999 >/dev/null
if $copy/source.new/tools/new_dissector.py example 5999 >/dev/null; then
    echo "it writes over what is there"
    exit 1
fi
# What is wrong elsewhere is for the check of style to say.
if $copy/source.new/tools/tidy.py | grep example; then
    exit 1
fi
python3 - "$copy/source.new" "$copy/source" <<'PYTHON'
import filecmp, pathlib, shutil, sys
new, old = map(pathlib.Path, sys.argv[1:])
for path in new.rglob("*"):
    place = old / path.relative_to(new)
    if path.is_dir():
        place.mkdir(exist_ok=True)
    elif not place.exists() or not filecmp.cmp(path, place, shallow=False):
        shutil.copy(path, place)
for path in old.rglob("*"):
    if path.is_file() and not (new / path.relative_to(old)).exists():
        path.unlink()
PYTHON
[ -d $copy/build ] || meson setup $copy/build $copy/source \
    -Doptimization=0 -Ddebug=false >$copy/setup.log
ninja -C $copy/build -j 2 tenet test/test_dissect_example \
    test/fuzz/fuzz_example >$copy/ninja.log || { tail -30 $copy/ninja.log; exit 1; }
$copy/build/test/test_dissect_example 2>$copy/test.log || { cat $copy/test.log; exit 1; }
$copy/build/test/fuzz/fuzz_example $copy/source/test/fuzz/corpus/example >/dev/null
# grep -q would leave at the first match and the program would fail to write.
$copy/build/tenet fields >$copy/fields.md
grep -q '`example.body`' $copy/fields.md
echo "the example dissector builds, passes and is documented"
