//! When a field is as desired, and what changing it does. Pure.

use crate::aws::rds::{Instance, Setting};
use crate::change::Effect;

use super::super::version;

/// Storage, which AWS never makes smaller.
pub(super) fn grows_only(setting: &Setting) -> Option<i32> {
    match setting {
        Setting::AllocatedStorage(size) => Some(*size),
        _ => None,
    }
}

/// Whether it needs no change, pending ones aside.
pub(super) fn is_there(setting: &Setting, has: Option<&Setting>, found: &Instance) -> bool {
    match (setting, has) {
        // AWS grows storage by itself, and never shrinks it.
        (Setting::AllocatedStorage(size), _) => {
            let has_more = found
                .settings
                .iter()
                .any(|it| matches!(it, Setting::AllocatedStorage(storage) if storage >= size));
            has_more || (has.is_none() && found.storage().is_none())
        }
        (Setting::MaxAllocatedStorage(size), _) => {
            has == Some(setting) || found.storage().is_some_and(|storage| storage >= *size)
        }
        (Setting::BackupWindow(one), Some(Setting::BackupWindow(other)))
        | (Setting::MaintenanceWindow(one), Some(Setting::MaintenanceWindow(other))) => {
            one.eq_ignore_ascii_case(other)
        }
        // What AWS leaves out is off.
        (
            Setting::MultiAz(is_on)
            | Setting::DeletionProtection(is_on)
            | Setting::PubliclyAccessible(is_on)
            | Setting::AutoMinorVersionUpgrade(is_on)
            | Setting::CopyTagsToSnapshot(is_on)
            | Setting::IamAuthentication(is_on)
            | Setting::PerformanceInsights(is_on),
            None,
        ) => !is_on,
        // A port is not known until there is an endpoint.
        (Setting::Port(_) | Setting::MonitoringInterval(0) | Setting::BackupRetention(0), None) => {
            true
        }
        _ => has == Some(setting),
    }
}

/// What a change does
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>).
pub(super) fn effect(setting: &Setting, has: Option<&Setting>) -> Effect {
    match (setting, has) {
        (Setting::Class(_) | Setting::StorageType(_) | Setting::CaCertificate(_), _)
        | (Setting::BackupRetention(_), Some(Setting::BackupRetention(0)) | None) => {
            Effect::Restart
        }
        (Setting::EngineVersion(to), Some(Setting::EngineVersion(from)))
            if !version::is_major_change(from, to) =>
        {
            Effect::Restart
        }
        // The address changes; every backup goes; nobody comes back from a major version.
        (Setting::Port(_) | Setting::BackupRetention(0) | Setting::EngineVersion(_), _) => {
            Effect::Replace
        }
        _ => Effect::Harmless,
    }
}
