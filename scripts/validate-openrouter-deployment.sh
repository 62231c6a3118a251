#!/bin/sh
# Checks from outside whether OpenRouter works where LibreChat is deployed: key, environment, engine, network, endpoints, models,
# credits, a streamed chat, a fallback, and zero data retention as it is sent. One line a check; exit status 0, or 1 if one failed.
#
#   cd LibreChat && node_modules/openrouter-native/scripts/validate-openrouter-deployment.sh
#
# It reads the .env file of the current folder; variables that are set win. The key is OPENROUTER_API_KEY, or OPENROUTER_KEY, its name in
# upstream's librechat.example.yaml. The chats cost a fraction of a cent.
#   --emulator   needs neither key nor network, and costs nothing
#   --model ID   asks this model
#   --json       prints the result as JSON
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
command=
# The package that this script belongs to; for a copy in LibreChat's own `scripts`, the package that is installed there.
for package in "$here/.." node_modules/openrouter-native api/node_modules/openrouter-native packages/api/node_modules/openrouter-native; do
  if [ -f "$package/cli/index.js" ]; then
    command=$package/cli/index.js
    break
  fi
done
if [ -z "$command" ]; then
  echo "openrouter-native is not installed here. Run this in LibreChat's folder, after: npm install openrouter-native --workspace api" >&2
  exit 1
fi
case $command in
  /*) ;;
  *) command=$(pwd)/$command ;;
esac
start='process.env.OPENROUTER_API_KEY ||= process.env.OPENROUTER_KEY || ""; require(process.argv[1]);'
if [ -f .env ]; then
  exec node --env-file=.env -e "$start" "$command" doctor --chat "$@"
fi
exec node -e "$start" "$command" doctor --chat "$@"
