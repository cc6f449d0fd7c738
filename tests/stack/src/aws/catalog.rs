//! What AWS offers: versions and classes. Versions of PostgreSQL as of the end of 2026:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html>

use super::xml::Element;

/// Versions that can be chosen, the oldest first.
const POSTGRES: [&str; 22] = [
    "13.20", "13.21", "13.22", "14.17", "14.18", "14.19", "14.20", "15.12", "15.13", "15.14",
    "15.15", "15.16", "16.3", "16.8", "16.9", "16.10", "16.11", "17.4", "17.5", "17.6", "17.7",
    "18.1",
];
/// Versions that have ended.
const ENDED: [&str; 3] = ["11.22", "12.22", "13.13"];
/// What is made when nobody names a version.
const DEFAULT: &str = "17.6";

/// Versions of Redis and Valkey: engine, as asked for, as shown, parameter group family.
pub(crate) const CACHE: [(&str, &str, &str, &str); 8] = [
    ("redis", "5.0.6", "5.0.6", "redis5.0"),
    ("redis", "6.0", "6.0.5", "redis6.x"),
    ("redis", "6.2", "6.2.6", "redis6.x"),
    ("redis", "7.0", "7.0.7", "redis7"),
    ("redis", "7.1", "7.1.0", "redis7"),
    ("valkey", "7.2", "7.2.6", "valkey7"),
    ("valkey", "8.0", "8.0.1", "valkey8"),
    ("valkey", "8.1", "8.1.0", "valkey8"),
];

/// The version that is meant: `15` is the newest of its major version; an empty text is the default.
pub(crate) fn postgres(wanted: &str) -> Option<&'static str> {
    if wanted.is_empty() {
        return Some(DEFAULT);
    }
    let is_meant = |version: &&&str| **version == wanted || major(version) == wanted;
    POSTGRES.iter().rev().find(is_meant).copied()
}

/// The row of a version of Redis or Valkey; an empty text is the newest.
pub(crate) fn cache(
    engine: &str,
    wanted: &str,
) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    let is_meant = |row: &&(&str, &str, &str, &str)| {
        row.0 == engine && (wanted.is_empty() || row.1 == wanted || row.2 == wanted)
    };
    CACHE.iter().rev().find(is_meant)
}

pub(crate) fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

