//! Why a claim cannot be served as it stands.

use crds::conditions::reasons;

/// What the user reads: a reason, what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// One of [`reasons`].
    pub(crate) reason: &'static str,
    /// What is wrong and what to do.
    pub(crate) message: String,
    /// Another operator serves the claim: nothing of it may be touched but a condition that says so.
    pub(crate) is_untouchable: bool,
}

impl Problem {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), is_untouchable: false }
    }

    /// A ConfigMap that cannot be read.
    pub(crate) fn config(place: &str, cause: &str) -> Self {
        let message = format!("deployment configuration not found: {place}: {cause}");
        Self::new(reasons::WAITING_FOR_CONFIG, message)
    }

    /// A ConfigMap that was there and is gone.
    pub(crate) fn config_gone(namespace: &str, name: &str) -> Self {
        Self::config(
            &format!("ConfigMap {name} in namespace {namespace}"),
            "it was there and is gone; restore it",
        )
    }

    /// A claim that another operator serves.
    pub(crate) fn untouchable(provider: &str) -> Self {
        let message = format!("claims of {provider} are left as they are");
        Self { is_untouchable: true, ..Self::new(reasons::UNSUPPORTED_PROVIDER, message) }
    }
}
