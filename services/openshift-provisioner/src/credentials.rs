//! Credentials by name: which keys the credential Secret holds. Their values never enter this process.

use proto::wire::credential_field::Source;
use proto::wire::{CredentialOutcome, CredentialReply};
use proto::{Defaults, ErrorClass, Field, Identity, Kind, Provider};
use worker::{Failure, TurnError, Work};

use crate::engine::Engine;
use crate::error::failure;
use crate::naming::database_name;
use crate::observed::Observed;
use crate::readiness;

/// The application's user in every Postgres, as the Go operator named it.
pub const POSTGRES_USER: &str = "postgresuser";
const PASSWORD_CHARACTERS: u32 = 32;
/// Fact in the record: name of the Secret that secret-writer confirmed.
const CONFIRMED: &str = "credential-secret";

/// The keys that the credential Secret must hold; empty when the engine needs none.
pub fn needed(engine: Engine, defaults: Defaults, claim: &Identity) -> Vec<(String, Source)> {
    let password = ("password".to_owned(), Source::GenerateLength(PASSWORD_CHARACTERS));
    match (engine, defaults) {
        (Engine::Postgres, _) => vec![
            ("user".to_owned(), Source::Literal(POSTGRES_USER.to_owned())),
            password,
            ("database".to_owned(), Source::Literal(database_name(&claim.name))),
        ],
        (Engine::Redis, Defaults::Secure) => vec![password],
        (Engine::Redis, Defaults::Cro) => Vec::new(),
    }
}

/// The keys of the connection Secret, as the Go operator's.
pub fn connection(engine: Engine, defaults: Defaults, host: String) -> Vec<(&'static str, Field)> {
    let credential = |key: &str| Field::Credential(key.to_owned());
    let port = ("port", Field::Literal(engine.port().to_string()));
    match engine {
        Engine::Postgres => vec![
            ("username", credential("user")),
            ("password", credential("password")),
            ("database", credential("database")),
            ("host", Field::Literal(host)),
            port,
        ],
        Engine::Redis => {
            // A bare host: consumers put the scheme before it themselves.
            let bare = vec![("uri", Field::Literal(host)), port];
            let password =
                (defaults == Defaults::Secure).then(|| ("password", credential("password")));
            bare.into_iter().chain(password).collect()
        }
    }
}

/// The name of the Secret that holds the credentials; `None` when there are none. A password may be generated only
/// while nothing exists that could know another one.
pub async fn ensure(
    engine: Engine,
    defaults: Defaults,
    work: &mut Work<'_>,
    observed: &Observed,
) -> Result<Option<String>, TurnError> {
    let claim = &work.item.identity;
    let fields = needed(engine, defaults, claim);
    if fields.is_empty() {
        return Ok(None);
    }
    let is_usable = !readiness::missing(observed).is_some_and(|it| it.lacks_credentials);
    let is_trusted = observed.volume.is_some() && is_usable;
    if let Some(name) = work.record.facts.get(CONFIRMED).filter(|_| is_trusted) {
        return Ok(Some(name.clone()));
    }
    let nothing_exists = observed.present().next().is_none() && !work.record.placement.observed;
    let reply = work
        .bus
        .ensure_credentials(Provider::Openshift, claim, fields, nothing_exists)
        .await
        .map_err(|error| unanswered(&error))?;
    let name = secret_name(reply, claim.kind)?;
    work.record.facts.insert(CONFIRMED.to_owned(), name.clone());
    Ok(Some(name))
}

fn unanswered(error: &bus::Error) -> Failure {
    tracing::warn!(error = %error, "credentials could not be asked for");
    failure(ErrorClass::Transient, "secret-writer does not answer; check that it runs")
}

fn secret_name(reply: CredentialReply, kind: Kind) -> Result<String, Failure> {
    let class = match reply.outcome() {
        CredentialOutcome::Held | CredentialOutcome::Created => return Ok(reply.secret_name),
        CredentialOutcome::Missing => {
            let message = format!(
                "the {kind} exists, but the Secret {} with its credentials is gone; restore it",
                reply.secret_name
            );
            return Err(failure(ErrorClass::NeedsPerson, message));
        }
        CredentialOutcome::Foreign => ErrorClass::Foreign,
        CredentialOutcome::Refused
        | CredentialOutcome::Unavailable
        | CredentialOutcome::Untimely
        | CredentialOutcome::Unspecified => ErrorClass::Transient,
    };
    let detail = if reply.message.is_empty() { "secret-writer refused" } else { &reply.message };
    Err(failure(class, format!("credentials: {detail}")))
}

#[cfg(test)]
mod tests {
    use proto::wire;

    use super::*;
    use crate::fixtures::claim;

    fn reply(outcome: CredentialOutcome) -> CredentialReply {
        let mut reply = wire::CredentialReply {
            secret_name: "orders-postgres-credentials".to_owned(),
            ..wire::CredentialReply::default()
        };
        reply.set_outcome(outcome);
        reply
    }

    #[test]
    fn the_answer_of_secret_writer_decides_the_class() {
        let table = [
            (CredentialOutcome::Missing, ErrorClass::NeedsPerson),
            (CredentialOutcome::Foreign, ErrorClass::Foreign),
            (CredentialOutcome::Refused, ErrorClass::Transient),
            (CredentialOutcome::Unavailable, ErrorClass::Transient),
            (CredentialOutcome::Untimely, ErrorClass::Transient),
            (CredentialOutcome::Unspecified, ErrorClass::Transient),
        ];
        for (outcome, class) in table {
            assert_eq!(secret_name(reply(outcome), Kind::Postgres).unwrap_err().class, class);
        }
        for outcome in [CredentialOutcome::Held, CredentialOutcome::Created] {
            let name = secret_name(reply(outcome), Kind::Postgres).unwrap();
            assert_eq!(name, "orders-postgres-credentials");
        }
    }

    #[test]
    fn w32_the_application_is_no_superuser_and_knows_no_other_password() {
        let fields = needed(Engine::Postgres, Defaults::Secure, &claim(Kind::Postgres));
        let keys: Vec<&str> = fields.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["user", "password", "database"]);
        assert!(fields.contains(&("user".to_owned(), Source::Literal("postgresuser".to_owned()))));
    }

    #[test]
    fn w48_redis_has_a_password_under_secure_defaults_only() {
        let keys = |defaults| {
            let fields = connection(Engine::Redis, defaults, "h".to_owned());
            fields.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(keys(Defaults::Cro), ["uri", "port"]);
        assert_eq!(keys(Defaults::Secure), ["uri", "port", "password"]);
        let claim = claim(Kind::Redis);
        assert!(needed(Engine::Redis, Defaults::Cro, &claim).is_empty());
        assert_eq!(needed(Engine::Redis, Defaults::Secure, &claim).len(), 1);
    }

    #[test]
    fn a_connection_holds_the_go_operators_keys_and_no_secret() {
        let fields =
            connection(Engine::Postgres, Defaults::Cro, "db.shop.svc.cluster.local".into());
        let expected = [
            ("username", Field::Credential("user".to_owned())),
            ("password", Field::Credential("password".to_owned())),
            ("database", Field::Credential("database".to_owned())),
            ("host", Field::Literal("db.shop.svc.cluster.local".to_owned())),
            ("port", Field::Literal("5432".to_owned())),
        ];
        assert_eq!(fields, expected);
    }
}
