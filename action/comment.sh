#!/usr/bin/env bash
# The comment step of action.yml: one comment in the pull request, kept up to date.
#
# By environment variables: NUMBER (of the pull request), DIRECTORY, ENVIRONMENT, MARKDOWN (file, empty if there is no
# plan), VERDICT, EXIT_CODE, GH_TOKEN and what GitHub sets.
set -euo pipefail

# Each project and environment has a comment of its own. Prompts cannot hold the mark: `<` in them is escaped.
key=$(printf '%s:%s' "$DIRECTORY" "${ENVIRONMENT:-}" | tr -c 'A-Za-z0-9_.:/-' '_')
export MARK="<!-- personactl-action:$key -->"
body="$RUNNER_TEMP/personactl/comment.md"
if [ -n "${MARKDOWN:-}" ]; then
  cp "$MARKDOWN" "$body"
else
  run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
  mkdir -p "$(dirname "$body")"
  printf '### personactl plan: failed\n\nThere is no plan for the newest commit (exit code %s). [The log](%s) says why.\n' \
    "${EXIT_CODE:-unknown}" "$run" > "$body"
fi
printf '\n%s\n' "$MARK" >> "$body"

comments="repos/$GITHUB_REPOSITORY/issues"
failed() {
  echo "::warning title=personactl::the comment could not be written; the job needs the permission pull-requests: write. The plan is in the summary of this run"
  exit 0
}
# Only our own: a person may have quoted it.
own='.[] | select(.user.type == "Bot") | select(.body | contains(env.MARK)) | .id'
found=$(gh api --paginate "$comments/$NUMBER/comments?per_page=100" --jq "$own") || failed
id="${found%%$'\n'*}"
if [ -n "$id" ]; then
  gh api --silent --method PATCH "$comments/comments/$id" --field "body=@$body" || failed
  echo "updated comment $id"
elif [ "${VERDICT:-}" = "in_sync" ]; then
  echo "nothing to say: no comment"
else
  gh api --silent --method POST "$comments/$NUMBER/comments" --field "body=@$body" || failed
  echo "wrote a comment"
fi
