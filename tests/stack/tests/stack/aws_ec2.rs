//! EC2 through the proxy.

use aws_sdk_ec2::types::{Filter, VpcPeeringConnection};
use stack::{LifeCycle, eventually};

use crate::account::{Account, WHILE, code};

impl Account {
    async fn vpc(&self, cidr: &str) -> String {
        self.ec2.create_vpc().cidr_block(cidr).send().await.unwrap().vpc.unwrap().vpc_id.unwrap()
    }

    async fn peer(&self, one: &str, other: &str) -> VpcPeeringConnection {
        let request = self.ec2.create_vpc_peering_connection().vpc_id(one).peer_vpc_id(other);
        request.send().await.unwrap().vpc_peering_connection.unwrap()
    }

    async fn peering(&self, id: &str) -> String {
        let request = self.ec2.describe_vpc_peering_connections().vpc_peering_connection_ids(id);
        let answer = request.send().await.unwrap().vpc_peering_connections.unwrap().remove(0);
        answer.status.unwrap().code.unwrap().as_str().to_owned()
    }

    async fn until_peering(&self, id: &str, status: &str) {
        eventually(status, WHILE * 20, async || {
            Ok((self.peering(id).await == status).then_some(()))
        })
        .await
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peering_goes_through_its_states() {
    let account = Account::new("530000000001").await;
    account.aws.life_cycle(LifeCycle::each(WHILE));
    let (one, other) = (account.vpc("10.1.0.0/16").await, account.vpc("10.2.0.0/16").await);
    let made = account.peer(&one, &other).await;
    let id = made.vpc_peering_connection_id().unwrap();
    assert_eq!(made.status().unwrap().code().unwrap().as_str(), "initiating-request");
    assert_eq!(account.peering(id).await, "initiating-request");
    let accept =
        || account.ec2.accept_vpc_peering_connection().vpc_peering_connection_id(id).send();
    assert_eq!(code(accept().await), "InvalidStateTransition");
    account.until_peering(id, "pending-acceptance").await;
    let accepted = accept().await.unwrap().vpc_peering_connection.unwrap();
    assert_eq!(accepted.status().unwrap().code().unwrap().as_str(), "provisioning");
    account.until_peering(id, "active").await;
    assert_eq!(code(accept().await), "InvalidStateTransition");
    let again = account.ec2.create_vpc_peering_connection().vpc_id(&other).peer_vpc_id(&one).send();
    assert_eq!(code(again.await), "VpcPeeringConnectionAlreadyExists");
    let tables = account.ec2.describe_route_tables().send().await.unwrap();
    let table = tables.route_tables().iter().find(|table| table.vpc_id() == Some(&one)).unwrap();
    let route = account.ec2.create_route().route_table_id(table.route_table_id().unwrap());
    let route = route.destination_cidr_block("10.2.0.0/16").vpc_peering_connection_id(id);
    route.send().await.unwrap();
    let state = async || {
        let tables =
            account.ec2.describe_route_tables().route_table_ids(table.route_table_id().unwrap());
        let tables = tables.send().await.unwrap();
        let routes = tables.route_tables()[0].routes().to_vec();
        let route =
            routes.into_iter().find(|route| route.vpc_peering_connection_id().is_some()).unwrap();
        route.state.unwrap().as_str().to_owned()
    };
    assert_eq!(state().await, "active");
    let delete =
        || account.ec2.delete_vpc_peering_connection().vpc_peering_connection_id(id).send();
    delete().await.unwrap();
    account.until_peering(id, "deleted").await;
    assert_eq!(state().await, "blackhole");
    assert_eq!(code(delete().await), "InvalidStateTransition");
    account.peer(&one, &other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peering_fails_expires_and_is_found_by_filters() {
    let account = Account::new("530000000002").await;
    let (one, same) = (account.vpc("10.1.0.0/16").await, account.vpc("10.1.128.0/17").await);
    let failed = account.peer(&one, &same).await.vpc_peering_connection_id.unwrap();
    assert_eq!(account.peering(&failed).await, "failed");
    let other = account.vpc("10.3.0.0/16").await;
    let expired = account.peer(&one, &other).await.vpc_peering_connection_id.unwrap();
    assert_eq!(account.peering(&expired).await, "pending-acceptance");
    account.aws.expire_peering(&expired);
    assert_eq!(account.peering(&expired).await, "expired");
    let rejected = account.peer(&one, &other).await.vpc_peering_connection_id.unwrap();
    account
        .ec2
        .reject_vpc_peering_connection()
        .vpc_peering_connection_id(&rejected)
        .send()
        .await
        .unwrap();
    assert_eq!(account.peering(&rejected).await, "rejected");
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let request = account.ec2.describe_vpc_peering_connections();
    let request = request
        .filters(filter("requester-vpc-info.vpc-id", &one))
        .filters(filter("status-code", "expired"));
    let found = request.send().await.unwrap().vpc_peering_connections.unwrap();
    assert_eq!(
        found.iter().map(|it| it.vpc_peering_connection_id().unwrap()).collect::<Vec<_>>(),
        [expired]
    );
    let unknown =
        account.ec2.describe_vpc_peering_connections().vpc_peering_connection_ids("pcx-0");
    assert_eq!(code(unknown.send().await), "InvalidVpcPeeringConnectionID.NotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_token_makes_one_of_two_and_is_for_one_request() {
    let account = Account::new("530000000003").await;
    let (one, other) = (account.vpc("10.1.0.0/16").await, account.vpc("10.2.0.0/16").await);
    let create = async |vpc: &str, token: &str| {
        let request = account.ec2.create_route_table().vpc_id(vpc).client_token(token);
        request.send().await.map(|answer| answer.route_table.unwrap().route_table_id.unwrap())
    };
    let first = create(&one, "token").await.unwrap();
    assert_eq!(create(&one, "token").await.unwrap(), first);
    assert_ne!(create(&one, "another").await.unwrap(), first);
    assert_eq!(code(create(&other, "token").await), "IdempotentParameterMismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_is_not_in_every_zone() {
    let account = Account::new("530000000004").await;
    account.aws.withhold("db.t3.micro", Some("eu-west-1a"));
    account.aws.withhold("cache.t3.small", None);
    let zones = async |class: &str| {
        let request = account.ec2.describe_instance_type_offerings();
        let request = request.location_type(aws_sdk_ec2::types::LocationType::AvailabilityZone);
        let filter = Filter::builder().name("instance-type").values(class).build();
        request
            .filters(filter)
            .send()
            .await
            .unwrap()
            .instance_type_offerings
            .unwrap_or_default()
            .len()
    };
    assert_eq!(
        (zones("t3.micro").await, zones("t3.small").await, zones("t3.medium").await),
        (2, 0, 3)
    );
}
