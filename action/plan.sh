#!/usr/bin/env bash
# The plan step of action.yml: runs `personactl plan` once and hands its outputs on.
#
# Everything comes in by environment variables, so that no text of a pull request is read as a command:
# BINARY, DIRECTORY, ENVIRONMENT, BASE, PRUNE, PULL_REQUEST_BASE, PULL_REQUEST_HEAD and what GitHub sets.
set -euo pipefail

if [ "${GITHUB_EVENT_NAME:-}" = "pull_request_target" ]; then
  echo "::error title=personactl::this action does not run on pull_request_target: there the files of a stranger would be read next to your secrets. Use pull_request"
  exit 1
fi

folder="$RUNNER_TEMP/personactl"
rm -rf "$folder"
mkdir -p "$folder"

# What the pull request changes is told from what changed on the live side by the files of its base.
base="${BASE:-}"
if [ -z "$base" ] && [ -n "${PULL_REQUEST_BASE:-}" ]; then
  base="$PULL_REQUEST_BASE"
  # GitHub checks out a merge of the pull request into its base; then that is its first parent.
  head=$(git -C "$DIRECTORY" rev-parse --verify --quiet 'HEAD^2' || true)
  if [ -n "$head" ] && [ "$head" = "${PULL_REQUEST_HEAD:-}" ]; then
    base=$(git -C "$DIRECTORY" rev-parse --verify 'HEAD^1')
  fi
fi
if [ "$base" = "none" ]; then base=""; fi

# An input that is not given is empty, and an empty key is none.
if [ -z "${TAVUS_API_KEY:-}" ]; then unset TAVUS_API_KEY; fi

options=(-C "$DIRECTORY" --color never)
if [ -n "${ENVIRONMENT:-}" ]; then options+=("--env=$ENVIRONMENT"); fi
arguments=(--format github --save "text=$folder/plan.txt" --save "json=$folder/plan.json"
  --save "markdown=$folder/plan.md" --save "html=$folder/plan.html")
if [ -n "$base" ]; then arguments+=("--base=$base"); fi
if [ "${PRUNE:-false}" = "true" ]; then arguments+=(--prune); fi

# Messages may quote files: no line of theirs is to be read as a workflow command.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=0
echo "::stop-commands::$token"
"$BINARY" "${options[@]}" --quiet validate --format github > "$folder/faults.txt" 2> /dev/null || true
"$BINARY" "${options[@]}" plan "${arguments[@]}" > "$folder/annotations.txt" || status=$?
if [ -f "$folder/plan.txt" ]; then cat "$folder/plan.txt"; fi
echo
echo "::$token::"
cat "$folder/faults.txt" "$folder/annotations.txt"

{
  echo "exit-code=$status"
  for format in json md html; do
    if [ -f "$folder/plan.$format" ]; then echo "$format=$folder/plan.$format"; fi
  done
  # Where there is no plan, personactl wrote no outputs.
  if [ ! -f "$folder/plan.md" ]; then echo "verdict=failed"; fi
} >> "$GITHUB_OUTPUT"
if [ ! -f "$folder/plan.md" ]; then
  echo "::error title=personactl::there is no plan (exit code $status): the log of this step says why"
fi
