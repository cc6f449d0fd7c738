//! LocalStack and moto behind one proxy.

use stack::{Doubles, Folder, LocalStack, Moto, Proxy};

const IAM: &str = "Version=2010-05-08&UserName=u";

#[tokio::test(flavor = "multi_thread")]
async fn each_service_has_its_double_and_each_account_its_own_things() {
    let folder = Folder::for_test().unwrap();
    let localstack = Some(LocalStack::start(folder.path()).await.unwrap());
    let doubles = Doubles { moto: Moto::start(folder.path()).await.unwrap(), localstack };
    let [one, other] = ["111111111111", "222222222222"];
    for account in [one, other] {
        let aws = Proxy::start(&doubles, account).await.unwrap();
        let iam = async |action: &str, element: &str| {
            aws.query("iam", &format!("Action={action}&{IAM}"), element).await.unwrap()
        };
        assert_eq!(iam("ListUsers", "UserName").await, Vec::<String>::new());
        iam("CreateUser", "UserName").await;
        let key = iam("CreateAccessKey", "AccessKeyId").await;
        assert!(key[0].starts_with("LKIA"), "{key:?} is not of LocalStack");
        let identity = "Action=GetCallerIdentity&Version=2011-06-15";
        assert_eq!(aws.query("sts", identity, "Account").await.unwrap(), [account]);
        let quota = "Action=GetSendQuota&Version=2010-12-01";
        assert_eq!(aws.query("ses", quota, "Max24HourSend").await.unwrap(), ["200.0"]);
        assert_eq!(aws.buckets().await.unwrap(), Vec::<String>::new());
        let vpcs = "Action=DescribeVpcs&Version=2016-11-15";
        assert_eq!(aws.query("ec2", vpcs, "vpcId").await.unwrap().len(), 1);
    }
}
