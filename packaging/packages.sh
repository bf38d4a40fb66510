# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh and test.sh: the Debian packages Sinkscope is built from, each line with what it is for.

build_packages=(
    g++ cmake ninja-build pkg-config                     # compiler and build tools
    libtorch-dev libopenblas0-pthread                    # tensors, and the matrix products under them
    libhdf5-dev                                          # capture files
    libeigen3-dev libspectra-dev libhnswlib-dev          # linear algebra, eigenvectors of large sparse matrices, neighbours of many points
    nlohmann-json3-dev libsimdjson-dev                   # JSON
    libicu-dev libpcre2-dev                              # Unicode and regular expressions of tokenizers
    libsentencepiece-dev                                 # tokenizer.model files
    libcli11-dev                                         # command line
    libssl-dev                                           # SHA-256 of weights (libcrypto)
    qt6-base-dev qt6-charts-dev qt6-svg-dev libqt6opengl6-dev  # window, charts, figures, OpenGL widgets
    qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools     # translations
    libvtk9-dev libgl-dev libegl-dev                     # 3D views
    libharfbuzz-dev libfontconfig-dev                    # fonts inside SVG figures
    libgl1-mesa-dri fonts-dejavu-core fonts-noto-core    # software OpenGL, and fonts for token texts
    xvfb xauth                                           # a virtual display for the 3D view where there is no real one
)
test_packages=(
    poppler-utils                                        # reads the written PDF figures back
)

# install_missing PACKAGE...: installs what dpkg does not know, with sudo when not root; says so first.
install_missing() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Sinkscope needs these Debian packages, and neither root nor sudo is at hand to install them:" >&2
            echo "  ${missing[*]}" >&2
            exit 1
        }
        as_root=(sudo)
    fi
    echo "Installing ${#missing[@]} Debian packages that Sinkscope is built from (packaging/packages.sh says what each is for):"
    echo "  ${missing[*]}"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# configure_and_build TESTS TARGET...: configures build/release when needed and builds the targets.
configure_and_build() {
    local tests=$1
    shift
    local options=()
    [ "$tests" = ON ] && options+=(-DSINKSCOPE_TESTS=ON)
    [ "$tests" = OFF ] && [ ! -f build/release/CMakeCache.txt ] && options+=(-DSINKSCOPE_TESTS=OFF)
    if [ ! -f build/release/build.ninja ] || [ ${#options[@]} -gt 0 ]; then
        mkdir -p build
        cmake --preset release "${options[@]}" >build/configure.log 2>&1 || {
            cat build/configure.log >&2
            exit 1
        }
    fi
    cmake --build build/release --target "$@"
}
