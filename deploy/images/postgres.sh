#!/bin/bash
# Runs PostgreSQL by the contract of the Software Collections image, as far as openshift-provisioner uses it:
# POSTGRESQL_USER owns POSTGRESQL_DATABASE and nothing else, data is in a folder of the volume.
set -euo pipefail
: "${POSTGRESQL_USER:?} ${POSTGRESQL_PASSWORD:?} ${POSTGRESQL_DATABASE:?}"
export PGDATA=$HOME/data/userdata PGHOST=/run/postgresql PGUSER=postgres

# PostgreSQL asks for the name of its user, who may be any.
echo "postgres:x:$(id -u):0::$HOME:/sbin/nologin" > "$HOME/passwd"
export NSS_WRAPPER_PASSWD=$HOME/passwd NSS_WRAPPER_GROUP=/etc/group
export LD_PRELOAD=libnss_wrapper.so

if [ ! -e "$PGDATA" ]; then
  rm -rf "$PGDATA.new"
  initdb --pgdata "$PGDATA.new" --username postgres --encoding UTF8 --auth-local trust --auth-host scram-sha-256 >/dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA.new/pg_hba.conf"
  mv "$PGDATA.new" "$PGDATA"
fi

# Nobody is served before this is done.
pg_ctl start --silent --wait --options "-c listen_addresses='' -c unix_socket_directories=$PGHOST"
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres <<'SQL'
\getenv user POSTGRESQL_USER
\getenv password POSTGRESQL_PASSWORD
\getenv database POSTGRESQL_DATABASE
SELECT format('CREATE ROLE %I LOGIN', :'user') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'user') \gexec
ALTER ROLE :"user" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'user')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SQL
pg_ctl stop --silent --wait --mode fast

unset POSTGRESQL_PASSWORD
exec postgres -c listen_addresses='*' -c unix_socket_directories="$PGHOST" -c shared_buffers=32MB
