#!/bin/sh
# Installs what the build needs and this machine lacks. Safe to run again: what is there already is left alone.
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

# at_least WANTED FOUND: whether version FOUND (major.minor) is not below WANTED.
at_least() (
    [ "${2%%.*}" -gt "${1%%.*}" ] && exit 0
    [ "${2%%.*}" -eq "${1%%.*}" ] || exit 1
    wanted=${1#*.} found=${2#*.}
    [ "${found%%.*}" -ge "${wanted%%.*}" ]
)

check_rust() {
    command -v cargo >/dev/null && command -v rustc >/dev/null ||
        fail "cargo and rustc are missing; install Rust 1.95 or later (https://rustup.rs)"
    found=$(rustc --version | cut -d' ' -f2)
    at_least 1.95 "$found" || fail "rustc $found is too old; install 1.95 or later (rustup update stable)"
}

check_node() {
    command -v node >/dev/null && command -v npm >/dev/null ||
        fail "node and npm are missing; install Node.js 20 or later (https://nodejs.org)"
    found=$(node --version)
    at_least 20.0 "${found#v}" || fail "node $found is too old; install 20 or later (https://nodejs.org)"
}

# The CBC solver's library, a C compiler, what building the HiGHS solver takes, and a compiler of C to WebAssembly for
# the sample jobs, from Debian.
install_system_packages() {
    missing=""
    has_cbc || missing="coinor-libcbc-dev"
    command -v cc >/dev/null && command -v c++ >/dev/null || missing="$missing build-essential"
    command -v cmake >/dev/null || missing="$missing cmake"
    has_libclang && command -v clang >/dev/null || missing="$missing clang libclang-dev"
    builds_wasm || missing="$missing lld wasi-libc libclang-rt-dev-wasm32"
    missing=${missing# }
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null ||
        fail "missing: $missing (names of Debian packages); install them with this system's package manager"
    if [ "$(id -u)" -ne 0 ]; then
        say "missing: $missing. Run this, then the same command again:"
        echo "sudo sh -c 'apt-get update && apt-get install --yes $missing'" >&2
        exit 1
    fi
    say "installing $missing"
    apt-get update
    # Word splitting is meant: a list of names.
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
    has_cbc || fail "coin/Cbc_C_Interface.h is still missing after installing $missing"
}

# has PROGRAM: whether it is installed, be it where only root looks, or where Debian keeps PostgreSQL's versions apart.
has() {
    command -v "$1" >/dev/null && return 0
    for folder in /usr/sbin /usr/lib/postgresql/*/bin; do
        [ ! -x "$folder/$1" ] || return 0
    done
    return 1
}

# optional WHAT PROGRAMS PACKAGES: installs Debian packages unless all the programs are there. Nothing but the tests of WHAT
# needs them: where they cannot be installed, these say that they are skipped.
optional() (
    missing=""
    for needed in $2; do
        has "$needed" || missing="$missing $needed"
    done
    [ -n "$missing" ] || exit 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        say "without$missing, the tests of $1 will be skipped"
        exit 0
    fi
    say "installing$missing"
    # Word splitting is meant: a list of names.
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $3; } ||
        say "$3 cannot be installed; the tests of $1 will be skipped"
)

# Bindings to HiGHS are generated with it.
has_libclang() {
    for folder in /usr/lib/llvm-*/lib /usr/lib /usr/lib64 /usr/lib/*-linux-gnu /opt/homebrew/opt/llvm/lib; do
        for found in "$folder"/libclang*.so* "$folder"/libclang*.dylib; do
            [ ! -e "$found" ] || return 0
        done
    done
    return 1
}

# By doing it: a C library, its linker and the compiler's own routines are three packages. Another SDK can be named.
builds_wasm() {
    [ -z "${WASI_SYSROOT:-}" ] || return 0
    echo 'int main(void) { return 0; }' |
        clang --target=wasm32-wasi --sysroot=/usr -x c - -o /dev/null 2>/dev/null
}

has_cbc() {
    for folder in /usr/include /usr/local/include /opt/homebrew/include; do
        [ ! -f "$folder/coin/Cbc_C_Interface.h" ] || return 0
    done
    return 1
}

# Foundry, solc, OpenZeppelin, ethers for the dashboard and Playwright for its test, at the versions of package-lock.json.
install_node_packages() {
    stamp=node_modules/.entente-installed
    wanted=$(cksum package.json package-lock.json)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && script/foundry forge --version >/dev/null 2>&1; then
        return 0
    fi
    say "installing Foundry, solc, OpenZeppelin, ethers and Playwright from npm"
    # Nothing here needs an install script, so none may run.
    npm ci --ignore-scripts --no-audit --no-fund
    script/foundry forge --version >/dev/null ||
        fail "forge does not run; outside Linux on amd64, install Foundry 1.7.1 yourself and set ENTENTE_ANVIL"
    echo "$wanted" >"$stamp"
}

check_rust
check_node
install_system_packages
optional "jobs in containers" "podman runc busybox" "podman runc conmon catatonit busybox-static"
optional "meters that speak MQTT" mosquitto mosquitto
optional "journals in PostgreSQL" "initdb postgres" postgresql
optional "clocks that are wrong" faketime faketime
optional "alerts" promtool prometheus
[ -n "${ENTENTE_CHROMIUM:-}" ] || optional "the dashboard in a browser" chromium chromium
install_node_packages
say "ready"
