#!/bin/sh
# Proves the promises of tests/proof on the shipped bytecode with Halmos, and reads the contracts with Slither. Both come
# from PyPI, into an environment of their own in the user's cache. The contracts must be built: `make verify` does that.
set -eu
cd "$(dirname "$0")/.."

say() { echo "verify: $*" >&2; }
environment=${XDG_CACHE_HOME:-$HOME/.cache}/entente/verify
requirements=script/verify/requirements.txt

# The tools, at the versions of the requirements; what is there already is left alone.
install_tools() {
    command -v python3 >/dev/null || { say "python3 is missing; install Python 3.11 or later"; exit 1; }
    stamp=$environment/.entente-installed
    wanted="$(python3 --version) $(cksum $requirements)"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
    say "installing Halmos and Slither from PyPI"
    rm -rf "$environment"
    python3 -m venv "$environment" || {
        [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null ||
            { say "python3 makes no environments; install it with venv (Debian: python3-venv)"; exit 1; }
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3-venv
        python3 -m venv "$environment"
    }
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement $requirements
    echo "$wanted" >"$stamp"
}

# Both tools call `forge`: the binary of script/foundry, not npm's launcher.
find_forge() {
    case $(uname -s)-$(uname -m) in
        Linux-x86_64) PATH=$PWD/node_modules/@foundry-rs/forge-linux-amd64/bin:$PATH ;;
    esac
    export PATH
}

# One run a contract of proofs, side by side. Its output is a file, shown when it is done.
prove() {
    name=$1
    FOUNDRY_PROFILE=proof "$environment/bin/halmos" --root . --forge-build-out cache/proof/out --solver z3 \
        --contract "$name" --no-status --json-output "cache/proof/$name.json" >"cache/proof/$name.log" 2>&1
}

run_halmos() {
    rm -rf cache/proof
    FOUNDRY_PROFILE=proof forge build --ast --root . --extra-output storageLayout metadata
    # Two at a time.
    prove OffersProof & offers=$!
    prove PhasesProof & phases=$!
    failed=0
    wait $offers || failed=1
    prove SolutionsProof || failed=1
    wait $phases || failed=1
    if [ $failed -ne 0 ]; then
        cat cache/proof/OffersProof.log cache/proof/PhasesProof.log cache/proof/SolutionsProof.log
        say "a proof failed"
        exit 1
    fi
    node script/verify/proofs.mjs cache/proof/OffersProof.json cache/proof/PhasesProof.json \
        cache/proof/SolutionsProof.json
}

run_slither() {
    rm -rf cache/slither
    FOUNDRY_PROFILE=slither forge build contracts/solidworx --build-info
    # Ends with 255 where it found anything; script/verify/slither.mjs decides about that.
    FOUNDRY_PROFILE=slither "$environment/bin/slither" . --ignore-compile \
        --foundry-out-directory cache/slither/out --json cache/slither/findings.json >cache/slither/log 2>&1 || true
    [ -s cache/slither/findings.json ] || { cat cache/slither/log; say "Slither did not run"; exit 1; }
    node script/verify/slither.mjs cache/slither/findings.json tests/proof/slither.json
}

install_tools
find_forge
[ -f out/SolidWorx.sol/SolidWorx.json ] || { say "the contracts are not built; run 'make verify'"; exit 1; }
run_slither
run_halmos
