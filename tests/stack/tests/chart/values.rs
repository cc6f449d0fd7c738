//! Wrong values are told with their path, before anything is done.

use super::{name, of_kind, rendered};

fn refusal(values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|&it| it.to_owned()).collect();
    format!("{:#}", stack::render("cro", &values).unwrap_err())
}

#[test]
fn a_typo_and_a_wrong_type_are_told_with_their_path() {
    let table = [
        ("watcher.replica=2", "at '/watcher': additional properties 'replica' not allowed"),
        ("common.replicas=many", "at '/common/replicas': got string, want null or integer"),
        ("nats.replicas=2", "at '/nats/replicas': value must be one of 1, 3"),
        ("defaults=safe", "at '/defaults': value must be one of 'secure', 'cro'"),
        ("aws.region=Ireland", "at '/aws/region'"),
        ("watchNamespaces={Shop}", "at '/watchNamespaces/0'"),
        ("awsProvisioner.kinds.mysql.replicas=1", "additional properties 'mysql' not allowed"),
        (
            "openshiftProvisioner.kinds.network.replicas=1",
            "additional properties 'network' not allowed",
        ),
        (
            "config.types.a.mongo=aws",
            "at '/config/types/a': additional properties 'mongo' not allowed",
        ),
        ("nats.external.url=nats.example.com", "at '/nats/external/url'"),
        ("databases.subnetIds={10.0.0.0/24}", "at '/databases/subnetIds/0'"),
    ];
    for (value, message) in table {
        let said = refusal(&[value]);
        assert!(said.contains(message), "{value}: {said}");
    }
}

#[test]
fn what_the_schema_cannot_say_is_told_with_what_to_do() {
    let table: [(&[&str], &str); 8] = [
        (&["nats.enabled=false"], "nats.external.url is missing"),
        (
            &["nats.enabled=false", "nats.external.url=tls://n:4222"],
            "nats.external.credentialsSecret is missing",
        ),
        (
            &["openshift.sts.enabled=true", "aws.credentialsSecret=a"],
            "set either aws.credentialsSecret or the switches under openshift",
        ),
        (
            &["mappingNamespace=claim", "config.types.a.redis=openshift"],
            "config.types has no effect with mappingNamespace: claim",
        ),
        (&["databases.subnetIds={subnet-1,subnet-2}"], "databases.vpcId is missing"),
        (
            &["awsProvisioner.kinds.redis.replicas=2"],
            "counts only with awsProvisioner.perKind: true",
        ),
        (
            &[
                "nats.enabled=false",
                "nats.external.url=tls://n:4222",
                "nats.external.credentialsSecret=c",
                "awsProvisioner.autoscaling.type=keda",
            ],
            "nats.external.monitoringEndpoint is missing",
        ),
        (&["global.anything=1", "nats.enabled=false"], "nats.external.url is missing"),
    ];
    for (values, message) in table {
        let said = refusal(values);
        assert!(said.contains(message), "{values:?}: {said}");
    }
}

#[test]
fn each_kind_is_served_by_one_deployment_and_all_stand_behind_one_service() {
    let objects = rendered(&["awsProvisioner.perKind=true", "awsProvisioner.autoscaling.type=hpa"]);
    let own = of_kind(&objects, "Deployment").filter(|it| name(it).starts_with("aws-provisioner"));
    let mut kinds = Vec::new();
    for deployment in own {
        assert!(deployment["spec"].get("replicas").is_none(), "the scaler decides");
        let env =
            deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
        let kind = env.iter().find(|it| it["name"] == "KINDS").unwrap()["value"].as_str().unwrap();
        assert_eq!(name(deployment), format!("aws-provisioner-{kind}"));
        kinds.push(kind);
        let service =
            of_kind(&objects, "Service").find(|it| name(it) == "aws-provisioner").unwrap();
        for (label, value) in service["spec"]["selector"].as_object().unwrap() {
            assert_eq!(deployment["spec"]["template"]["metadata"]["labels"][label], *value);
        }
    }
    kinds.sort_unstable();
    let mut all: Vec<&str> = proto::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    all.sort_unstable();
    assert_eq!(kinds, all);
    assert_eq!(of_kind(&objects, "HorizontalPodAutoscaler").count(), all.len());
}
