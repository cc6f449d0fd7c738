//! What a minted key may do, before a double that checks permissions.

use std::fmt::Debug;

use aws_sdk_s3::error::SdkError;
use proto::State;
use stack::{Doubles, Folder, Moto};

use crate::clients::with_key;
use crate::world::{World, name};

const OTHER: &str = "somebody-elses";

#[tokio::test(flavor = "multi_thread")]
async fn w47_a_minted_key_may_use_the_objects_of_its_bucket_and_nothing_else() {
    let folder = Folder::for_test().unwrap();
    let moto = Moto::start(folder.path()).await.unwrap();
    let doubles = Doubles { moto, localstack: None };
    let mut world = World::before(&doubles).await;
    world.start();
    let item = world.item("{}");
    world.settle(&item, State::Ready).await;
    world.s3_client().create_bucket().bucket(OTHER).send().await.unwrap();
    let (own, key) = (name(&item), world.keeper.values(&world.keeper.ids()[0]));
    doubles.moto.enforce_permissions().await.unwrap();

    let (s3, iam) = with_key(&doubles.moto, &key["keyId"], &key["secretKey"]);
    s3.put_object().bucket(&own).key("k").body(b"v".to_vec().into()).send().await.unwrap();
    s3.get_object().bucket(&own).key("k").send().await.unwrap();
    s3.list_objects_v2().bucket(&own).send().await.unwrap();
    s3.delete_object().bucket(&own).key("k").send().await.unwrap();

    refused(s3.get_object().bucket(OTHER).key("k").send().await);
    refused(s3.list_objects_v2().bucket(OTHER).send().await);
    refused(s3.put_object().bucket(OTHER).key("k").send().await);
    refused(s3.delete_bucket_policy().bucket(&own).send().await);
    refused(s3.delete_public_access_block().bucket(&own).send().await);
    refused(s3.delete_bucket().bucket(&own).send().await);
    refused(s3.list_buckets().send().await);
    refused(iam.create_access_key().user_name(&own).send().await);
    refused(iam.list_users().send().await);
    let (s3, _) = with_key(&doubles.moto, &key["keyId"], "a guess");
    refused(s3.list_objects_v2().bucket(&own).send().await);
}

fn refused<T, E: Debug>(answer: Result<T, SdkError<E>>) {
    let error = answer.err().expect("it was done");
    let status = error.raw_response().map(|response| response.status().as_u16());
    assert_eq!(status, Some(403), "{error:?}");
}
