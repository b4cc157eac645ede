# The checks are the sections of .ci/run, so that CI and a developer run the same.

# List the recipes
default:
    @just --list

# Everything that CI runs
ci:
    .ci/run

# Check the formatting
fmt:
    .ci/run fmt

# Clippy with warnings as errors; actionlint and zizmor on the workflows
lint:
    .ci/run clippy workflows

# The tests, as the README says
test:
    .ci/run test

# The page of `plan --format html` in headless Chromium
browser:
    .ci/run browser

# Run the README's commands and compare their output
readme:
    .ci/run readme

# Release build
build:
    .ci/run build

# Format the code
format:
    cargo fmt

# Write the real outputs into the README
readme-update:
    .ci/readme-check --update

# Look at changed snapshots one by one (needs cargo-insta)
review:
    cargo insta review

# Check licences, advisories, duplicates and sources of dependencies (needs cargo-deny)
deny:
    cargo deny check
