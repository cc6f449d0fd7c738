//! The binding Secret: the connection with the keys of the Service Binding specification
//! (<https://servicebinding.io/spec/core/1.1.0/>, "Well-known Secret Entries"), which connectors of many languages read.

use crds::ClaimKind;
use proto::Provider;

use crate::tls::Tls;
use crate::values::Values;

const SSL_MODE: &str = "sslmode";
/// Of a cache that speaks TLS only: its certificate is of a public authority.
const TLS: &str = "tls";
/// Who reads a URI alone has no file of roots, and `verify-full` would find none.
const SSL_MODE_OF_URIS: &[u8] = b"require";

/// The `type` entry of a kind; `None` for kinds without a connection.
pub fn binding_type(kind: ClaimKind) -> Option<&'static str> {
    match kind {
        ClaimKind::Postgres => Some("postgresql"),
        ClaimKind::Redis => Some("redis"),
        ClaimKind::BlobStorage => Some("s3"),
        ClaimKind::SmtpCredentialSet => Some("smtp"),
        ClaimKind::PostgresSnapshot | ClaimKind::RedisSnapshot => None,
    }
}

/// The type of the binding Secret, as the specification wants it.
pub fn secret_type(binding_type: &str) -> String {
    format!("servicebinding.io/{binding_type}")
}

/// Keys and values of the binding Secret for a connection Secret. A value that the connection leaves empty is left out.
pub fn binding(
    kind: ClaimKind,
    binding_type: &str,
    provider: Provider,
    connection: &Values,
    tls: Option<Tls>,
) -> Values {
    let mut binding = Values::default();
    binding.set("type", binding_type);
    binding.set("provider", provider.as_str());
    for (entry, key) in entries(kind) {
        if let Some(value) = connection.filled(key) {
            binding.set(*entry, value);
        }
    }
    for (entry, uri) in uris(kind, connection, tls) {
        binding.set(entry, uri);
    }
    if let Some(tls) = tls {
        binding.set(SSL_MODE, tls.mode);
    }
    // The name that Spring and others look for; the value is the file's content.
    if let Some(roots) = tls.and_then(|tls| tls.roots) {
        binding.set("sslrootcert", roots);
    }
    binding
}

/// Entry of the binding, key of the connection Secret.
fn entries(kind: ClaimKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        ClaimKind::Postgres => &[
            ("host", "host"),
            ("port", "port"),
            ("database", "database"),
            ("username", "username"),
            ("password", "password"),
        ],
        // The Go operator's `uri` is a bare host name.
        ClaimKind::Redis => {
            &[("host", "uri"), ("port", "port"), ("password", "password"), (TLS, TLS)]
        }
        ClaimKind::BlobStorage => &[
            ("bucket", "bucketName"),
            ("region", "bucketRegion"),
            // Where it is not on AWS.
            ("host", "bucketHost"),
            ("port", "bucketPort"),
            ("access-key-id", "credentialKeyID"),
            ("secret-access-key", "credentialSecretKey"),
        ],
        ClaimKind::SmtpCredentialSet => &[
            ("host", "host"),
            ("port", "port"),
            ("username", "username"),
            ("password", "password"),
            (TLS, TLS),
        ],
        ClaimKind::PostgresSnapshot | ClaimKind::RedisSnapshot => &[],
    }
}

fn uris(kind: ClaimKind, connection: &Values, tls: Option<Tls>) -> Vec<(&'static str, Vec<u8>)> {
    let get = |key| connection.filled(key);
    let address = |host| Some(authority(get(host)?, get("port")?));
    let found = match kind {
        ClaimKind::Postgres => address("host").map(|address| {
            let user = user_info(get("username"), get("password"));
            let path = path(get("database"));
            let ssl = (SSL_MODE, tls.map(|_| SSL_MODE_OF_URIS));
            let options = query(&[ssl]);
            let query = query(&[("user", get("username")), ("password", get("password")), ssl]);
            vec![
                ("uri", joined(&[b"postgresql://", &user, &address, &path, &options])),
                ("jdbc-uri", joined(&[b"jdbc:postgresql://", &address, &path, &query])),
            ]
        }),
        ClaimKind::Redis => address("uri").map(|address| {
            let user = user_info(None, get("password"));
            let has_tls = get(TLS) == Some(b"true");
            let scheme: &[u8] = if has_tls { b"rediss://" } else { b"redis://" };
            vec![("uri", joined(&[scheme, &user, &address]))]
        }),
        ClaimKind::BlobStorage => {
            get("bucketName").map(|bucket| vec![("uri", joined(&[b"s3://", &encoded(bucket)]))])
        }
        ClaimKind::SmtpCredentialSet => address("host").map(|address| {
            let user = user_info(get("username"), get("password"));
            vec![("uri", joined(&[b"smtp://", &user, &address]))]
        }),
        ClaimKind::PostgresSnapshot | ClaimKind::RedisSnapshot => None,
    };
    found.unwrap_or_default()
}

/// `host:port`; an IPv6 address needs brackets.
fn authority(host: &[u8], port: &[u8]) -> Vec<u8> {
    if host.contains(&b':') {
        joined(&[b"[", host, b"]:", port])
    } else {
        joined(&[host, b":", port])
    }
}

/// `user:password@`, as far as they are known. Redis has a password without a user: `:password@`.
fn user_info(user: Option<&[u8]>, password: Option<&[u8]>) -> Vec<u8> {
    let user = user.map(encoded).unwrap_or_default();
    match password.map(encoded) {
        Some(password) => joined(&[&user, b":", &password, b"@"]),
        None if user.is_empty() => user,
        None => joined(&[&user, b"@"]),
    }
}

fn path(segment: Option<&[u8]>) -> Vec<u8> {
    segment.map(|segment| joined(&[b"/", &encoded(segment)])).unwrap_or_default()
}

fn query(parameters: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let known = parameters.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    let mut query = Vec::new();
    for (name, value) in known {
        query.push(if query.is_empty() { b'?' } else { b'&' });
        query.extend(joined(&[name.as_bytes(), b"=", &encoded(value)]));
    }
    query
}

/// Percent-encodes all but the unreserved characters of RFC 3986, so it fits every part of a URI.
fn encoded(bytes: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(*byte);
        } else {
            text.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    text
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[cfg(test)]
mod tests;
