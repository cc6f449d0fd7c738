#!/usr/bin/env bash
# docker-compose as a new user meets it, with images that were built here: all samples complete in time, Secrets work,
# replicas share the work, nothing is left. Usage: tests/compose/test.sh (wants `make images/local`)
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=/dev/null
. deploy/images/names.env
export COMPOSE_PROJECT_NAME=cro-test-compose
limit_seconds=120
namespace=cloud-resource-operator
compose() { docker compose --progress quiet --env-file deploy/compose/local.env "$@"; }
kubectl() { compose exec -T kubernetes kubectl --namespace $namespace "$@"; }

passed=0
pass() { passed=$((passed + 1)); echo "ok: $1"; }
fail() {
  echo "FAILED: $1" >&2
  compose ps --all >&2
  compose logs --tail 30 >&2
  echo "test result: FAILED. $passed passed; 1 failed; 0 ignored"
  exit 1
}
check() { if "${@:2}" >"$work/log" 2>&1; then pass "$1"; else tail -20 "$work/log" >&2; fail "$1"; fi; }
down() { compose down --volumes --timeout 5; }
work=$(mktemp -d)
trap 'down 2>/dev/null || true; rm -rf "$work"' EXIT

# Like `docker compose up`, but for the logs.
samples_complete() { compose up --detach --no-build && [ "$(docker wait "$(compose ps --all --quiet samples)")" = 0 ]; }
is_in_time() { [ "$1" -lt $limit_seconds ]; }
value() { kubectl get secret "$1" --output "jsonpath={.data['$2']}" | base64 --decode; }
client() { docker run --rm --network "${COMPOSE_PROJECT_NAME}_default" "$@"; }

# A pod that ends well when its command does.
pod() { # name, image, options and command
  kubectl run "$1" --restart Never --image "$2" --image-pull-policy Never "${@:3}"
  kubectl wait "pod/$1" --for 'jsonpath={.status.phase}=Succeeded' --timeout 30s || { kubectl logs "$1"; return 1; }
  kubectl delete pod "$1"
}
ask_postgres() { # secret
  pod "client-$1" "$POSTGRES_IMAGE" --env "PGHOST=$(value "$1" host)" --env "PGPORT=$(value "$1" port)" \
    --env "PGUSER=$(value "$1" username)" --env "PGPASSWORD=$(value "$1" password)" --env "PGDATABASE=$(value "$1" database)" \
    --command -- psql --no-psqlrc --set ON_ERROR_STOP=1 --command 'create table t(a int)' --command 'insert into t values (42)' \
    --command 'select 1 / count(*) from t where a = 42'
}
ask_redis() { # secret, option
  pod "client-$1" "$REDIS_IMAGE" --env "REDISCLI_AUTH=$(value "$1" password)" \
    --command -- redis-cli -e "${@:2}" -h "$(value "$1" uri)" -p "$(value "$1" port)" set answer 42
}
wrong_password() { # secret: nobody is let in who does not know
  ! client --env "PGPASSWORD=wrong" "$POSTGRES_IMAGE" psql --host "$(value "$1" host)" --port "$(value "$1" port)" \
    --username "$(value "$1" username)" --dbname "$(value "$1" database)" --command 'select 1' >"$work/said" 2>&1 \
    && grep 'password authentication failed' "$work/said"
}
use_bucket() { # secret
  client --env AWS_ACCESS_KEY_ID="$(value "$1" credentialKeyID)" --env AWS_SECRET_ACCESS_KEY="$(value "$1" credentialSecretKey)" \
    --entrypoint python3 "$MOTO_IMAGE" -c '
import boto3, sys
s3 = boto3.client("s3", endpoint_url="http://aws:4566", region_name="eu-west-1")
s3.put_object(Bucket=sys.argv[1], Key="answer", Body=b"42")
assert s3.get_object(Bucket=sys.argv[1], Key="answer")["Body"].read() == b"42"' "$(value "$1" bucketName)"
}
simulated() { kubectl get secrets --selector integreatly.org/simulated --output name; }
only_mail_is_simulated() { [ "$(simulated | grep --invert-match binding)" = secret/example-smtp-aws-sec ]; }

scale() { compose up --detach --wait --no-build --no-recreate --scale aws-provisioner=3 aws-provisioner && [ "$(compose ps --quiet aws-provisioner | wc -l)" = 3 ]; }
many_claims() {
  for number in $(seq 12); do
    sed "s/example-blobstorage/many-$number/" deploy/samples/example-blobstorage.yaml
    echo ---
  done > "$work/many.yaml"
  kubectl apply --filename - <"$work/many.yaml" && kubectl wait --for 'jsonpath={.status.phase}=complete' --timeout 60s --filename - <"$work/many.yaml"
}
worked() { # replica
  local address
  address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1")
  curl --silent --show-error "http://$address:8080/metrics" | grep --quiet '^worker_turns_total{kind="blobstorage",outcome="ready"}'
}
all_worked() { local replica; for replica in $(compose ps --quiet aws-provisioner); do worked "$replica" || return 1; done; }
refuses_real_aws() { ! timeout 30 docker compose --env-file deploy/compose/local.env run --rm --no-deps --env AWS_ENDPOINT_URL= aws-provisioner >"$work/said" 2>&1 && grep AWS_ENDPOINT_URL "$work/said"; }
healthy() { [ "$(compose ps --format '{{.Health}}' | grep --count --line-regexp healthy)" = 9 ]; }
published() { compose ps --format '{{.Ports}}' | grep --only-matching '[0-9.:]*->' | sort | tr --delete '\n'; }
on_loopback() { [ "$(published)" = '127.0.0.1:4566->127.0.0.1:6443->' ]; }
reached_from_host() {
  compose cp kubernetes:/kubeconfig/host.yaml "$work/kubeconfig"
  KUBECONFIG=$work/kubeconfig "$(tests/tools/locked.sh build.sh)/kubectl" --namespace $namespace get cloudresources
}
nothing_is_left() {
  down
  [ -z "$(docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ] \
    && [ -z "$(docker volume ls --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ]
}

down
start=$SECONDS
check 'up ends with all samples complete' samples_complete
took=$((SECONDS - start))
check "that took $took s, less than $limit_seconds" is_in_time "$took"
check 'every service is healthy' healthy
check 'all ports are on the loopback interface' on_loopback
check 'the host reaches the cluster' reached_from_host
check 'a pod logs in to the database in the cluster' ask_postgres example-postgres-sec
check 'a pod logs in to the database on AWS' ask_postgres example-postgres-aws-sec
check 'a wrong password is refused' wrong_password example-postgres-aws-sec
check 'a pod logs in to Redis in the cluster' ask_redis example-redis-sec
check 'a pod logs in to Redis on AWS, by TLS' ask_redis example-redis-aws-sec --tls --insecure
check 'an object is put into the bucket on AWS, and got' use_bucket example-blobstorage-sec
check 'only the Secret of mail is of nothing real' only_mail_is_simulated
check 'aws-provisioner scales to 3' scale
check 'twelve buckets are made' many_claims
check 'each replica has made some' all_worked
check 'without an endpoint, aws-provisioner refuses to work' refuses_real_aws
check 'down leaves nothing' nothing_is_left
# As cargo says it, so that all can be summed up.
echo "test result: ok. $passed passed; 0 failed; 0 ignored"
