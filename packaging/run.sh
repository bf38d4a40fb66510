#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds Sinkscope, and runs it: a window on the bundled demo, or on what is named on the command line. Without
# a display the same job runs headless and leaves a report and figures in out/demo.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
. packaging/packages.sh

install_missing "${build_packages[@]}"
configure_and_build OFF sinkscope sinkscope-cli
bin=$PWD/build/release/bin

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    [ $# -gt 0 ] || set -- --demo
    cd "$here"
    exec "$bin/sinkscope" "$@"
fi

echo "There is no display: running the demo headless."
out=out/demo
mkdir -p "$out"
"$bin/sinkscope-cli" inspect resources/demo | tee "$out/report.txt"
"$bin/sinkscope-cli" run resources/demo --samples resources/demo/sentences.txt -o "$out/demo.h5"
{ echo; "$bin/sinkscope-cli" analyze "$out/demo.h5"; } | tee -a "$out/report.txt"
"$bin/sinkscope-cli" analyze "$out/demo.h5" --json >"$out/analysis.json"
"$bin/sinkscope-cli" project "$out/demo.h5" --space key --layer 4 --head 0 --method pca --dims 3 -o "$out/key_space.csv"
for figure in heat_map heads_grid received_attention along_depth key_space; do
    recipe="$out/$figure.json"
    printf '{"figure": "%s", "capture": "demo.h5", "sample": 0, "layer": 4, "head": 0, "width_mm": 140}\n' "$figure" >"$recipe"
    if [ "$figure" = key_space ]; then # drawn by OpenGL, which needs some display
        xvfb-run -a -s "-screen 0 1280x1024x24" "$bin/sinkscope" --figure "$recipe" -o "$out/$figure.png"
    else
        for extension in pdf svg png; do
            QT_QPA_PLATFORM=offscreen "$bin/sinkscope" --figure "$recipe" -o "$out/$figure.$extension"
        done
    fi
done
echo
echo "Report and figures are in $PWD/$out:"
ls -1 "$out"
