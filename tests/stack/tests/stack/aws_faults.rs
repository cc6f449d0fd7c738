//! What goes wrong with AWS.

use aws_sdk_rds::error::SdkError;
use stack::Fault;

use crate::account::{Account, code};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_what_policies_must_allow() {
    let account = Account::new("510000000008").await;
    account.ec2.describe_vpcs().send().await.unwrap();
    account.rds.describe_db_instances().send().await.unwrap();
    account.cache.describe_update_actions().send().await.unwrap();
    account.iam.list_users().send().await.unwrap();
    let calls = account.aws.calls();
    let actions: Vec<String> = calls.iter().flat_map(stack::Call::actions).collect();
    let expected = [
        "ec2:DescribeVpcs",
        "rds:DescribeDBInstances",
        "elasticache:DescribeUpdateActions",
        "iam:ListUsers",
    ];
    assert_eq!(actions, expected);
    assert!(calls.iter().take(3).all(|call| call.region == "eu-west-1" && call.status == 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_request_has_no_effect_and_a_lost_answer_has() {
    let account = Account::new("510000000001").await;
    let create = || account.ec2.create_vpc().cidr_block("10.1.0.0/16").send();
    let count = async || account.ec2.describe_vpcs().send().await.unwrap().vpcs.unwrap().len();
    let before = count().await;
    account.aws.fail("CreateVpc", 1, Fault::RequestLost);
    assert!(matches!(create().await, Err(SdkError::DispatchFailure(_))));
    assert_eq!(count().await, before);
    account.aws.fail("CreateVpc", 1, Fault::AnswerCut);
    assert!(matches!(create().await, Err(SdkError::DispatchFailure(_))));
    assert_eq!(count().await, before + 1);
    account.aws.fail("CreateVpc", 1, Fault::AnswerLost);
    assert!(matches!(create().await, Err(SdkError::ServiceError(_))));
    assert_eq!(count().await, before + 2);
    let statuses: Vec<u16> = account
        .aws
        .calls()
        .iter()
        .filter(|it| it.operation == "CreateVpc")
        .map(|it| it.status)
        .collect();
    assert_eq!(statuses, [0, 0, 500]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_throttles_in_its_own_words() {
    let account = Account::new("510000000002").await;
    account.aws.fail("", 4, Fault::Throttled);
    assert_eq!(code(account.rds.describe_db_instances().send().await), "Throttling");
    assert_eq!(code(account.cache.describe_replication_groups().send().await), "Throttling");
    assert_eq!(code(account.ec2.describe_vpcs().send().await), "RequestLimitExceeded");
    assert_eq!(code(account.iam.list_users().send().await), "Throttling");
    account.aws.storm("rds", 100);
    assert_eq!(code(account.rds.describe_db_instances().send().await), "Throttling");
    account.ec2.describe_vpcs().send().await.unwrap();
    account.aws.storm("rds", 0);
    account.rds.describe_db_instances().send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_is_seen_late() {
    let account = Account::new("510000000003").await;
    account.aws.lag("CreateVpc", 3);
    account.aws.lag("CreateDBInstance", 2);
    account.aws.lag("CreateUser", 1);
    let vpc = account.ec2.create_vpc().cidr_block("10.1.0.0/16").send().await.unwrap().vpc.unwrap();
    let id = vpc.vpc_id.unwrap();
    let listed = async || {
        let answer = account.ec2.describe_vpcs().send().await.unwrap();
        answer.vpcs().iter().any(|it| it.vpc_id() == Some(&id))
    };
    assert_eq!(
        code(account.ec2.describe_vpcs().vpc_ids(&id).send().await),
        "InvalidVpcID.NotFound"
    );
    let subnet = || account.ec2.create_subnet().vpc_id(&id).cidr_block("10.1.0.0/24").send();
    assert_eq!(code(subnet().await), "InvalidVpcID.NotFound");
    assert!(!listed().await);
    assert!(listed().await);
    subnet().await.unwrap();
    account.create("db").await;
    assert_eq!(account.read("db").await.unwrap_err(), "DBInstanceNotFound");
    let page = account.rds.describe_db_instances().send().await.unwrap();
    assert!(page.db_instances().is_empty());
    account.read("db").await.unwrap();
    account.iam.create_user().user_name("u").send().await.unwrap();
    assert_eq!(code(account.iam.get_user().user_name("u").send().await), "NoSuchEntity");
    account.iam.get_user().user_name("u").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_holds_until_it_is_lifted() {
    let account = Account::new("510000000004").await;
    account.aws.quota("CreateVpc", Some(2));
    let create = || account.ec2.create_vpc().cidr_block("10.1.0.0/16").send();
    create().await.unwrap();
    assert_eq!(code(create().await), "VpcLimitExceeded");
    account.aws.quota("CreateVpc", None);
    create().await.unwrap();
    account.aws.quota("CreateDBInstance", Some(0));
    let request = account.rds.create_db_instance().db_instance_identifier("db").engine("postgres");
    let request = request.db_instance_class("db.t3.small");
    assert_eq!(code(request.send().await), "InstanceQuotaExceeded");
    account.aws.quota("CreateUser", Some(0));
    assert_eq!(code(account.iam.create_user().user_name("u").send().await), "LimitExceeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_code_is_answered_as_often_as_asked() {
    let account = Account::new("510000000005").await;
    account.aws.fail("DescribeDBInstances", 2, Fault::Answered(403, "ExpiredToken"));
    for _ in 0..2 {
        assert_eq!(code(account.rds.describe_db_instances().send().await), "ExpiredToken");
    }
    account.rds.describe_db_instances().send().await.unwrap();
    account.aws.fail("DescribeVpcs", 1, Fault::Answered(403, "UnauthorizedOperation"));
    assert_eq!(code(account.ec2.describe_vpcs().send().await), "UnauthorizedOperation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_keys_or_policies_is_not_deleted() {
    let account = Account::new("510000000006").await;
    account.iam.create_user().user_name("u").send().await.unwrap();
    let key = account.iam.create_access_key().user_name("u").send().await.unwrap();
    let delete = || account.iam.delete_user().user_name("u").send();
    assert_eq!(code(delete().await), "DeleteConflict");
    let key = key.access_key.unwrap().access_key_id;
    account.iam.delete_access_key().user_name("u").access_key_id(key).send().await.unwrap();
    delete().await.unwrap();
    assert_eq!(code(delete().await), "NoSuchEntity");
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_come_in_pages_as_small_as_asked() {
    let account = Account::new("510000000007").await;
    for id in ["a", "b", "c", "d", "e"] {
        account.create(id).await;
        account.iam.create_user().user_name(id).send().await.unwrap();
    }
    account.aws.page_size(2);
    let (mut marker, mut sizes) = (None, Vec::new());
    loop {
        let page = account.rds.describe_db_instances().set_marker(marker).send().await.unwrap();
        sizes.push(page.db_instances().len());
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [2, 2, 1]);
    let vpcs = account.ec2.describe_subnets().send().await.unwrap();
    assert!(vpcs.subnets().len() == 2 && vpcs.next_token().is_some());
    let users = account.iam.list_users().send().await.unwrap();
    assert!(users.users().len() == 2 && users.is_truncated() && users.marker().is_some());
    let wrong = account.rds.describe_db_instances().marker("x").send().await;
    assert_eq!(code(wrong), "InvalidParameterValue");
}
