//! What is there, as values.

use crate::aws::elasticache::{Group, Member, Setting, Update, Version};
use crate::tags::Tags;
use crate::version::is_older;

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The replication group, if it exists.
    pub group: Option<Group>,
    /// Its members; `None` when they were not needed.
    pub members: Option<Vec<Member>>,
    /// Its tags; `None` when they were not needed, or AWS does not tell them in its state.
    pub tags: Option<Tags>,
    /// Somebody keeps its token, if it needs one.
    pub has_password: bool,
    /// Versions that AWS offers; `None` when they were not needed, or AWS may not be asked.
    pub offered: Option<Vec<Version>>,
    /// Service updates that AWS has for it.
    pub updates: Vec<Update>,
    /// Its own maintenance window is open.
    pub is_in_window: bool,
}

impl Observed {
    /// Its value of the field of `like`: the group's, or that of its members. While members are upgraded one after the
    /// other, the oldest version counts.
    pub fn setting(&self, like: &Setting) -> Option<&Setting> {
        let of_group = self.group.as_ref().and_then(|group| group.setting(like));
        of_group.or_else(|| {
            self.members()
                .flat_map(|it| &it.settings)
                .filter(|it| same_field(it, like))
                .reduce(older)
        })
    }

    /// What of that field AWS has accepted and not applied yet.
    pub fn pending(&self, like: &Setting) -> Option<&Setting> {
        self.all_pending().find(|it| same_field(it, like))
    }

    /// All that AWS has accepted and not applied yet.
    pub fn all_pending(&self) -> impl Iterator<Item = &Setting> {
        let of_group = self.group.iter().flat_map(|group| &group.pending);
        of_group.chain(self.members().flat_map(|member| &member.pending))
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().flatten()
    }
}

fn same_field(one: &Setting, other: &Setting) -> bool {
    one.field() == other.field()
}

fn older<'a>(one: &'a Setting, other: &'a Setting) -> &'a Setting {
    match (one, other) {
        (Setting::EngineVersion(a), Setting::EngineVersion(b)) if is_older(b, a) => other,
        _ => one,
    }
}

/// What a status of AWS means
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is being made.
    Creating,
    /// It answers and takes changes.
    Available,
    /// It answers, and is in the middle of something.
    Serving,
    /// It may not answer for a moment, and comes back by itself.
    Interrupted,
    /// It does not come back by itself.
    Stuck,
    /// It is going.
    Deleting,
}

impl Phase {
    /// The meaning of a status; one that is not known is not taken for the end.
    pub fn of(status: &str) -> Self {
        match status {
            "creating" => Self::Creating,
            "available" => Self::Available,
            "modifying" | "snapshotting" => Self::Serving,
            "create-failed" => Self::Stuck,
            "deleting" => Self::Deleting,
            _ => Self::Interrupted,
        }
    }
}

/// Whether AWS can take a snapshot of a group in this state: one that was never made holds nothing.
pub fn takes_snapshot(status: &str) -> bool {
    status != "create-failed"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w34_what_answers_is_not_taken_for_unfinished() {
        for status in ["modifying", "snapshotting"] {
            assert_eq!(Phase::of(status), Phase::Serving);
        }
        assert_eq!(Phase::of("a status of next year"), Phase::Interrupted);
        assert_eq!(Phase::of("create-failed"), Phase::Stuck);
    }

    #[test]
    fn the_oldest_version_of_the_members_counts() {
        let member = |version: &str| {
            let settings = vec![Setting::EngineVersion(version.into())];
            Member { settings, ..Member::default() }
        };
        let like = Setting::EngineVersion(String::new());
        for versions in [["7.1.0", "6.2.6"], ["6.2.6", "7.1.0"]] {
            let members = Some(versions.map(member).into());
            let observed = Observed { members, ..Observed::default() };
            assert_eq!(observed.setting(&like), Some(&Setting::EngineVersion("6.2.6".into())));
        }
        assert_eq!(Observed::default().setting(&like), None);
    }
}
