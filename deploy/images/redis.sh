#!/bin/bash
# Runs Redis by the contract of the Software Collections image: REDIS_PASSWORD, data in /var/lib/redis/data.
set -euo pipefail
cd /var/lib/redis/data
# The password is in no argument, which others can read.
exec redis-server - <<CONF
bind * -::*
protected-mode no
save 900 1 300 10 60 10000
${REDIS_PASSWORD:+requirepass "$REDIS_PASSWORD"}
CONF
