#!/usr/bin/env bash
# Puts docker's compose plugin, version 2, into the cli-plugins of $DOCKER_CONFIG: from the next Debian, where the one that is installed has no plugin. Test support.
set -euo pipefail

if docker compose version >/dev/null 2>&1; then
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
mkdir -p "$work/sources" "$work/lists/partial" "$DOCKER_CONFIG/cli-plugins"
# The same mirror as the machine's own, another suite.
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case "$list" in
        *.sources) sed -E 's/^Suites:.*/Suites: trixie/' "$list" | awk 'BEGIN { RS = ""; ORS = "\n\n" } NR == 1' >"$work/sources/next.sources" ;;
        *.list) [ -s "$list" ] && sed -nE 's/^(deb (\[[^]]*\] )?[^ ]+) [a-z]+ .*/\1 trixie main/p' "$list" | head -n 1 >"$work/sources/next.list" ;;
    esac
done
apt=(apt-get -q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/sources" -o "Dir::State::lists=$work/lists")
"${apt[@]}" update >/dev/null
(cd "$work" && "${apt[@]}" download docker-compose >/dev/null)
dpkg-deb -x "$work"/docker-compose_*.deb "$work/unpacked"
find "$work/unpacked" -name docker-compose -path '*cli-plugins*' -exec cp {} "$DOCKER_CONFIG/cli-plugins/" \;
docker compose version