/// What versions are compared by.
pub(crate) fn number(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

/// `DescribeDBEngineVersions`.
pub(crate) fn versions(query: &super::query::Query) -> Element {
    let wanted = query.get("EngineVersion");
    let family = query.get("DBParameterGroupFamily");
    let ended = if query.is_true("IncludeAll") { &ENDED[..] } else { &[] };
    let statuses = ended.iter().map(|it| (*it, "deprecated"));
    let all = statuses.chain(POSTGRES.iter().map(|it| (*it, "available")));
    let is_wanted = |version: &str| {
        wanted.is_none_or(|wanted| wanted == version || wanted == major(version))
            && family.is_none_or(|family| family == format!("postgres{}", major(version)))
            && query.get("Engine").is_none_or(|engine| engine == "postgres")
            && (!query.is_true("DefaultOnly") || version == DEFAULT || wanted.is_some())
    };
    let chosen = all.filter(|(version, _)| is_wanted(version));
    Element::tree(
        "DBEngineVersions",
        chosen.map(|(version, status)| engine_version(version, status)),
    )
}

fn engine_version(version: &str, status: &str) -> Element {
    let later = POSTGRES.iter().filter(|later| number(later) > number(version));
    let targets = later.map(|later| {
        Element::tree(
            "UpgradeTarget",
            [
                Element::leaf("Engine", "postgres"),
                Element::leaf("EngineVersion", later),
                Element::leaf("AutoUpgrade", "false"),
                Element::leaf("IsMajorVersionUpgrade", major(later) != major(version)),
            ],
        )
    });
    Element::tree(
        "DBEngineVersion",
        [
            Element::leaf("Engine", "postgres"),
            Element::leaf("MajorEngineVersion", major(version)),
            Element::leaf("EngineVersion", version),
            Element::leaf("DBParameterGroupFamily", format!("postgres{}", major(version))),
            Element::leaf("DBEngineDescription", "PostgreSQL"),
            Element::leaf("DBEngineVersionDescription", format!("PostgreSQL {version}")),
            Element::leaf("Status", status),
            Element::tree("ValidUpgradeTarget", targets),
        ],
    )
}

/// `DescribeCacheEngineVersions`.
pub(crate) fn cache_versions(query: &super::query::Query) -> Element {
    let is_wanted = |row: &&(&str, &str, &str, &str)| {
        query.get("Engine").is_none_or(|engine| engine == row.0)
            && query.get("EngineVersion").is_none_or(|version| version == row.1 || version == row.2)
            && query.get("CacheParameterGroupFamily").is_none_or(|family| family == row.3)
    };
    let version = |row: &(&str, &str, &str, &str)| {
        Element::tree(
            "CacheEngineVersion",
            [
                Element::leaf("Engine", row.0),
                Element::leaf("EngineVersion", row.1),
                Element::leaf("CacheParameterGroupFamily", row.3),
            ],
        )
    };
    Element::tree("CacheEngineVersions", CACHE.iter().filter(is_wanted).map(version))
}

/// Classes of RDS that exist.
const CLASSES: [&str; 9] = [
    "db.t3.micro",
    "db.t3.small",
    "db.t3.medium",
    "db.t4g.micro",
    "db.t4g.small",
    "db.t4g.medium",
    "db.m5.large",
    "db.m6g.large",
    "db.r6g.large",
];

/// `DescribeOrderableDBInstanceOptions`, where `zones` knows the zones of each class.
pub(crate) fn orderable(
    query: &super::query::Query,
    zones: impl Fn(&str) -> Vec<String>,
) -> Element {
    let version = postgres(query.get("EngineVersion").unwrap_or_default());
    let is_postgres = query.get("Engine").is_none_or(|engine| engine == "postgres");
    let version = version.filter(|_| is_postgres);
    let class = query.get("DBInstanceClass");
    let is_wanted = |known: &&&str| class.is_none_or(|class| class == **known);
    let classes = CLASSES.iter().filter(is_wanted).map(|class| (*class, zones(class)));
    let offered = classes.filter(|(_, zones)| !zones.is_empty()).filter_map(|(class, zones)| {
        let zone = |zone: &String| Element::tree("AvailabilityZone", [Element::leaf("Name", zone)]);
        Some(Element::tree(
            "OrderableDBInstanceOption",
            [
                Element::leaf("Engine", "postgres"),
                Element::leaf("EngineVersion", version?),
                Element::leaf("DBInstanceClass", class),
                Element::leaf("LicenseModel", "postgresql-license"),
                Element::tree("AvailabilityZones", zones.iter().map(zone)),
                Element::leaf("MultiAZCapable", zones.len() > 1),
                Element::leaf("Vpc", "true"),
                Element::leaf("SupportsStorageEncryption", "true"),
                Element::leaf("StorageType", "gp3"),
            ],
        ))
    });
    Element::tree("OrderableDBInstanceOptions", offered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::query::Query;

    #[test]
    fn a_version_is_found_by_itself_by_its_major_version_and_by_default() {
        let cases = [
            ("15.14", Some("15.14")),
            ("15", Some("15.16")),
            ("", Some("17.6")),
            ("13.13", None),
            ("1", None),
        ];
        for (wanted, found) in cases {
            assert_eq!(postgres(wanted), found, "{wanted}");
        }
        assert_eq!(cache("redis", "7.1").unwrap().2, "7.1.0");
        assert_eq!(cache("valkey", "").unwrap().1, "8.1");
        assert_eq!(cache("redis", "8.0"), None);
    }

    #[test]
    fn versions_that_have_ended_are_listed_on_demand_only() {
        let count = |query: Query| versions(&query).children.len();
        let query = Query::new("DescribeDBEngineVersions", "1");
        assert_eq!(count(query.clone()), POSTGRES.len());
        assert_eq!(count(query.clone().with("IncludeAll", true)), POSTGRES.len() + ENDED.len());
        assert_eq!(count(query.clone().with("EngineVersion", "16")), 5);
        assert_eq!(count(query.with("Engine", "mysql")), 0);
    }

    #[test]
    fn a_class_without_a_zone_cannot_be_ordered() {
        let zones = |class: &str| match class {
            "db.t3.micro" => vec![],
            _ => vec!["eu-west-1a".to_owned()],
        };
        let options = orderable(&Query::new("D", "1").with("Engine", "postgres"), zones);
        assert_eq!(options.children.len(), CLASSES.len() - 1);
        assert_eq!(options.children[0].text_of("MultiAZCapable"), "false");
    }
}
