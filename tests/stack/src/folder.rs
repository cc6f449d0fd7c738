//! Where one run keeps its data and logs.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

const LOCK: &str = "lock";
/// What a control plane, a bus and their logs need.
const ROOM_BYTES: u64 = 1 << 30;

/// A folder of this process alone. It stays for whoever reads the logs, until the next run of that kind removes what
/// no living process holds.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes `target/stack/<kind>-<random>`.
    pub fn make(kind: &str) -> anyhow::Result<Self> {
        Self::make_in(&target()?.join("stack"), kind)
    }

    /// For tests: in memory where there is room, because a disk that is busy with something else makes servers stand
    /// still.
    pub fn for_test() -> anyhow::Result<Self> {
        let in_memory = format!("/dev/shm/cloud-resource-operator-{}", nix::unistd::getuid());
        Self::make_in(Path::new(&in_memory), "test").or_else(|_| Self::make("test"))
    }

    fn make_in(parent: &Path, kind: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(parent)
            .with_context(|| format!("failed to make the folder {}", parent.display()))?;
        sweep(parent, kind)?;
        check_room(parent)?;
        let path = tempfile::Builder::new().prefix(&format!("{kind}-")).tempdir_in(parent)?.keep();
        let lock = File::create(path.join(LOCK))?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The target folder that this executable was built into: where the folder of its profile is.
pub fn target() -> anyhow::Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let profile = |folder: &&Path| folder.ends_with("debug") || folder.ends_with("release");
    let target = executable.ancestors().find(profile).and_then(Path::parent);
    Ok(target.context("this executable is in no target folder of cargo")?.to_owned())
}

fn sweep(parent: &Path, kind: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        let is_held = matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
        if name.starts_with(&format!("{kind}-")) && !is_held {
            // Another process may be sweeping too.
            let _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

fn check_room(folder: &Path) -> anyhow::Result<()> {
    let disk = nix::sys::statvfs::statvfs(folder)?;
    let free = disk.blocks_available() * disk.fragment_size();
    anyhow::ensure!(
        free >= ROOM_BYTES,
        "the disk of {} is full: {} MB are free, {} are needed",
        folder.display(),
        free >> 20,
        ROOM_BYTES >> 20
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stays_while_its_process_holds_it_and_goes_with_the_next_run_of_its_kind() {
        let held = Folder::make("held").unwrap();
        let left = Folder::make("left").unwrap().path().to_owned();
        Folder::make("held").unwrap();
        assert!(held.path().is_dir() && left.is_dir());
        Folder::make("left").unwrap();
        assert!(!left.exists());
    }
}
