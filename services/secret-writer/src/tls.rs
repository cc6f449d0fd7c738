//! TLS of databases: how an application connects, and which roots it trusts. Pure.

use proto::{Connection, Kind, Provider};

use crate::values::Values;

/// Public roots of Amazon RDS: a section for each region, see certificates/README.md.
const RDS: &str = include_str!("../certificates/rds.pem");

/// How an application connects by TLS, in the words of libpq
/// (<https://www.postgresql.org/docs/current/libpq-ssl.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls {
    /// `verify-full` where the roots are known, else `require`.
    pub mode: &'static str,
    /// Roots to trust, as PEM.
    pub roots: Option<&'static str>,
}

/// What is known of the TLS of a connection: of RDS all, of nothing else anything. What is simulated has none.
pub fn tls(result: &Connection, connection: &Values) -> Option<Tls> {
    let is_rds = result.provider == Provider::Aws && result.identity.kind == Kind::Postgres;
    if !is_rds || result.simulated {
        return None;
    }
    let region = region(connection.filled("host")?)?;
    let roots = roots(region);
    let mode = if roots.is_some() { "verify-full" } else { "require" };
    Some(Tls { mode, roots })
}

/// `<identifier>.<hash>.<region>.rds.amazonaws.com`, in China with one more label.
fn region(host: &[u8]) -> Option<&str> {
    let host = std::str::from_utf8(host).ok()?;
    let labels: Vec<&str> = host.split('.').collect();
    let service = labels.windows(2).position(|pair| pair == ["rds", "amazonaws"])?;
    labels.get(service.checked_sub(1)?).copied()
}

fn roots(region: &str) -> Option<&'static str> {
    let sections = RDS.split("# ").filter_map(|section| section.split_once('\n'));
    sections.into_iter().find(|(name, _)| *name == region).map(|(_, roots)| roots)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proto::{Identity, ItemId};

    use super::*;

    fn result(provider: Provider, kind: Kind, simulated: bool) -> Connection {
        let identity = Identity {
            kind,
            namespace: "team".into(),
            name: "db".into(),
            uid: "u-1".parse().unwrap(),
            generation: 1,
        };
        let (item_id, fields) = (ItemId::random(), BTreeMap::new());
        Connection { item_id, identity, provider, fields, simulated }
    }

    fn tls_of(host: &str) -> Option<Tls> {
        let values: Values = [("host", host)].into_iter().collect();
        tls(&result(Provider::Aws, Kind::Postgres, false), &values)
    }

    #[test]
    fn w48_a_database_on_rds_is_reached_by_tls_with_the_roots_of_its_region() {
        let found = tls_of("db.abc123.eu-west-1.rds.amazonaws.com").unwrap();
        assert_eq!(found.mode, "verify-full");
        let roots = found.roots.unwrap();
        assert_eq!(roots.matches("BEGIN CERTIFICATE").count(), 3);
        assert!(roots.ends_with("-----END CERTIFICATE-----\n") && !roots.contains('#'));
        assert_ne!(roots, tls_of("db.abc123.us-east-1.rds.amazonaws.com").unwrap().roots.unwrap());
    }

    #[test]
    fn w54_a_region_whose_roots_are_not_known_is_reached_by_tls_all_the_same() {
        for host in ["db.a.us-gov-west-1.rds.amazonaws.com", "db.a.cn-north-1.rds.amazonaws.com.cn"]
        {
            assert_eq!(tls_of(host), Some(Tls { mode: "require", roots: None }), "{host}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_no_rds() {
        for host in ["", "localhost", "rds.amazonaws.com", "db.team.svc.cluster.local"] {
            assert_eq!(tls_of(host), None, "{host}");
        }
        let values: Values = [("host", "db.a.eu-west-1.rds.amazonaws.com")].into_iter().collect();
        for (provider, kind, simulated) in [
            (Provider::Openshift, Kind::Postgres, false),
            (Provider::Aws, Kind::Redis, false),
            (Provider::Aws, Kind::Postgres, true),
        ] {
            assert_eq!(tls(&result(provider, kind, simulated), &values), None);
        }
    }
}
