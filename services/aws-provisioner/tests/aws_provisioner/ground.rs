//! What databases stand on, without a network of the service's own: its record is written by the tests.

use aws_provisioner::network::reference::{
    POSTGRES_SECURITY_GROUPS, REDIS_SECURITY_GROUPS, SUBNET_GROUP,
};
use proto::{Identity, ItemId, Kind, Placement, Provider, Record, Service, State, Subject, Uid};

use crate::world::World;

const GROUP: &str = "cro-subnets";

/// A listing every second, and no other look.
pub const OFTEN: [(&str, &str); 2] =
    [("INVENTORY_PERIOD_SECONDS", "1"), ("DRIFT_PERIOD_SECONDS", "86400")];

impl World {
    /// Subnet groups, and no service yet.
    pub async fn with_ground() -> Self {
        let world = Self::prepare().await;
        let subnets = world.ec2().describe_subnets().send().await.unwrap().subnets.unwrap();
        let ids: Vec<_> = subnets.iter().take(2).filter_map(|it| it.subnet_id.clone()).collect();
        let group = world.rds().create_db_subnet_group().db_subnet_group_name(GROUP);
        let group = group.db_subnet_group_description("test").set_subnet_ids(Some(ids.clone()));
        group.send().await.unwrap();
        let group = world.elasticache().create_cache_subnet_group();
        let group = group.cache_subnet_group_name(GROUP).set_subnet_ids(Some(ids));
        group.cache_subnet_group_description("test").send().await.unwrap();
        world
    }

    /// A network that is ready, and the service with these variables.
    pub async fn on_ground(variables: &[(&str, &str)]) -> Self {
        let mut world = Self::with_ground().await;
        world.network(|_| {}).await;
        world.start_with(variables);
        world
    }

    /// Stores the network's record with this change.
    pub async fn network(&self, change: impl FnOnce(&mut Record)) {
        let group = self.security_group().await;
        let mut record = record();
        record.facts.insert(SUBNET_GROUP.to_owned(), GROUP.to_owned());
        record.facts.insert(POSTGRES_SECURITY_GROUPS.to_owned(), group.clone());
        record.facts.insert(REDIS_SECURITY_GROUPS.to_owned(), group);
        change(&mut record);
        let subject = Subject::Record(Service::AwsProvisioner, record.identity.uid.clone());
        let last = self.records.read::<Record>(&subject).await.unwrap();
        self.records.write(&subject, &record, last.sequence, None).await.unwrap();
    }

    /// The group that the network's record names.
    pub async fn security_group(&self) -> String {
        let groups = self.ec2().describe_security_groups().send().await.unwrap();
        groups.security_groups.unwrap()[0].group_id.clone().unwrap()
    }
}

fn record() -> Record {
    let identity = Identity {
        kind: Kind::Network,
        namespace: String::new(),
        name: "network".into(),
        uid: Uid::of_network("cluster"),
        generation: 0,
    };
    let placement = Placement { region: "us-east-1".into(), ..Placement::at(Provider::Aws) };
    let record = Record::new(identity, placement, ItemId::random());
    Record { state: State::Ready, ..record }
}
