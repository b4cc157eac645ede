# The checks are the sections of .ci/run, so that CI and a developer run the same.

# List the recipes
default:
    @just --list

# The tests, as the README says
test:
    .ci/run test

# Formatting, clippy, the rules for dependencies, the workflows
lint:
    .ci/run fmt clippy dependencies workflows

# Format, and write anew what is made: snapshots, generated pages, the README's outputs
update:
    .ci/update

# All that CI runs for a change
ci:
    .ci/run

# The slower checks too
full:
    CI_FULL=1 .ci/run
