//! Reasons of conditions: one stable word per class. Each says what the user does next.

/// The resource exists as desired. Nothing to do.
pub const PROVISIONED: &str = "Provisioned";
/// The desired state is published and a provisioner will act on it. Nothing to do.
pub const SCHEDULED: &str = "Scheduled";
/// The Secrets are written. Nothing to do.
pub const SECRET_WRITTEN: &str = "SecretWritten";
/// The provider is working. Wait.
pub const PROVISIONING: &str = "Provisioning";
/// The object is being deleted; the message says what is still there. Wait.
pub const DELETING: &str = "Deleting";
/// `skipCreate` is set: the resource is observed only. Remove `skipCreate` to go on.
pub const PAUSED: &str = "Paused";
/// A change waits for its maintenance window. Wait, or set `maintenanceWindow` to apply it now.
pub const CHANGE_PENDING: &str = "ChangePending";
/// A snapshot waits for the resource of its claim to be there. Wait, or look at that claim.
pub const WAITING_FOR_RESOURCE: &str = "WaitingForResource";
/// A ConfigMap is missing or cannot be read. The administrator corrects the entry that the message names; then it goes on.
pub const WAITING_FOR_CONFIG: &str = "WaitingForConfig";
/// The operator has no credentials of the provider yet. The administrator gives it some as docs/aws.md says; then it goes on.
pub const WAITING_FOR_CREDENTIALS: &str = "WaitingForCredentials";
/// The provider does not accept the operator's credentials. They are read again; when it lasts, the administrator renews them.
pub const CREDENTIALS_REJECTED: &str = "CredentialsRejected";
/// The operator holds its own calls back, so that the provider need not. Wait; when it lasts, add replicas or accounts.
pub const WAITING_FOR_API_BUDGET: &str = "WaitingForApiBudget";
/// The provider asked to slow down. Wait; when it lasts, ask for a higher request rate.
pub const THROTTLED: &str = "Throttled";
/// The provider or the network is not reachable. Wait; when it lasts, check endpoint, network and credentials.
pub const TRANSIENT: &str = "Transient";
/// A quota or capacity is exhausted. Raise the quota or free some; then it goes on.
pub const QUOTA: &str = "Quota";

/// What was asked is impossible. Correct the field that the message names.
pub const INVALID: &str = "Invalid";
/// The claim's type is not mapped to a provider for this kind. Choose a mapped type, or have it added to the ConfigMap.
pub const UNSUPPORTED_TYPE: &str = "UnsupportedType";
/// The strategy has no such tier. Choose one that it has, or have it added to the ConfigMap.
pub const UNSUPPORTED_TIER: &str = "UnsupportedTier";
/// The type maps to a provider that this operator does not serve, such as gcp. Choose another type.
pub const UNSUPPORTED_PROVIDER: &str = "UnsupportedProvider";
/// `secretRef.namespace` is not the claim's. Leave it out, and read the Secret in the claim's namespace.
pub const NAMESPACE_REFUSED: &str = "NamespaceRefused";
/// The Secret belongs to somebody else, or to another claim. Choose another name, or delete that Secret.
pub const SECRET_TAKEN: &str = "SecretTaken";
/// Something of the resource's name exists and is not ours. Remove it, or adopt it as the message says.
pub const FOREIGN: &str = "Foreign";
/// Going on could lose data, such as when a database vanished. Decide as the message says.
pub const NEEDS_PERSON: &str = "NeedsPerson";

/// Those that can pass by themselves, or need nothing.
const CALM: [&str; 15] = [
    PROVISIONED,
    SCHEDULED,
    SECRET_WRITTEN,
    PROVISIONING,
    DELETING,
    PAUSED,
    CHANGE_PENDING,
    WAITING_FOR_RESOURCE,
    WAITING_FOR_CONFIG,
    WAITING_FOR_CREDENTIALS,
    CREDENTIALS_REJECTED,
    WAITING_FOR_API_BUDGET,
    THROTTLED,
    TRANSIENT,
    QUOTA,
];

/// Those that no retry can heal: somebody must change something first.
const NEED_CHANGE: [&str; 8] = [
    INVALID,
    UNSUPPORTED_TYPE,
    UNSUPPORTED_TIER,
    UNSUPPORTED_PROVIDER,
    NAMESPACE_REFUSED,
    SECRET_TAKEN,
    FOREIGN,
    NEEDS_PERSON,
];

/// Whether somebody must change something before a retry can help.
pub fn needs_change(reason: &str) -> bool {
    NEED_CHANGE.contains(&reason)
}

/// All of these words.
pub fn all() -> impl Iterator<Item = &'static str> {
    CALM.into_iter().chain(NEED_CHANGE)
}

/// Whether it is one of these words: what users read is documented, whatever a worker calls it.
pub fn is_known(reason: &str) -> bool {
    all().any(|known| known == reason)
}

/// The reason for an error class, by the class's text (`needs-person`); `None` for a text that names no class.
pub fn of_class(class: &str) -> Option<&'static str> {
    Some(match class {
        "pending" => PROVISIONING,
        "throttled" => THROTTLED,
        "transient" => TRANSIENT,
        "quota" => QUOTA,
        "invalid" => INVALID,
        "foreign" => FOREIGN,
        "needs-person" => NEEDS_PERSON,
        _ => return None,
    })
}
