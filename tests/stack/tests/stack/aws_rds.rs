//! RDS through the proxy: what it goes through, and what it refuses.

use aws_sdk_rds::types::{DbInstance, Tag};
use stack::{LifeCycle, Maintenance, eventually};

use crate::account::{Account, WHILE, code};

impl Account {
    pub async fn create(&self, id: &str) -> DbInstance {
        let request = self.rds.create_db_instance().db_instance_identifier(id).engine("postgres");
        let request = request.db_instance_class("db.t3.small").allocated_storage(20);
        let request = request.master_username("postgres").master_user_password("password-1");
        request
            .tags(Tag::builder().key("k").value("v").build())
            .send()
            .await
            .unwrap()
            .db_instance
            .unwrap()
    }

    pub async fn read(&self, id: &str) -> Result<DbInstance, String> {
        let answer = self.rds.describe_db_instances().db_instance_identifier(id).send().await;
        match answer {
            Ok(answer) => Ok(answer.db_instances.unwrap().remove(0)),
            refused => Err(code(refused)),
        }
    }

    async fn status(&self, id: &str) -> String {
        match self.read(id).await {
            Ok(instance) => instance.db_instance_status.unwrap(),
            Err(code) => code,
        }
    }

    /// The statuses that are seen one after the other until the last.
    async fn statuses(&self, id: &str, last: &str) -> Vec<String> {
        let mut seen = Vec::new();
        eventually("the last status", WHILE * 20, async || {
            seen.push(self.status(id).await);
            Ok((seen.last().unwrap() == last).then_some(()))
        })
        .await
        .unwrap();
        seen.dedup();
        seen
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_takes_its_time() {
    let account = Account::new("500000000001").await;
    account.aws.life_cycle(LifeCycle::each(WHILE));
    let made = account.create("Slow").await;
    assert_eq!(made.db_instance_status(), Some("creating"));
    assert!(made.endpoint().is_none() && made.db_instance_identifier() == Some("slow"));
    assert_eq!(
        account.statuses("slow", "available").await,
        ["creating", "backing-up", "available"]
    );
    let instance = account.read("slow").await.unwrap();
    assert_eq!(
        (instance.publicly_accessible(), instance.engine_version()),
        (Some(false), Some("17.6"))
    );
    assert!(instance.endpoint().unwrap().address().is_some());
    let snapshot = account.rds.delete_db_instance().db_instance_identifier("slow");
    let gone = snapshot.final_db_snapshot_identifier("last").send().await.unwrap();
    assert_eq!(gone.db_instance.unwrap().db_instance_status(), Some("deleting"));
    let listed =
        account.rds.describe_db_snapshots().db_snapshot_identifier("last").send().await.unwrap();
    assert_eq!(listed.db_snapshots()[0].status(), Some("creating"));
    let again = account.rds.create_db_instance().db_instance_identifier("slow").engine("postgres");
    let again = again.db_instance_class("db.t3.small").allocated_storage(20).master_username("u");
    assert_eq!(
        code(again.master_user_password("password-1").send().await),
        "DBInstanceAlreadyExists"
    );
    assert_eq!(
        account.statuses("slow", "DBInstanceNotFound").await,
        ["deleting", "DBInstanceNotFound"]
    );
    let listed =
        account.rds.describe_db_snapshots().db_snapshot_identifier("last").send().await.unwrap();
    assert_eq!(listed.db_snapshots()[0].status(), Some("available"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_delays_the_next_call_sees_the_end() {
    let account = Account::new("500000000002").await;
    assert_eq!(account.create("quick").await.db_instance_status(), Some("creating"));
    assert_eq!(account.status("quick").await, "available");
    let modify =
        account.rds.modify_db_instance().db_instance_identifier("quick").allocated_storage(30);
    let answer = modify.apply_immediately(true).send().await.unwrap().db_instance.unwrap();
    assert_eq!(
        (answer.db_instance_status(), answer.allocated_storage()),
        (Some("available"), Some(20))
    );
    assert_eq!(answer.pending_modified_values().unwrap().allocated_storage(), Some(30));
    let changed = account.read("quick").await.unwrap();
    assert_eq!(
        (changed.allocated_storage(), account.status("quick").await.as_str()),
        (Some(30), "available")
    );
    let delete = account.rds.delete_db_instance().db_instance_identifier("quick");
    delete.skip_final_snapshot(true).send().await.unwrap();
    assert_eq!(account.status("quick").await, "DBInstanceNotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_wait_for_the_window_and_passwords_do_not() {
    let account = Account::new("500000000003").await;
    account.create("db").await;
    let modify = || account.rds.modify_db_instance().db_instance_identifier("db");
    let wait = modify().db_instance_class("db.m5.large").deletion_protection(true);
    wait.master_user_password("password-2").send().await.unwrap();
    let waiting = account.read("db").await.unwrap();
    assert_eq!(
        (waiting.db_instance_class(), waiting.deletion_protection()),
        (Some("db.t3.small"), Some(true))
    );
    assert_eq!(waiting.pending_modified_values().unwrap().db_instance_class(), Some("db.m5.large"));
    assert_eq!(account.aws.login("db").unwrap().password, "password-2");
    account.aws.life_cycle(LifeCycle::each(WHILE));
    account.aws.open_window("db");
    assert_eq!(account.status("db").await, "modifying");
    assert_eq!(code(modify().multi_az(true).send().await), "InvalidDBInstanceState");
    account.statuses("db", "available").await;
    let applied = account.read("db").await.unwrap();
    assert_eq!(applied.db_instance_class(), Some("db.m5.large"));
    assert_eq!(applied.pending_modified_values().and_then(|it| it.db_instance_class()), None);
    let delete =
        account.rds.delete_db_instance().db_instance_identifier("db").skip_final_snapshot(true);
    assert_eq!(code(delete.send().await), "InvalidParameterCombination");
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_is_planned_chosen_and_done() {
    let account = Account::new("500000000004").await;
    account.create("db").await;
    account.aws.plan_maintenance(Maintenance::new("db", "system-update"));
    let planned = async || {
        let answer = account.rds.describe_pending_maintenance_actions().send().await.unwrap();
        answer.pending_maintenance_actions.unwrap_or_default()
    };
    let resources = planned().await;
    let arn = resources[0].resource_identifier().unwrap();
    let details = resources[0].pending_maintenance_action_details();
    assert!(arn.ends_with(":db:db") && details[0].action() == Some("system-update"));
    let apply = |opt_in: &str| {
        let request = account.rds.apply_pending_maintenance_action().resource_identifier(arn);
        request.apply_action("system-update").opt_in_type(opt_in).send()
    };
    apply("next-maintenance").await.unwrap();
    let opted = planned().await;
    let details = opted[0].pending_maintenance_action_details();
    assert_eq!(details[0].opt_in_status(), Some("next-maintenance"));
    account.aws.life_cycle(LifeCycle::each(WHILE));
    apply("immediate").await.unwrap();
    assert_eq!(account.statuses("db", "available").await, ["maintenance", "available"]);
    assert_eq!(planned().await.len(), 0);
    assert_eq!(code(apply("immediate").await), "ResourceNotFoundFault");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subnet_group_covers_two_zones_exists_once_and_stays_while_it_is_used() {
    let account = Account::new("500000000005").await;
    let subnets = account.subnets().await;
    let create = |count: usize| {
        let request = account.rds.create_db_subnet_group().db_subnet_group_name("Group");
        let ids = subnets.iter().take(count).cloned().collect();
        let request = request.db_subnet_group_description("d").set_subnet_ids(Some(ids));
        request.tags(Tag::builder().key("k").value("v").build()).send()
    };
    assert_eq!(code(create(1).await), "DBSubnetGroupDoesNotCoverEnoughAZs");
    create(2).await.unwrap();
    assert_eq!(code(create(2).await), "DBSubnetGroupAlreadyExists");
    let modify = account.rds.modify_db_subnet_group().db_subnet_group_name("group");
    let grown =
        modify.set_subnet_ids(Some(subnets.clone())).send().await.unwrap().db_subnet_group.unwrap();
    assert_eq!(grown.subnets().len(), 3);
    let tags =
        account.rds.list_tags_for_resource().resource_name(grown.db_subnet_group_arn().unwrap());
    assert_eq!(tags.send().await.unwrap().tag_list()[0].key(), Some("k"));
    let instance = account.rds.create_db_instance().db_instance_identifier("db").engine("postgres");
    let instance =
        instance.db_instance_class("db.t3.small").allocated_storage(20).master_username("u");
    let instance = instance.master_user_password("password-1").db_subnet_group_name("group");
    instance.send().await.unwrap();
    let delete = || account.rds.delete_db_subnet_group().db_subnet_group_name("group").send();
    assert_eq!(code(delete().await), "InvalidDBSubnetGroupStateFault");
    let subnet = account.ec2.delete_subnet().subnet_id(&subnets[0]).send();
    assert_eq!(code(subnet.await), "DependencyViolation");
    let gone =
        account.rds.delete_db_instance().db_instance_identifier("db").skip_final_snapshot(true);
    gone.send().await.unwrap();
    delete().await.unwrap();
    account.ec2.delete_subnet().subnet_id(&subnets[0]).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_classes_are_what_aws_offers() {
    let account = Account::new("500000000006").await;
    let versions =
        account.rds.describe_db_engine_versions().engine("postgres").send().await.unwrap();
    assert!(versions.db_engine_versions().iter().any(|it| it.engine_version() == Some("15.15")));
    let create = |class: &'static str, version: &'static str| {
        let request =
            account.rds.create_db_instance().db_instance_identifier("db").engine("postgres");
        let request = request.db_instance_class(class).allocated_storage(20).master_username("u");
        request.master_user_password("password-1").engine_version(version).send()
    };
    assert_eq!(code(create("db.t3.small", "13.13").await), "InvalidParameterCombination");
    account.aws.withhold("db.t3.small", None);
    account.aws.withhold("db.t3.micro", Some("eu-west-1a"));
    assert_eq!(code(create("db.t3.small", "15").await), "InvalidParameterCombination");
    let zones = async |class: &str| {
        let options = account.rds.describe_orderable_db_instance_options().engine("postgres");
        let options = options.db_instance_class(class).send().await.unwrap();
        let options = options.orderable_db_instance_options.unwrap_or_default();
        options.first().map_or(0, |option| option.availability_zones().len())
    };
    assert_eq!((zones("db.t3.small").await, zones("db.t3.micro").await), (0, 2));
    account.aws.offer_all();
    let made = create("db.t3.small", "15").await.unwrap().db_instance.unwrap();
    assert_eq!(made.engine_version(), Some("15.16"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_can_be_forced_and_an_endpoint_redirected() {
    let account = Account::new("500000000007").await;
    account.create("db").await;
    account.aws.set_status("db", Some("storage-full"));
    account.aws.set_endpoint("db", "127.0.0.1", 5433);
    let instance = account.read("db").await.unwrap();
    assert_eq!(instance.db_instance_status(), Some("storage-full"));
    let endpoint = instance.endpoint().unwrap();
    assert_eq!((endpoint.address(), endpoint.port()), (Some("127.0.0.1"), Some(5433)));
    account.aws.set_status("db", None);
    assert_eq!(account.status("db").await, "available");
}
